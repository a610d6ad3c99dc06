package testkit

import (
	"bytes"
	"errors"
	"os/exec"
	"regexp"
	"testing"
)

// Server is a running `hotcell serve`.
type Server struct {
	*Program
	URL string
}

var servingAt = regexp.MustCompile(`msg=serving address=(\S+)`)

// Serve starts a command line of `hotcell serve`, and waits until it is ready.
func Serve(t testing.TB, cmd *exec.Cmd) *Server {
	t.Helper()
	s := &Server{Program: Start(t, cmd)}
	s.Eventually("it serves", func() bool {
		found := servingAt.FindStringSubmatch(s.Log.String())
		if found != nil {
			s.URL = "http://" + found[1]
		}
		return found != nil
	})
	return s
}

// Outcome runs a command line to its end.
func Outcome(t testing.TB, cmd *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}
