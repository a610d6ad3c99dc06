package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/api"
)

// Without a terminal of its own it works as a filter.
func TestTTYTellsByItsExitStatus(t *testing.T) {
	s, whole := startServing(t), t
	for _, c := range []struct {
		name, script, input string
		flags               []string
		status              int
		stdout, stderr      string // parts of them
	}{
		{name: "a script", script: "import os\nprint(os.environ['E'], os.get_terminal_size().columns, input())", input: "typed\n", flags: []string{"--env", "E=e"}, stdout: "e 80 typed\r\n"},
		{name: "an open line at the end", script: "import sys\nprint(repr(sys.stdin.read()))", input: "one\ntwo", stdout: "'one\\ntwo'\r\n"},
		{name: "an interactive Python", input: "6 * 7\n", stdout: "42"},
		{name: "an exception", script: "1/0", status: 1, stdout: "ZeroDivisionError"},
		{name: "an exit", script: "raise SystemExit(7)", status: 7},
		{name: "a timeout", script: "while True: pass", flags: []string{"--limit", "wall_ms=300"}, status: 124, stderr: "timeout: the terminal reached its limit of wall"},
		{name: "a signal", script: "import ctypes\nctypes.string_at(0)", status: 139, stderr: "SIGSEGV"},
		{name: "a refusal", flags: []string{"--profile", "nix"}, status: 2, stderr: "unknown_profile"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"tty", "--limit", "wall_ms=20000"}, c.flags...)
			if c.script != "" {
				file := filepath.Join(t.TempDir(), "script.py")
				if err := os.WriteFile(file, []byte(c.script), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--script", file)
			}
			cmd := hotcell(whole, append(args, s.URL)...) // with the server's state directory
			cmd.Stdin = strings.NewReader(c.input)
			status, stdout, stderr := testkit.Outcome(t, cmd)
			if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("%d\nstdout: %q\nstderr: %s", status, stdout, stderr)
			}
		})
	}
	s.stop()
}

// The whole program in a real terminal: tmux.
func TestTTYInTmux(t *testing.T) {
	s := startServing(t, "--preload", "numpy,pandas")
	terminal := startTmux(t, s, "100", "30")
	before := terminal.modes("before")
	if !strings.Contains(before, " echo ") {
		t.Fatalf("stty -a says %q", before)
	}
	terminal.hotcell("tty", "status")
	terminal.shows("numpy as np, pandas as pd")
	terminal.keys("import os; os.get_terminal_size()", "Enter")
	terminal.shows("columns=100")
	terminal.run("resize-window", "-t", "main", "-x", "120", "-y", "40")
	terminal.keys("np.arange(10).sum() * 11", "Enter")
	terminal.shows("495")
	terminal.keys("os.get_terminal_size()", "Enter")
	terminal.shows("columns=120, lines=40.*\n>>>")
	terminal.keys("print('be' + 'gun') or all(iter(lambda: 2, 1))", "Enter") // for ever
	terminal.shows("begun")                                                  // Ctrl-C drops what has not been read
	terminal.keys("C-c")
	terminal.shows("KeyboardInterrupt")
	terminal.keys("print('gr' + 'üße')", "Enter")
	terminal.shows("grüße\n>>>") // a key that comes before the prompt may be lost
	terminal.keys("Up", "Enter") // the previous line
	terminal.shows("grüße\n>>> print.*\ngrüße\n>>>")
	terminal.keys("C-d")
	terminal.shows("status 0")
	if screen := terminal.screen(); strings.Count(screen, "\ngrüße") != 2 {
		t.Errorf("the history does not work:\n%s", screen)
	}
	if after := terminal.modes("after"); after != before {
		t.Errorf("the terminal is not as it was:\n%s\n%s", before, after)
	}
	terminal.hotcell("tty", "left")
	terminal.shows("pd, Ctrl-D ends\n>>>")
	terminal.keys("C-]")
	terminal.shows("left 130")
	if after := terminal.modes("escaped"); after != before {
		t.Errorf("the terminal is not as it was:\n%s\n%s", before, after)
	}
	s.stop()
}

// onPTY is hotcell tty on a terminal that the test controls.
type onPTY struct {
	*exec.Cmd
	t      *testing.T
	slave  *os.File
	master *os.File
	seen   *testkit.Log
	read   sync.WaitGroup
}

func startOnPTY(t *testing.T, url string) *onPTY {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	p := &onPTY{Cmd: hotcell(t, "tty", url), t: t, master: master, slave: slave, seen: new(testkit.Log)}
	p.Stdin, p.Stdout, p.Stderr = slave, slave, p.seen
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.read.Go(func() { _, _ = io.Copy(p.seen, master) })
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
		_ = slave.Close()
		p.read.Wait()
		_ = master.Close()
	})
	return p
}

func (p *onPTY) expect(what string) {
	p.t.Helper()
	for range 500 {
		if strings.Contains(p.seen.String(), what) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("%q does not show: %q", what, p.seen.String())
}

func modesOf(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	modes, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *modes
}

// However it ends, the user's terminal is restored.
func TestTTYPutsTheTerminalBack(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    func(p *onPTY, server *serving)
		status int
		says   string
	}{
		{"Ctrl-D", func(p *onPTY, _ *serving) { p.types("\x04") }, 0, ""},
		{"Ctrl-]", func(p *onPTY, _ *serving) { p.types("typed\x1dmore") }, 130, ""},
		{"SIGTERM", func(p *onPTY, _ *serving) { _ = p.Process.Signal(syscall.SIGTERM) }, 143, "terminated"},
		{"SIGHUP", func(p *onPTY, _ *serving) { _ = p.Process.Signal(syscall.SIGHUP) }, 129, "hangup"},
		{"SIGINT", func(p *onPTY, _ *serving) { _ = p.Process.Signal(syscall.SIGINT) }, 130, "interrupt"},
		{"the server is killed", func(_ *onPTY, s *serving) { s.Signal(syscall.SIGKILL) }, 125, "the terminal's connection ended"},
		{"the server drains", func(_ *onPTY, s *serving) { s.Signal(syscall.SIGTERM) }, 137, "SIGKILL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startServing(t, "--drain-grace", "100ms")
			p := startOnPTY(t, s.URL)
			before := modesOf(t, p.slave)
			p.expect(">>> ")
			if modesOf(t, p.slave) == before {
				t.Error("it was never raw")
			}
			c.end(p, s)
			if err := p.Wait(); p.ProcessState.ExitCode() != c.status {
				t.Errorf("%v, want %d: %q", err, c.status, p.seen.String())
			}
			if after := modesOf(t, p.slave); after != before {
				t.Errorf("the terminal is not as it was: %+v, was %+v", after, before)
			}
			p.expect(c.says)
			p.expect(resetSequences)
			if c.name == "the server is killed" {
				_ = s.Wait()
				next := startServing(t) // removes what the other left
				next.stop()
				return
			}
			s.stop()
		})
	}
}

func (p *onPTY) types(keys string) {
	p.t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

func TestAStoppedTTYGivesTheTerminalBackMeanwhile(t *testing.T) {
	s := startServing(t)
	p := startOnPTY(t, s.URL)
	before := modesOf(t, p.slave)
	p.expect(">>> ")
	raw := modesOf(t, p.slave)
	_ = p.Process.Signal(syscall.SIGTSTP)
	s.Eventually("it is as it was", func() bool { return modesOf(t, p.slave) == before })
	_ = p.Process.Signal(syscall.SIGCONT)
	s.Eventually("it is raw again", func() bool { return modesOf(t, p.slave) == raw })
	p.types("6 * 7\r")
	p.expect("42")
	p.expect(">>> ")
	p.types("\x04")
	if err := p.Wait(); err != nil {
		t.Errorf("%v %q", err, p.seen.String())
	}
	s.stop()
}

func TestAPanicPutsTheTerminalBack(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	before := modesOf(t, slave)
	s := &screen{in: slave, out: slave}
	if err := s.raw(); err != nil || modesOf(t, slave) == before {
		t.Fatalf("not raw: %v", err)
	}
	func() {
		defer func() {
			if thrown := recover(); thrown != "lost" {
				t.Errorf("the panic became %v", thrown)
			}
		}()
		s.guard(func() { panic("lost") })
	}()
	if after := modesOf(t, slave); after != before {
		t.Errorf("%+v, was %+v", after, before)
	}
}

// A server that is not hotcell, or is hostile, can do nothing but write to the
// terminal.
func TestTTYEndsWithWhateverServer(t *testing.T) {
	const broken = "the terminal's connection ended"
	for _, c := range []struct {
		name, says string
		status     int
		stderr     string
	}{
		{"says nothing", "", 125, broken},
		{"no JSON", "{", 125, broken},
		{"too much", strings.Repeat(" ", 2<<20), 125, broken},
		{"an exit without its code", `{"exit":{"status":"exited"}}`, 1, ""},
		{"a signal without its name", `{"exit":{"status":"killed"}}`, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{api.TTYProtocol}})
				if err != nil {
					t.Error(err)
					return
				}
				_, _, _ = conn.Read(r.Context())
				if c.says != "" {
					_ = conn.Write(t.Context(), websocket.MessageText, []byte(c.says))
				}
				_ = conn.CloseNow()
			}))
			defer server.Close()
			status, stdout, stderr := testkit.Outcome(t, hotcell(t, "tty", server.URL))
			if status != c.status || stdout != "" || !strings.Contains(stderr, c.stderr) {
				t.Errorf("%d %q %q", status, stdout, stderr)
			}
		})
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if status, _, stderr := testkit.Outcome(t, hotcell(t, "tty", server.URL)); status != 125 || !strings.Contains(stderr, "404") {
		t.Errorf("%d %q", status, stderr)
	}
}
