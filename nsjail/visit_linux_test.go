package nsjail_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// A program is a visitor in its session: it has names of its own and ends as a program
// does, with its own threads and exit handlers, and the session goes on with what it had.
func TestAProgramLeavesASessionAsItWas(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		const executor = "from concurrent.futures import ThreadPoolExecutor\n"
		for _, programFirst := range []bool{false, true} {
			s := newSession(t, mode)
			program := func(j *nsjail.Job) { j.Mode = protocol.ScriptProgram }
			if programFirst {
				if got := s.call("import sys\nprint(sys.argv, __name__)", program); string(got.Stdout) != "['script.py'] __main__\n" || got.Status != protocol.StatusOK {
					t.Errorf("%s %q %+v", got.Status, got.Stdout, got.Error)
				}
			}
			for _, c := range []struct {
				of, script string // of: "session" or "program"
				want       string // the result, or what is printed
			}{
				{"session", "x = 1\nimport atexit, tempfile, threading, time, weakref\natexit.register(print, 'exit of the session')\n" +
					"kept = tempfile.TemporaryDirectory(); threading.Thread(target=time.sleep, args=(3600,)).start()\n" +
					executor + "own = ThreadPoolExecutor(2); own.submit(abs, -1).result()", `1`},
				{"program", "print('x' in globals(), __name__); y = 2", "False __main__\n"},
				{"session", "['x' in globals(), 'y' in globals(), __import__('os').path.isdir(kept.name), own.submit(abs, -2).result()]", `[true,false,true,2]`},
				{"program", "import atexit, threading, time\natexit.register(lambda: print('exit')); atexit.unregister(atexit.register(print, 'never'))\n" +
					"threading.Thread(target=lambda: (time.sleep(0.1), print('joined'))).start()", "joined\nexit\n"},
				{"program", "import atexit\natexit.register(print, 'exit'); atexit.register(lambda: 1 / 0); print('end')", "end\nexit\n"},
				{"program", executor + "import time\npool = ThreadPoolExecutor(2); pool.submit(lambda: (time.sleep(0.1), print('done')))", "done\n"},
				{"session", "own.submit(abs, -3).result()", `3`},
				{"session", executor + "with ThreadPoolExecutor(2) as pool: r = list(pool.map(abs, [-1, -2]))\nr", `[1,2]`},
				{"program", "import weakref\nclass A: pass\na = A(); weakref.finalize(a, print, 'finalized')", "finalized\n"},
				{"program", "import weakref\nclass A: pass\na = A(); weakref.finalize(a, print, 'finalized')", "finalized\n"},
				{"session", "class A: pass\na = A(); f = weakref.finalize(a, print); del a; f.alive", `false`},
				{"session", "import gc\ngc.disable(); fired = []; a = A(); a.a = a; f = weakref.finalize(a, fired.append, 1); del a\nfired", `[]`},
				{"program", "import gc; print(gc.collect() > 0)", "True\n"},
				{"session", "gc.enable()\n[fired, f.alive]", `[[1],false]`},
				{"session", "import asyncio\nasyncio.run(asyncio.to_thread(abs, -4))", `4`},
				{"session", "import signal\n[sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), kept is not None]", `[[],true]`},
				{"program", "import signal, sys\nprint(signal.pthread_sigmask(signal.SIG_BLOCK, []), sys.getrecursionlimit())", "set() 1000\n"},
				{"program", "import sys; print(open(__file__).read()); sys.exit(3)", "import sys; print(open(__file__).read()); sys.exit(3)\n"},
				{"program", "\n\ndef f(): return 1 / 0  # here\nf()", ""},
				{"session", "x", `1`},
			} {
				if c.of == "session" {
					if got := s.call(c.script); string(got.Result) != c.want || got.Ended {
						t.Errorf("%q: %s %s, want %s; %+v", c.script, got.Status, got.Result, c.want, got.Error)
					}
					continue
				}
				got := s.call(c.script, program)
				out := string(got.Stdout)
				if out != c.want || got.Ended || got.ExitCode == nil {
					t.Errorf("%q: %s %q, want %q; %+v %s", c.script, got.Status, out, c.want, got.Error, got.Stderr)
				}
				if strings.Contains(c.script, "# here") && (got.Error == nil || *got.Error.Line != 3 || !strings.Contains(string(got.Stderr), "# here")) {
					t.Errorf("its traceback: %s", got.Stderr)
				}
				if strings.Contains(c.script, "1 / 0);") && !strings.Contains(string(got.Stderr), "ZeroDivisionError") {
					t.Errorf("its exit handler: %s", got.Stderr)
				}
			}
		}
	})
}

// A program is interrupted as every call is, whether it is the first or a later one.
func TestAProgramOfASessionIsInterrupted(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	for range 2 {
		got := s.call("print('begun', flush=True)\nwhile True: pass", func(j *nsjail.Job) {
			j.Mode = protocol.ScriptProgram
			j.Output = func(nsjail.Stream, []byte) { s.cell.Interrupt() }
		})
		if got.Status != protocol.StatusException || got.Error.Type != "KeyboardInterrupt" || got.Ended {
			t.Errorf("%s %q %+v", got.Status, got.Stdout, got.Error)
		}
		if got := s.call("1 + 1"); string(got.Result) != "2" {
			t.Errorf("afterwards: %s %+v", got.Status, got.Error)
		}
	}
}

// However the script interrupts the end of a call, the session gets back what it had.
func TestACallWhoseEndIsInterruptedLeavesASessionAsItWas(t *testing.T) {
	const begin = "import atexit, weakref\nbefore = atexit.register, atexit.unregister, weakref.finalize._registry"
	for _, script := range []string{
		// A hook interrupts the description of the error, and another the description of that.
		"import sys\ndef late(frame, event, _):\n if (event, frame.f_code.co_name) == ('call', 'describe'): raise KeyboardInterrupt\nsys.settrace(late); sys.setprofile(late)\n1 / 0",
		// A handler raises all the time, while the error is shown and described, too.
		raisesAllTheTime + "E.__str__ = lambda e: late(); signal.setitimer(signal.ITIMER_REAL, 0.001, 1e-4)\nwhile True: pass",
		// Faster than the handler returns.
		raisesAllTheTime + "signal.setitimer(signal.ITIMER_REAL, 0.001, 5e-6)\nwhile True: pass",
	} {
		for _, mode := range []protocol.ScriptMode{protocol.ScriptProgram, protocol.ScriptFunction, protocol.ScriptCell} {
			s := newSession(t, protocol.ModeFork)
			s.call(begin)
			got := s.call(script, func(j *nsjail.Job) { j.Mode, j.Limits.Wall = mode, 3*time.Second })
			if got.Status == protocol.StatusTimeout {
				continue // on a slow machine, only the handler runs
			}
			if got.Ended {
				t.Fatalf("%s %q: %s %v %s", mode, script, got.Status, got.Error, got.Stderr)
			}
			if got := s.call("[before == (atexit.register, atexit.unregister, weakref.finalize._registry)]"); string(got.Result) != "[true]" {
				t.Errorf("after %s %q: %s %s %+v", mode, script, got.Status, got.Result, got.Error)
			}
		}
	}
}

const raisesAllTheTime = "import signal\nclass E(BaseException): pass\ndef late(*_): raise E\nsignal.signal(signal.SIGALRM, late); "
