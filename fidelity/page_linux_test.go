package fidelity_test

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

const page = "../docs/differences.md"

// sights are what docs/differences.md says, in its words, with a script that shows it:
// what it prints without a jail, and in a cell. An empty cell prints the same.
var sights = []struct{ says, script, outside, cell string }{
	{"`__name__`, `sys.argv`, `sys.modules`", `import sys; print(__name__, sys.argv[1:], vars(sys.modules["__main__"]) is globals())`, "__main__ ['a', 'x'] True", ""},
	{"`__file__`, `inspect.getsource`", "import inspect\ndef f(): return 1\nprint(open(__file__).read().count('def '), inspect.getsource(f))", "2 def f(): return 1", ""},
	{"the guard runs once, and `main` is not called", "def main(): print('ran')\nif __name__ == '__main__': main()", "ran", ""},
	{"`unittest.main()`", "import unittest\nclass T(unittest.TestCase):\n def test(self): pass\nprint(unittest.main(exit=False, argv=['t']).result.testsRun)", "1", ""},
	{"`doctest.testmod()`", "import doctest\ndef f():\n '''\n >>> f()\n 1\n '''\n return 1\nprint(doctest.testmod())", "TestResults(failed=0, attempted=1)", ""},
	{"`timeit`, `pickle`, `from __main__ import …`", "import pickle, timeit\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A, timeit.timeit('A()', 'from __main__ import A', number=1) < 9)", "True True", ""},
	{"exit handlers run", "import atexit; atexit.register(print, 'bye'); print('hello')", "hello\nbye", ""},
	{"threads are waited for", "import threading, time\ndef later(): time.sleep(0.05); print('late')\nthreading.Thread(target=later).start()", "late", ""},
	{"`multiprocessing`, with each start method", "import multiprocessing as mp\ndef sq(n): return n * n\nif __name__ == '__main__':\n for method in mp.get_all_start_methods():\n  with mp.get_context(method).Pool(2) as pool: print(pool.map(sq, [1, 2]))", "[1, 4]\n[1, 4]\n[1, 4]", ""},
	{"subprocesses, `asyncio`, pipes, signals", "import asyncio\nasync def f():\n p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)\n print((await p.communicate(b'through'))[0])\nasyncio.run(f())", "b'through'", ""},
	{"encodings and locale", "import locale, sys; print(sys.stdout.encoding, sys.getfilesystemencoding(), locale.getencoding())", "utf-8 utf-8 UTF-8", ""},
	{"the recursion limit, the switch interval, gc's thresholds", "import gc, sys; print(sys.getrecursionlimit(), sys.getswitchinterval(), gc.get_threshold()[1] > 0)", "1000 0.005 True", ""},

	{"no network", "import socket\ntry: socket.create_connection(('127.0.0.1', 1))\nexcept OSError as e: print(type(e).__name__, 'no network' in str(e))", "ConnectionRefusedError False", "PermissionError True"},
	{"a read-only root", "try: open('/usr/x', 'w')\nexcept OSError as e: print(e.strerror)", "Permission denied", "Read-only file system"},
	{"no names for other descriptors", "import os; print([os.path.exists(f'/dev/fd/{fd}') for fd in os.pipe()])", "[True, True]", "[False, False]"},
	{"no pseudo-terminals", "import os\ntry: os.openpty(); print('opened')\nexcept OSError as e: print(type(e).__name__)", "opened", "FileNotFoundError"},
	{"no extended attributes, no `splice`", "import os\nr, w = os.pipe(); open('a', 'w').write('x')\ntry: print(os.splice(os.open('a', 0), w, 1))\nexcept OSError as e: print(type(e).__name__)", "1", "PermissionError"},
	{"locks of files succeed, and lock nothing", "import fcntl\na, b = open('a', 'w'), open('a', 'w')\ntry:\n for f in a, b: fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)\n print('both')\nexcept OSError as e: print(type(e).__name__)", "BlockingIOError", "both"},
	{"`fsync` does nothing", "import os\ntry: os.fsync(999); print('done')\nexcept OSError as e: print(e.strerror)", "Bad file descriptor", "done"},
	{"/tmp and /dev/shm are the working directory's file system, and nothing there is executed", "import os, subprocess\nopen('/tmp/x', 'w').write('#!/bin/sh\\necho executed'); os.chmod('/tmp/x', 0o755)\ntry: print(subprocess.check_output('/tmp/x', text=True))\nexcept OSError as e: print(type(e).__name__)", "executed", "PermissionError"},
	{"the script is process 1: signals to itself that it does not handle do nothing", "import os, signal, sys\nprint('before', flush=True); os.kill(os.getpid(), signal.SIGTERM); print('after')", "before", "before\nafter"},
	{"what it has printed is out", "import os; print('x', end=''); os._exit(0)", "", "x"},
	{"prints come before what `os.write` and children write after them", "import os; print('a'); os.write(1, b'b\\n')", "b\na", "a\nb"},
	{"libraries are imported already", "import sys; print('numpy' in sys.modules)", "False", "True"},
	{"`sys.flags`", "import sys; print(sys.flags.isolated, sys.flags.safe_path, sys.flags.dont_write_bytecode, sys.flags.utf8_mode)", "0 False 0 0", "1 True 1 1"},
	{"the host is `cell`, and so is the user", "import os, pwd; print(os.uname().nodename == 'cell', pwd.getpwuid(os.getuid()).pw_name, os.path.expanduser('~'))", "False nobody /tmp/work", "True cell /box/work"},
	{"one thread for linear algebra, and no display", "import os; print(os.environ.get('OMP_NUM_THREADS'), os.environ.get('MPLBACKEND'))", "None None", "1 Agg"},
	{"spawn and forkserver mean fork", "import multiprocessing as mp\nstate = 'as at the start'\ndef tell(_): return state\nif __name__ == '__main__':\n state = 'as it was'\n with mp.get_context('spawn').Pool(1) as pool: print(pool.map(tell, [1])[0])", "as at the start", "as it was"},
	{"objects of the start are frozen, out of the collector's sight", "import gc; print(gc.get_freeze_count() > 0)", "False", "True"},
	{"no affinity of its own", "import os\ntry: os.sched_setaffinity(0, os.sched_getaffinity(0)); print('set')\nexcept OSError as e: print(type(e).__name__)", "set", "PermissionError"},
	{"no user ids to change to", "import os\ntry: os.setreuid(-1, -1); print('set')\nexcept OSError as e: print(type(e).__name__)", "set", "PermissionError"},
}

// Each line of the page about differences is true, and each is there.
func TestAScriptSeesWhatThePageSays(t *testing.T) {
	testkit.NeedsJails(t)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	lines := make(map[string]bool) // without a test of their own
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|.*$`).FindAllStringSubmatch(string(text), -1) {
		if row[1] != "what" && !strings.Contains(row[0], "`Test") {
			lines[row[1]] = true
		}
	}
	p := testjail.Profile(t, protocol.ModeFork)
	jail := testjail.Jail(t, protocol.ModeFork)
	root := "/"
	python := p.Python
	if p.Root != "" {
		root, python = p.Root, strings.TrimPrefix(p.Python, p.Root)
	}
	for _, s := range sights {
		if !lines[s.says] {
			t.Errorf("%s does not say: %s", page, s.says)
		}
		delete(lines, s.says)
		t.Run(s.says, func(t *testing.T) {
			t.Parallel()
			var there bytes.Buffer
			var both sync.WaitGroup
			both.Go(func() {
				outside(t, root, python+"/bin/python", s.script)(context.Background(), []string{"a", "x"}, &there)
			})
			verdict, err := testjail.Spawn(t, jail).Run(t.Context(), nsjail.Job{
				Mode: protocol.ScriptProgram, Script: s.script, Args: []byte(`["a", "x"]`), Limits: testjail.Limits})
			both.Wait()
			if err != nil {
				t.Fatal(err)
			}
			want := s.cell
			if want == "" {
				want = s.outside
			}
			if got := strings.TrimSpace(there.String()); got != s.outside {
				t.Errorf("outside: %q, want %q", got, s.outside)
			}
			if got := strings.TrimSpace(string(verdict.Stdout)); got != want {
				t.Errorf("in a cell: %q, want %q; %s %s", got, want, verdict.Status, verdict.Stderr)
			}
		})
	}
	for line := range lines {
		t.Errorf("%s says, and nothing shows: %s", page, line)
	}
}

func TestCellsOfOneZygoteHaveOneHashSeed(t *testing.T) {
	const script = `print(hash("a"))`
	run := func() string {
		return string(testjail.Execute(t, protocol.ModeFork, nsjail.Job{Mode: protocol.ScriptProgram, Script: script}).Stdout)
	}
	if a, b := run(), run(); a != b || a == "" {
		t.Errorf("%q and %q", a, b)
	}
}

func TestWhatMainLeavesRunningIsEnded(t *testing.T) {
	verdict := testjail.Execute(t, protocol.ModeFork, nsjail.Job{Script: `import atexit, threading, time
atexit.register(print, "bye")
def later(): time.sleep(5); print("late")
def main(): threading.Thread(target=later).start(); print("done")
`})
	if verdict.Status != protocol.StatusOK || string(verdict.Stdout) != "done\n" {
		t.Errorf("%s %q", verdict.Status, verdict.Stdout)
	}
}
