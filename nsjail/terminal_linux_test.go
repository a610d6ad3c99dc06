package nsjail_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// session is a cell that runs on a terminal, and its user.
type session struct {
	t        testing.TB
	terminal *nsjail.Terminal
	hangUp   context.CancelFunc
	ended    chan struct{}
	verdict  nsjail.Verdict // when it has ended
	err      error

	mu   sync.Mutex
	pid  int
	seen bytes.Buffer
	from int // in seen: where expect goes on
	eof  bool
}

// onTerminal runs a job on a terminal of 80 columns and 24 rows. Its output is not
// read before watch is called.
func onTerminal(t testing.TB, mode protocol.Mode, job nsjail.Job) *session {
	t.Helper()
	if job.Limits == (nsjail.Limits{}) {
		job.Limits = limits
	}
	if job.Env == nil {
		job.Env = map[string]string{"TERM": "xterm"}
	}
	jail := theJail(t, mode)
	terminal, err := jail.OpenTerminal(80, 24)
	if err != nil {
		t.Fatal(err)
	}
	cell := spawn(t, jail)
	ctx, cancel := context.WithCancel(context.Background())
	s := &session{t: t, terminal: terminal, pid: cell.PID(), hangUp: cancel, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		s.verdict, s.err = cell.RunTerminal(ctx, job, terminal)
	}()
	t.Cleanup(func() {
		cancel()
		<-s.ended
		if err := terminal.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// watch reads everything that arrives from now on.
func (s *session) watch() *session {
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := s.terminal.Read(buffer)
			s.mu.Lock()
			s.seen.Write(buffer[:n])
			s.eof = err != nil
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

func (s *session) text() (text string, eof bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen.String(), s.eof
}

// expect waits until what appears on the terminal, after the text that was expected
// before.
func (s *session) expect(what string) {
	s.t.Helper()
	for end := time.Now().Add(slowness * testkit.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text, eof := s.text()
		if at := strings.Index(text[s.from:], what); at >= 0 {
			s.from += at + len(what)
			return
		}
		if eof {
			break
		}
	}
	text, _ := s.text()
	s.t.Fatalf("%q does not show:\n%q", what, text[s.from:])
}

func (s *session) types(keys string) {
	s.t.Helper()
	if _, err := s.terminal.Write([]byte(keys)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) end() nsjail.Verdict {
	s.t.Helper()
	<-s.ended
	if s.err != nil {
		s.t.Fatal(s.err)
	}
	return s.verdict
}

func TestAScriptOnATerminalIsOnATerminal(t *testing.T) {
	const script = `
import os, signal, sys, termios
def tried(call):
    try: return call()
    except OSError as e: return type(e).__name__
def main():
    print([os.isatty(fd) for fd in range(3)], os.get_terminal_size(), os.tcgetpgrp(0) == os.getpgrp(), os.getsid(0) == os.getpid())
    print("name", tried(lambda: os.ttyname(0)), tried(lambda: open("/dev/tty")), tried(lambda: open("/dev/stderr", "w")), tried(lambda: open("/dev/fd/1", "r+")))
    print("blocking", os.get_blocking(0), "fds", [fd for fd in range(20) if tried(lambda: os.fstat(fd)) != "OSError" and fd > 2])
    print("echo", bool(termios.tcgetattr(0)[3] & termios.ECHO))
    print("you said", input("say: "))
    print("error", file=sys.stderr)
`
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := onTerminal(t, mode, nsjail.Job{Script: script}).watch()
		s.expect("[True, True, True] os.terminal_size(columns=80, lines=24) True True\r\n")
		s.expect("name OSError FileNotFoundError OSError FileNotFoundError\r\n")
		s.expect("blocking True fds [3]\r\n")
		s.expect("echo True\r\n")
		s.expect("say: ")
		s.types("grüße\n")
		s.expect("you said grüße\r\nerror\r\n")
		v := s.end()
		if v.Status != protocol.StatusOK || v.Limit != "" || *v.Usage.CPU <= 0 || *v.Usage.PeakMemoryBytes == 0 {
			t.Errorf("%+v", v)
		}
	})
}

func TestEveryEndOfATerminalHasItsVerdict(t *testing.T) {
	testkit.NeedsJails(t)
	short := limits
	short.Wall = slowness * 2 * time.Second
	spin := limits
	spin.CPU = 200 * time.Millisecond
	small := limits
	small.MemoryBytes = 64 << 20
	cases := []struct {
		name, script string
		limits       nsjail.Limits
		want         string // status, limit, exit code, signal
		shows        string
	}{
		{name: "the end of main", script: "def main(): return object()", want: "ok"},
		{name: "the end of a script without main", script: "print('bare')", want: "ok", shows: "bare\r\n"},
		{name: "an exception", script: "def main(): return 1/0", want: "exception", shows: "ZeroDivisionError: division by zero\r\n"},
		{name: "an error of syntax", script: "def main(:", want: "syntax_error", shows: "SyntaxError"},
		{name: "an exit", script: "import sys\nprint('bye')\nsys.exit(3)", want: "exited 3", shows: "bye\r\n"},
		{name: "an exit with a text", script: "raise SystemExit('why')", want: "exited 1", shows: "why\r\n"},
		{name: "the wall clock", script: "print('tick', end='')\nimport time\ntime.sleep(60)", limits: short, want: "timeout wall", shows: "tick"},
		{name: "CPU time", script: "while True: pass", limits: spin, want: "timeout cpu"},
		{name: "memory", script: "x = [bytearray(1 << 20) for _ in range(4096)]", limits: small, want: "memory_limit memory"},
		{name: "a crash", script: "import ctypes\nctypes.string_at(0)", want: "killed SIGSEGV"},
		{name: "a forged answer", script: "import os\nos.write(3, b'xxxxxxxxxx')\ninput()", want: "killed SIGKILL"},
		{name: "the terminal is closed", script: "import os, time\nfor fd in range(3): os.close(fd)\nos._exit(4)", want: "exited 4"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: c.script, Limits: c.limits}).watch()
			v := s.end()
			got := strings.Join(strings.Fields(fmt.Sprint(v.Status, " ", v.Limit, " ", exitCode(v), " ", v.Signal)), " ")
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if c.shows != "" {
				s.expect(c.shows)
			}
		})
	}
}

func exitCode(v nsjail.Verdict) string {
	if v.ExitCode == nil {
		return ""
	}
	return fmt.Sprint(*v.ExitCode)
}

func TestAnInteractiveInterpreter(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := onTerminal(t, mode, nsjail.Job{}).watch()
		s.expect("numpy as np, pandas as pd, Ctrl-D ends\r\n")
		s.expect(">>> ")
		s.types("1+1\n")
		s.expect("\n2\r\n")
		s.types("np.arange(3).sum()\n")
		s.expect("3")
		s.types("pd.__name__, _\n")
		s.expect("('pandas', ")
		s.types("impo\tsys\n")
		s.expect("import sys")
		s.expect(">>> ")
		s.types("sys.platf\t\n")
		s.expect("sys.platform")
		s.expect("'linux'")
		s.types("6 * 7 # again\n")
		s.expect("\n42\r\n")
		s.types("\x1b[A\n") // up
		s.expect("6 * 7 # again")
		s.expect("\n42\r\n")
		s.types("while True: pass\n\n\x03")
		s.expect("KeyboardInterrupt\r\n")
		s.expect(">>> ")
		s.types("typing\x03")
		s.expect("KeyboardInterrupt\r\n")
		s.types("1/0\n")
		s.expect("ZeroDivisionError")
		s.types("__name__, 'hist' + 'ory'\n")
		s.expect("('__main__', 'history')")
		s.expect(">>> ")
		s.types("\x04")
		if v := s.end(); v.Status != protocol.StatusOK {
			t.Errorf("%+v", v)
		}
	})
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{}).watch()
	s.expect(">>> ")
	s.types("exit(5)\n")
	if v := s.end(); v.Status != protocol.StatusExited || exitCode(v) != "5" {
		t.Errorf("%+v", v)
	}
}

func TestATerminalIsResized(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import os, signal, time
signal.signal(signal.SIGWINCH, lambda *_: print("now", *os.get_terminal_size()))
print("ready")
while True: time.sleep(0.05) # a signal that comes just before a read waits for its end`}).watch()
	s.expect("ready")
	if err := s.terminal.Resize(132, 50); err != nil {
		t.Fatal(err)
	}
	s.expect("now 132 50\r\n")
}

func TestSignalsReachWhomTheyAreFor(t *testing.T) {
	testkit.NeedsJails(t)
	const script = `
import os, signal, sys, time
def told(number, _):
    print("child" if os.getpid() != main_pid else "main", signal.Signals(number).name)
    if os.getpid() != main_pid: os._exit(0)
main_pid = os.getpid()
for name in %q.split():
    signal.signal(getattr(signal, name), told)
if %d and os.fork() == 0: # a job in the foreground, as a shell would start it
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    os.tcsetpgrp(0, os.getpid())
    print("ready")
    while True: time.sleep(1)
if not %[2]d: print("ready")
while True: time.sleep(1)
`
	cases := []struct {
		send, handled string
		job           int
		shows         string
		want          string
	}{
		{"SIGINT", "", 0, "KeyboardInterrupt", "exception"},
		{"SIGINT", "SIGINT", 0, "main SIGINT", ""},
		{"SIGINT", "SIGINT", 1, "child SIGINT", ""},
		{"SIGQUIT", "SIGQUIT", 1, "child SIGQUIT", ""},
		{"SIGTSTP", "SIGTSTP", 0, "main SIGTSTP", ""},
		{"SIGUSR1", "SIGUSR1", 1, "main SIGUSR1", ""},
		{"SIGTERM", "SIGTERM", 1, "main SIGTERM", ""},
		{"SIGQUIT", "", 0, "", "exited 131"},
		{"SIGTERM", "", 0, "", "exited 143"},
		{"SIGHUP", "", 0, "", "exited 129"},
		{"SIGKILL", "", 0, "", "killed SIGKILL"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.send, c.handled, c.job), func(t *testing.T) {
			s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: fmt.Sprintf(script, c.handled, c.job)}).watch()
			s.expect("ready\r\n") // its end is a write of its own, and would mix with the handler's
			if err := s.terminal.Signal(c.send); err != nil {
				t.Fatal(err)
			}
			s.expect(c.shows)
			if c.want == "" {
				return
			}
			v := s.end()
			if got := strings.TrimSpace(strings.Join(strings.Fields(fmt.Sprint(v.Status, " ", exitCode(v), " ", v.Signal)), " ")); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestKeysAreSignals(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: "print('ready')\nwhile True: pass"}).watch()
	s.expect("ready")
	s.types("\x1a") // Ctrl-Z: nothing could continue it, so the kernel does not stop it
	s.types("\x03")
	s.expect("KeyboardInterrupt")
	if v := s.end(); v.Status != protocol.StatusException {
		t.Errorf("%+v", v)
	}
}

func TestAProgramOnTheTerminalDiesOfSignalsAsAnywhere(t *testing.T) {
	s := onTerminal(t, protocol.ModeFork, nsjail.Job{Script: `
import os, signal, time
child = os.fork()
if child == 0:
    print("ready")
    while True: time.sleep(1)
_, status = os.waitpid(child, 0) if signal.signal(signal.SIGQUIT, signal.SIG_IGN) else (0, 0)
print("died of", signal.Signals(os.WTERMSIG(status)).name)`}).watch()
	s.expect("ready")
	s.types("\x1c") // Ctrl-\
	s.expect("died of SIGQUIT\r\n")
	if v := s.end(); v.Status != protocol.StatusOK {
		t.Errorf("%+v", v)
	}
}
