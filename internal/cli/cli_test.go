package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
)

func TestErrorsArePrintedWithTheirHint(t *testing.T) {
	lost := errors.New("lost")
	for _, c := range []struct {
		err    error
		status int
		want   string
	}{
		{lost, 125, "hotcell: lost\n"},
		{errors.Join(lost, lost), 125, "hotcell: lost\nhotcell: lost\n"},
		{fmt.Errorf("look: %w", cli.Hint(lost, "look again")), 125, "hotcell: look: lost\nhint: look again\n"},
		{cli.Exit(cli.ExitUsage, fmt.Errorf("listen: %w", syscall.EADDRINUSE)), 2, "hotcell: listen: address already in use\nhint: another program listens there; choose another address, with --listen or in the setting that is named\n"},
		{&net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)}, 125, "hotcell: listen tcp: bind: permission denied\nhint: ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another one with --listen\n"},
		{fmt.Errorf("run: %w", cli.Usagef("no %q", "x")), 2, "hotcell: run: no \"x\"\n"},
	} {
		var out bytes.Buffer
		if cli.Complain(&out, c.err); out.String() != c.want {
			t.Errorf("%q, want %q", &out, c.want)
		}
		if status := cli.Status(c.err); status != c.status {
			t.Errorf("%v: status %d, want %d", c.err, status, c.status)
		}
	}
	if cli.Exit(cli.ExitOK, nil) != nil || cli.Status(nil) != cli.ExitOK || cli.Hint(nil, "x") != nil {
		t.Error("success is an error")
	}
}

func TestOneDashIsAsGoodAsTwoBeforeTheNameOfAFlag(t *testing.T) {
	for _, c := range []struct {
		args []string
		text string
		rest []string
	}{
		{[]string{"say", "--text", "x"}, "x", nil},
		{[]string{"say", "-text", "x"}, "x", nil},
		{[]string{"say", "-text=x", "y"}, "x", []string{"y"}},
		{[]string{"say", "--text", "-1"}, "-1", nil},
		{[]string{"say", "--", "-text"}, "", []string{"-text"}},
	} {
		var text string
		var rest []string
		root, say := &cobra.Command{Use: "test"}, &cobra.Command{Use: "say", Run: func(_ *cobra.Command, args []string) { rest = args }}
		say.Flags().StringVar(&text, "text", "", "what to say")
		root.AddCommand(say)
		os.Args = append([]string{"test"}, c.args...)
		if status := cli.Main(root); status != 0 || text != c.text || fmt.Sprint(rest) != fmt.Sprint(c.rest) {
			t.Errorf("%q: %d %q %q", c.args, status, text, rest)
		}
	}
}

func TestAnAddressIsThatOfTheArgumentOrOfTheEnvironment(t *testing.T) {
	t.Setenv(cli.URLEnv, "")
	if got := cli.OptionalURL(nil); got != client.DefaultURL {
		t.Error(got)
	}
	t.Setenv(cli.URLEnv, "http://b")
	if got := cli.OptionalURL(nil) + cli.OptionalURL([]string{"http://a"}); got != "http://bhttp://a" {
		t.Error(got)
	}
}
