package nsjail_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// calls are the calls of one cell.
type calls struct {
	t    *testing.T
	cell *nsjail.Cell
}

func newSession(t *testing.T, mode protocol.Mode) calls {
	return calls{t, spawn(t, theJail(t, mode))}
}

func (s calls) call(script string, change ...func(*nsjail.Job)) nsjail.Verdict {
	s.t.Helper()
	job := nsjail.Job{Script: script, Limits: limits}
	for _, c := range change {
		c(&job)
	}
	verdict, err := s.cell.Call(context.Background(), context.Background(), job)
	if err != nil {
		s.t.Fatal(err)
	}
	return verdict
}

func TestNamesAndFilesStayBetweenCalls(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		s := newSession(t, mode)
		stdin := func(text string) func(*nsjail.Job) { return func(j *nsjail.Job) { j.Stdin = text } }
		for i, c := range []struct {
			script string
			change []func(*nsjail.Job)
			want   string // status, limit, result, stdout
		}{
			{script: "x = 20\nx + 1", want: "ok  21 "},
			{script: "print(x); x += 1", want: "ok  null 20\n"},
			{script: "def main(a): return x + a", change: []func(*nsjail.Job){func(j *nsjail.Job) { j.Args = []byte("[100]") }}, want: "ok  121 "},
			{script: "main(1)", want: "ok  22 "}, // a main of an earlier call is an ordinary name
			{script: "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})", want: "ok  null "},
			{script: "df", want: `ok  [{"a":1},{"a":2}] `},
			{script: "open('f', 'w').write('kept')", want: "ok  4 "},
			{script: "open('f').read()", want: `ok  "kept" `},
			{script: "input()", change: []func(*nsjail.Job){stdin("one\ntwo\n")}, want: `ok  "one" `},
			{script: "input()", change: []func(*nsjail.Job){stdin("three")}, want: `ok  "three" `}, // two is gone
			{script: "import sys; sys.stdin.read()", want: `ok  "" `},
			{script: "open('in').read()", change: []func(*nsjail.Job){func(j *nsjail.Job) { j.Files = []protocol.File{{Path: "in", Content: []byte("given")}} }}, want: `ok  "given" `},
			{script: "1 / 0", want: "exception   "},
			{script: "def broken(:", want: "syntax_error   "},
			{script: "x", want: "ok  21 "},
			{script: "for name in ('stdout', 'fd/1'): open('/dev/' + name, 'w').write(name + '\\n')", want: "ok  null stdout\nfd/1\n"},
			{script: "import os; os.close(1); open('/dev/stdout', 'w').write('again\\n')", want: "ok  6 again\n"},
			{script: "os.dup2(os.open('/dev/stdout', os.O_WRONLY), 1)", want: "ok  1 "},
			{script: "object()", want: "ok  null "},
			{script: "it = iter([7])\nit", want: "ok  null "}, // looking at it does not use it up
			{script: "next(it)", want: "ok  7 "},
			{script: "'y' * (5 << 20)", want: "output_limit result  "},
			{script: "import signal\nsignal.alarm(0)\nsignal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()", want: "ok  true "},
			{script: "__name__", want: `ok  "__main__" `},
			{script: "import sys; print(1); sys.exit(7)", want: "exited   1\n"}, // it ends the call, not the session
			{script: "x", want: "ok  21 "},
			{script: "def main(): return __name__", want: `ok  "script" `},
			{script: "def run(): print('ran')\nif __name__ == '__main__':\n run()", want: "ok  null ran\n"},
			{script: "def main(): print('once'); return 6\nmain()", want: "ok  6 once\n"},
			{script: "def main(n): print(n)\nx = main(3)", want: "ok  null 3\n"},
			{script: "def main(*a): print(a)\nif len('abc') > 5: main(3)", want: "ok  null ()\n"},
			{script: "def main(*a): print(a)\nx = [main(3) for _ in []]\ntry: pass\nexcept ValueError: main(3)", want: "ok  null ()\n"},
			{script: "def main(*a): print(a)\nif __name__ != '__main__': main(3)", want: "ok  null (3,)\n"},
			{script: "if __name__ == '__main__':\n def main(*a): print(a, __name__)\n main(3)", want: "ok  null (3,) __main__\n"},
			{script: "import sent; sent.x", change: []func(*nsjail.Job){func(j *nsjail.Job) { j.Files = []protocol.File{{Path: "sent.py", Content: []byte("x = 5")}} }}, want: "ok  5 "},
			{script: "", want: "ok  null "},
		} {
			got := s.call(c.script, c.change...)
			if said := string(got.Status) + " " + string(got.Limit) + " " + string(got.Result) + " " + string(got.Stdout); said != c.want || got.Ended {
				t.Errorf("call %d, %s: %q, want %q; error %+v, ended %v", i+1, c.script, said, c.want, got.Error, got.Ended)
			}
		}
	})
}

// What a script puts where a later call's files belong is replaced or refused, and never waited for.
func TestALaterCallDoesNotWaitForWhatTheScriptPutInItsWay(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	s.call("import os\nos.mkfifo('sent')\nfor name in os.listdir('/box/etc'):\n os.unlink('/box/etc/' + name); os.mkfifo('/box/etc/' + name)")
	for _, holds := range []string{"", "held = os.open('sent', os.O_RDWR)"} { // a reader and none
		s.call(holds)
		got := s.call("1", func(j *nsjail.Job) { j.Files = []protocol.File{{Path: "sent", Content: []byte("x")}} })
		if got.Status != protocol.StatusException || got.Error.Type != "OSError" || !strings.Contains(got.Error.Message, "sent") || got.Ended {
			t.Errorf("a file that is sent: %s %+v", got.Status, got.Error)
		}
	}
	got := s.call("[int(os.environ['HOTCELL_MEMORY_BYTES']), open('/proc/meminfo').readline(), open('/dev/stdin').read()]", func(j *nsjail.Job) {
		j.Limits.MemoryBytes, j.Stdin = 100<<20, "in"
	})
	if want := `[104857600,"MemTotal: 102400 kB\n","in"]`; string(got.Result) != want || got.Ended {
		t.Errorf("another limit: %s %s, want %s; %+v", got.Status, got.Result, want, got.Error)
	}
}

func TestTracebacksOfASessionShowTheCallThatRaised(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	s.call("def old():\n    raise ValueError('of old')  # here")
	got := s.call("1\n2\nold()")
	if got.Error == nil || got.Error.Type != "ValueError" || *got.Error.Line != 3 ||
		!strings.Contains(got.Error.Traceback, `File "script-2.py", line 3`) || !strings.Contains(got.Error.Traceback, "raise ValueError('of old')  # here") {
		t.Errorf("%+v", got.Error)
	}
	if got := s.call("\n\nx = ("); got.Status != protocol.StatusSyntaxError || *got.Error.Line != 3 {
		t.Errorf("%s %+v", got.Status, got.Error)
	}
}

// A call's file has its own source, and the one before is gone: a long session does not fill its disk.
func TestEachCallHasAFileOfItsOwn(t *testing.T) {
	for _, mode := range []protocol.ScriptMode{"", protocol.ScriptCell} {
		s := newSession(t, protocol.ModeFork)
		in := func(j *nsjail.Job) { j.Mode = mode }
		for _, c := range []struct{ call, want string }{
			{"import inspect, os\nopen(__file__).read()[:10]", `"import ins"`},
			{"class A: second = 2\n[os.path.basename(__file__), inspect.getsource(A)]", `["script-2.py","class A: second = 2\n"]`},
			{"\nclass A: third = 3\n[os.path.basename(__file__), inspect.getsource(A), sorted(os.listdir('/box/script'))]", `["script-3.py","class A: third = 3\n",["script-3.py","script.py"]]`},
		} {
			if got := s.call(c.call, in); string(got.Result) != c.want {
				t.Errorf("mode %q: %s %s, want %s; %+v", mode, got.Status, got.Result, c.want, got.Error)
			}
		}
	}
}

// A limit of a call applies to that call, and ends the cell.
func TestEachCallHasItsOwnLimits(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	tight := func(j *nsjail.Job) {
		j.Limits.CPU, j.Limits.Wall = slowness*1500*time.Millisecond, slowness*time.Minute // a busy machine takes long for the same CPU time
	}
	for range 4 {
		if got := s.call("import time\nt = time.process_time()\nwhile time.process_time() - t < 0.5: pass", tight); got.Status != protocol.StatusOK {
			t.Fatalf("%s %s %+v", got.Status, got.Limit, got.Error)
		}
	}
	got := s.call("print('here')\nwhile True: pass", tight)
	if got.Status != protocol.StatusTimeout || got.Limit != protocol.LimitCPU || !got.Ended || string(got.Stdout) != "here\n" {
		t.Errorf("%s %s ended=%v", got.Status, got.Limit, got.Ended)
	}
	if _, err := s.cell.Call(context.Background(), context.Background(), nsjail.Job{Script: "1", Limits: limits}); !errors.Is(err, nsjail.ErrCellLost) {
		t.Errorf("a call in a dead cell: %v", err)
	}
}

func TestACallMayEndTheSession(t *testing.T) {
	for script, want := range map[string]protocol.Status{
		"import os; os._exit(3)":                        protocol.StatusExited,
		"import ctypes; ctypes.string_at(0)":            protocol.StatusKilled,
		"x = [bytearray(1 << 20) for _ in range(4096)]": protocol.StatusMemoryLimit,
		"while True: print('x' * 1000)":                 protocol.StatusOutputLimit,
	} {
		if got := newSession(t, protocol.ModeFork).call(script); got.Status != want || !got.Ended {
			t.Errorf("%s: %s ended=%v, want %s", script, got.Status, got.Ended, want)
		}
	}
}

// What runs between calls is limited, too.
func TestACellAtRestHasLimits(t *testing.T) {
	testkit.NeedsJails(t)
	for name, c := range map[string]struct {
		script string
		status protocol.Status
		limit  protocol.Limit
	}{
		"CPU time": {"import threading\ndef spin():\n  while True: pass\nthreading.Thread(target=spin).start()", protocol.StatusTimeout, protocol.LimitCPU},
		"memory":   {"import threading, time\ndef fill():\n  time.sleep(2); x = [bytearray(1 << 20) for _ in range(4096)]\nthreading.Thread(target=fill).start()", protocol.StatusMemoryLimit, protocol.LimitMemory},
		"an end":   {"import threading, time, os\ndef end():\n  time.sleep(2); os._exit(7)\nthreading.Thread(target=end).start()", protocol.StatusExited, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t, protocol.ModeFork)
			if got := s.call(c.script); got.Status != protocol.StatusOK {
				t.Fatalf("%s %+v", got.Status, got.Error)
			}
			tight := limits
			tight.CPU = slowness * 3 * time.Second
			if c.limit == protocol.LimitCPU {
				tight.CPU /= 10
			}
			got, died := s.cell.Rest(t.Context(), tight)
			if !died || got.Status != c.status || got.Limit != c.limit || !got.Ended {
				t.Errorf("%v %s %s", died, got.Status, got.Limit)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		s := newSession(t, protocol.ModeFork)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, died := s.cell.Rest(ctx, limits); died {
			t.Error("it died")
		}
		if got := s.call("1"); got.Status != protocol.StatusOK {
			t.Errorf("%s", got.Status)
		}
	})
}

func TestOutputComesAsItIsWritten(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		var mu sync.Mutex
		seen := make(map[nsjail.Stream]string)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := spawn(t, theJail(t, mode)).Run(ctx, nsjail.Job{
			Script: "import sys\ndef main():\n print('one'); print('two', file=sys.stderr)\n import time; time.sleep(60)", Limits: limits,
			Output: func(stream nsjail.Stream, data []byte) {
				mu.Lock()
				defer mu.Unlock()
				if seen[stream] += string(data); seen[nsjail.Stdout] == "one\n" && seen[nsjail.Stderr] == "two\n" {
					cancel() // long before the script's end
				}
			},
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", err, seen)
		}
	})
}

// A slow reader slows the script down. Nothing is lost, and nothing piles up.
func TestASlowReaderMakesTheScriptWait(t *testing.T) {
	release := make(chan struct{})
	first := true
	got, err := spawn(t, theJail(t, protocol.ModeFork)).Run(t.Context(), nsjail.Job{
		Script: `import os, fcntl, time
def main():
    os.set_blocking(1, False)
    written = 0
    try:
        while True: written += os.write(1, b"x" * 4096)
    except BlockingIOError: pass
    os.write(2, b".")
    return written
`, Limits: limits,
		Output: func(stream nsjail.Stream, _ []byte) {
			switch {
			case stream == nsjail.Stderr:
				close(release)
			case first:
				first = false
				<-release // until the script has found the pipe full
			}
		},
	})
	if err != nil || got.Status != protocol.StatusOK || len(got.Stdout) > 512<<10 || len(got.Stdout) == 0 {
		t.Errorf("%v: %s %d bytes", err, got.Status, len(got.Stdout))
	}
}
