package nsjail_test

import (
	"context"
	"errors"
	"fmt"

	"strings"

	"sync/atomic"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// bothPrints runs a test in both spawn modes, with a log and without one.
func bothPrints(t *testing.T, test func(t *testing.T, jail *nsjail.Jail)) {
	t.Helper()
	for _, c := range []struct {
		name    string
		mode    protocol.Mode
		without []string
	}{{"fork", protocol.ModeFork, nil}, {"exec", protocol.ModeExec, nil}, {"without a log", protocol.ModeFork, []string{nsjail.ShortcutPrintLog}}} {
		t.Run(c.name, func(t *testing.T) {
			host, _ := ownHost(t, c.without...)
			p := profile(t, c.mode)
			p.Preload, p.Warmup = nil, "def main(): print(end='')"
			jail, err := host.StartJail(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = jail.Close() })
			test(t, jail)
		})
	}
}

// printed is what prints of n numbers make.
func printed(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintln(&text, i)
	}
	return text.String()
}

// What was printed is there, to the last byte, however the cell died. The last piece has no
// newline, and ends with bytes that memory has anyway.
func TestNothingThatWasPrintedIsLost(t *testing.T) {
	ends := []struct {
		name, end string
		status    protocol.Status
	}{
		{"it ends", "", protocol.StatusOK},
		{"it raises", "raise ValueError", protocol.StatusException},
		{"sys.exit", "sys.exit(3)", protocol.StatusExited},
		{"os._exit", "os._exit(3)", protocol.StatusExited},
		{"C's _exit", "ctypes.CDLL(None)._exit(3)", protocol.StatusExited},
		{"a segmentation fault", "ctypes.string_at(8)", protocol.StatusKilled},
		{"abort", "os.abort()", protocol.StatusKilled},
		{"the wall clock", "time.sleep(60)", protocol.StatusTimeout},
		{"too much memory", "bytes(1 << 40) and [b'x' * (1 << 20) for _ in iter(int, 1)]", protocol.StatusMemoryLimit},
		{"its channel is closed", "os.close(3); time.sleep(60)", protocol.StatusTimeout},
		{"the output is closed", "os.close(1)", protocol.StatusOK},
		{"sys.stdout is gone", "sys.stdout = sys.__stdout__ = None", protocol.StatusOK},
		{"sys.stdout is detached", "sys.stdout.detach()", protocol.StatusOK},
	}
	bothPrints(t, func(t *testing.T, jail *nsjail.Jail) {
		for _, n := range []int{3, 30_000} { // in the log; mostly in the pipe
			for _, c := range ends {
				if n > 3 && c.status == protocol.StatusOK && c.end != "" {
					continue
				}
				t.Run(fmt.Sprintf("%d prints, %s", n, c.name), func(t *testing.T) {
					t.Parallel()
					l := limits
					if c.status == protocol.StatusTimeout {
						l.Wall = slowness * 4 * time.Second // it prints before
					}
					if strings.Contains(c.name, "memory") {
						l.MemoryBytes, c.end = 128<<20, "[bytearray(b'x' * (1 << 20)) for _ in iter(int, 1)]"
					}
					verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Limits: l, Script: fmt.Sprintf(`
import ctypes, os, sys, time
def main():
    for i in range(%d): print(i)
    sys.stdout.write("end"); print("\0\0", end="")
    %s
`, n, c.end)})
					if err != nil {
						t.Fatal(err)
					}
					if want := printed(n) + "end\x00\x00"; string(verdict.Stdout) != want {
						t.Errorf("%d bytes instead of %d: …%q", len(verdict.Stdout), len(want), verdict.Stdout[max(0, len(verdict.Stdout)-60):])
					}
					if verdict.Status != c.status {
						t.Errorf("%s %+v %s", verdict.Status, verdict.Error, verdict.Stderr)
					}
				})
			}
		}
	})
}

func TestWhatIsPrintedComesInOrder(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"os.write", `print("a"); os.write(1, b"b\n"); print("c"); os.writev(1, [b"d", b"\n"]); print("e")`, "a\nb\nc\nd\ne\n"},
		{"another file at its descriptor", `print("a"); own = os.dup(1); file = os.open("f", os.O_CREAT | os.O_RDWR); os.dup2(file, 1); print("b"); c = os.pread(file, 10, 0); os.dup2(own, 1); print(c); os._exit(0)`, "a\nb'b\\n'\n"},
		{"stderr at its descriptor", `os.dup2(1, 2); print("a"); print("b", file=sys.stderr); print("c"); print("d", file=sys.stderr)`, "a\nb\nc\nd\n"},
		{"a copy of its descriptor", `print("a"); own = os.dup(1); os.write(own, b"b\n"); print("c"); os.write(own, b"d\n")`, "a\nb\nc\nd\n"},
		{"a child", `print("a"); subprocess.run(["echo", "b"]); print("c"); os.system("echo d"); print("e"); os.posix_spawn("/bin/echo", ["echo", "f"], {}); os.wait(); print("g")`, "a\nb\nc\nd\ne\nf\ng\n"},
		{"a fork", "print('a')\n    if not (pid := os.fork()): print('b'); sys.stdout.write('c\\n'); os._exit(0)\n    os.waitpid(pid, 0); print('d')", "a\nb\nc\nd\n"},
		{"a fork that is killed", "print('a')\n    if not (pid := os.fork()): print('b'); os.kill(os.getpid(), 9)\n    os.waitpid(pid, 0); print('d')", "a\nb\nd\n"},
		{"multiprocessing", "print('a')\n    p = multiprocessing.get_context('fork').Process(target=print, args=('b',)); p.start(); p.join(); print('c')", "a\nb\nc\n"},
		{"exec", `print("a"); os.execvp("echo", ["echo", "b"])`, "a\nb\n"},
		{"exec of a descriptor", `print(os.execve in os.supports_fd); os.execve(os.open("/bin/echo", os.O_RDONLY), ["echo", "b"], {})`, "True\nb\n"},
		{"C after a flush", `print("a", flush=True); LIBC.printf(b"b\n"); print("c"); sys.stdout.flush(); LIBC.puts(b"d"); print("e")`, "a\nb\nc\nd\ne\n"},
		{"the buffer", `print("a"); sys.stdout.buffer.write(b"b\n"); sys.stdout.buffer.write(memoryview(bytearray(b"c\n"))); sys.stdout.buffer.writelines([b"d", b"\n"]); print("e")`, "a\nb\nc\nd\ne\n"},
		{"more than the log has room for", `print("a"); print("x" * 300_000); print("b")`, "a\n" + strings.Repeat("x", 300_000) + "\nb\n"},
		{"a stream of its own", `print("a"); own = io.TextIOWrapper(sys.stdout.buffer, write_through=True); print("b", file=own); sys.stdout = own; print("c")`, "a\nb\nc\n"},
		{"reconfigured", `print("a"); sys.stdout.reconfigure(line_buffering=True, errors="replace"); print("b"); sys.stdout.reconfigure(write_through=False); print("c")`, "a\nb\nc\n"},
		{"redirected", "print('a')\n    with contextlib.redirect_stdout(io.StringIO()): print('lost')\n    print('b')", "a\nb\n"},
		{"a write that was kept, in a child", "write = sys.stdout.buffer.write; pid = os.fork()\n    for _ in range(60_000): write(b'x')\n    if not pid: os.kill(os.getpid(), 9)\n    os.waitpid(pid, 0); print()", strings.Repeat("x", 120_000) + "\n"},
		{"a write that was kept, into another file", `write = sys.stdout.buffer.write; print("a"); own = os.dup(1); file = os.open("f", os.O_CREAT | os.O_RDWR); os.dup2(file, 1); write(b"b\n"); c = os.pread(file, 10, 0); os.dup2(own, 1); print(c)`, "a\nb'b\\n'\n"},
		{"threads", "threads = [threading.Thread(target=lambda: [print('x', end='') for _ in range(20_000)]) for _ in range(4)]\n    for t in threads: t.start()\n    for t in threads: t.join()\n    print()", strings.Repeat("x", 80_000) + "\n"},
		{"a signal handler that prints", "signal.signal(signal.SIGALRM, lambda *_: print('!', end=''))\n    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n    for _ in range(60_000): sys.stdout.write('x')\n    signal.setitimer(signal.ITIMER_REAL, 0)", strings.Repeat("x", 60_000)},
	}
	bothPrints(t, func(t *testing.T, jail *nsjail.Jail) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Limits: limits, Script: `
import contextlib, ctypes, io, multiprocessing, os, signal, subprocess, sys, threading
LIBC = ctypes.CDLL(None)
def main():
    ` + c.script})
				if err != nil {
					t.Fatal(err)
				}
				got := strings.ReplaceAll(string(verdict.Stdout), "!", "")
				if got != c.want {
					t.Errorf("%d bytes instead of %d: %.200q, %s %+v %s", len(got), len(c.want), got, verdict.Status, verdict.Error, verdict.Stderr)
				}
			})
		}
	})
}

// Somebody who reads while a script runs sees what it asks before it waits.
func TestAReaderSeesAPromptBeforeTheScriptGoesOn(t *testing.T) {
	bothPrints(t, func(t *testing.T, jail *nsjail.Jail) {
		for _, program := range []protocol.ScriptMode{"", protocol.ScriptProgram, protocol.ScriptCell} {
			seen := errors.New("seen")
			ctx, over := context.WithCancelCause(t.Context())
			var all atomic.Pointer[string]
			all.Store(new(string))
			l := limits
			l.Wall = time.Minute
			script := "import time\ndef main():\n    print('line'); print('Name: ', end=''); time.sleep(300)\n"
			if program != "" {
				script += "main()"
			}
			_, err := spawn(t, jail).Run(ctx, nsjail.Job{Limits: l, Mode: program, Script: script, Output: func(_ nsjail.Stream, data []byte) {
				text := *all.Load() + string(data)
				all.Store(&text)
				if text == "line\nName: " {
					over(seen)
				}
			}})
			if !errors.Is(err, seen) {
				t.Errorf("%q: it saw %q, %v", program, *all.Load(), err)
			}
		}
	})
}

// The calls of a session print as they did, whether somebody reads meanwhile or not.
func TestEachCallOfASessionHasWhatItPrinted(t *testing.T) {
	bothPrints(t, func(t *testing.T, jail *nsjail.Jail) {
		cell := spawn(t, jail)
		for n, c := range []struct {
			script string
			live   bool
		}{{"print('a'); print('b', end='')", false}, {"print('a'); print('b', end='')", true}, {"print('a'); print('b', end='')", false},
			{"for i in range(20_000): print('a')", false}, {"for i in range(20_000): print('a')", true}, {"print('a'); print('b', end='')", false}} {
			job := nsjail.Job{Limits: limits, Script: c.script}
			var live strings.Builder
			if c.live {
				job.Output = func(_ nsjail.Stream, data []byte) { live.Write(data) }
			}
			verdict, err := cell.Call(t.Context(), t.Context(), job)
			want := "a\nb"
			if strings.Contains(c.script, "range") {
				want = strings.Repeat("a\n", 20_000)
			}
			if err != nil || string(verdict.Stdout) != want || c.live && live.String() != want {
				t.Errorf("call %d: %d bytes, %d live, %v %+v", n, len(verdict.Stdout), live.Len(), err, verdict.Error)
			}
		}
		for n, live := range []bool{false, true} {
			// A result is encoded, and a write was kept from the call before.
			job := nsjail.Job{Limits: limits, Script: "import sys\ndef main():\n    globals().setdefault('write', sys.stdout.buffer.write)(b'a\\n')\n    yield print('b')\n"}
			if live {
				job.Output = func(nsjail.Stream, []byte) {}
			}
			verdict, err := cell.Call(t.Context(), t.Context(), job)
			if err != nil || string(verdict.Stdout) != "a\nb\n" {
				t.Errorf("encoding %d: %q, %v %+v", n, verdict.Stdout, err, verdict.Error)
			}
		}
		verdict, err := cell.Call(t.Context(), t.Context(), nsjail.Job{Limits: limits, Script: "import os\nprint('last'); os._exit(1)"})
		if err != nil || string(verdict.Stdout) != "last\n" {
			t.Errorf("the last call: %q, %v", verdict.Stdout, err)
		}
	})
}

func TestTheWayOfPrintingIsTold(t *testing.T) {
	bothPrints(t, func(t *testing.T, jail *nsjail.Jail) {
		why := whyNot(t, jail, nsjail.ShortcutPrintLog)
		if wanted := strings.Contains(t.Name(), "without"); (why != "") != wanted {
			t.Errorf("%q", why)
		}
	})
}
