package nsjail_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// What a program writes and how it ends is what the same interpreter makes of
// `python script.py`.
func TestAProgramEndsAsItDoesOutside(t *testing.T) {
	programs := map[string]string{
		"nothing":            "",
		"output":             "import sys\nprint(__name__, sys.argv[1:], sys.stdout.name, sys.stderr.name, sys.stdin.name, sys.stdout.mode)\nprint(input(), file=sys.stderr)",
		"the guard":          "def main(): print('main')\nif __name__ == '__main__':\n    main()\n    main()",
		"its names":          "print(sorted(n for n in globals() if n not in ('__annotations__', '__file__')), type(__builtins__), type(__loader__))",
		"an exception":       "def f(x):\n    return 1 / x\n\nf(0)\n",
		"a cause":            "class E(Exception): pass\ntry:\n    {}['a']\nexcept KeyError as e:\n    raise E('x') from e",
		"a group":            "class E(Exception): pass\nraise ExceptionGroup('g', [E('a'), ValueError('b')])",
		"notes":              "e = ValueError('a\\nscript.py: b')\ne.add_note('script.E: c')\nraise e",
		"recursion":          "def f(): f()\ntry:\n    f()\nexcept RecursionError:\n    print('deep')\nraise ValueError('far') from None",
		"a syntax error":     "x = 1\ndef main(:\n    pass\n",
		"bad indentation":    "def f():\nx = 1\n",
		"an odd character":   "x = 1\nx = \u201c1\u201d\n",
		"a byte order mark":  "\ufeffprint('after it')",
		"form feeds":         "x = '\\x0c'\n\x0c\ny = '\u2028'\nraise ValueError(y)",
		"exit 0":             "import sys\nprint(1)\nsys.exit()",
		"exit 3":             "import sys\nsys.exit(3)",
		"exit -1":            "import sys\nsys.exit(-1)",
		"exit 2**64":         "import sys\nsys.exit(2 ** 64)",
		"exit True":          "import sys\nsys.exit(True)",
		"exit text":          "import sys\nsys.exit('why \u00fc')",
		"exit tuple":         "import sys\nsys.exit((1, 'a'))",
		"exit 4.0":           "raise SystemExit(4.0)",
		"exit property":      "class Leave(SystemExit):\n    code = property(lambda self: 6)\nraise Leave(5)",
		"os._exit(0)":        "import os\nprint(1, flush=True)\nos._exit(0)",
		"os._exit(9)":        "import os\nos._exit(9)",
		"exit handlers":      "import atexit, sys\natexit.register(print, 'first')\natexit.register(print, 'second')\n@atexit.register\ndef bad(): raise ValueError('in it')\nsys.exit(4)",
		"exit in a handler":  "import atexit, sys\natexit.register(lambda: sys.exit(5))\natexit.register(print, 'before')",
		"after an exception": "import atexit\natexit.register(print, 'handler')\nraise KeyError('k')",
		"threads":            "import threading, time\ndef late():\n    time.sleep(0.1); print('late')\nthreading.Thread(target=late).start()\nprint('end of script')",
		"daemon threads":     "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint('end')",
		"a thread raises":    "import threading\ndef f(): raise ValueError('in it')\nt = threading.Thread(target=f, name='T')\nt.start()",
		"executors":          "from concurrent.futures import ThreadPoolExecutor as E\nimport time\ne = E(2)\ne.submit(lambda: (time.sleep(0.1), print('done')))",
		"deleters":           "class D:\n    def __init__(self, n): self.n = n\n    def __del__(self): print('del', self.n)\nd = D('global')\nc = D('cycle'); c.c = c\ndef f(): return d",
		"an excepthook":      "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__, a[2].tb_lineno)\n1 / 0",
		"a bad excepthook":   "import sys\ndef hook(*a): raise KeyError('in it')\nsys.excepthook = hook\n1 / 0",
		"a hook that exits":  "import sys\nsys.excepthook = lambda *a: sys.exit(8)\n1 / 0",
		"a broken stdout":    "import sys\nclass Broken:\n    closed = False\n    def write(self, text): pass\n    def flush(self): raise OSError('no')\nsys.stdout, sys.stderr = Broken(), open('/dev/null', 'w')",
		"no stderr":          "import sys\nsys.stderr = None\nsys.exit('lost')",
		"deprecation":        "import warnings\nwarnings.warn('old', DeprecationWarning)",
		"a child":            "import os, sys, atexit\natexit.register(lambda: print('handler', flush=True))\nif os.fork() == 0:\n    sys.exit(5)\nprint(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)",
		"a child that fails": "import os\nif os.fork() == 0:\n    1 / 0\nprint(os.waitstatus_to_exitcode(os.wait()[1]))",
		"async":              "import asyncio\nasync def main(): raise ValueError('x')\nasyncio.run(main())",
		"from __main__":      "def f(): return 1\nfrom __main__ import f as g\nimport pickle\nclass A: pass\nprint(g is f, pickle.loads(pickle.dumps(A())), __name__) if 0 else print(g is f, pickle.dumps(A()))",
		"its own source":     "print(open(__file__).read())\nimport inspect\ndef f(): return 1\nprint(inspect.getsource(f))",
		"unittest":           "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n    def test_b(self): self.fail('x')\nresult = unittest.main(exit=False, argv=['t', '-q']).result\nprint(result.testsRun, len(result.failures))",
	}
	testkit.NeedsJails(t)
	all := outside(t, programs)
	same := regexp.MustCompile(`0x[0-9a-f]+|in [0-9.]+s`) // addresses and times differ
	for name, script := range programs {
		t.Run(name, func(t *testing.T) {
			got := execute(t, protocol.ModeFork, nsjail.Job{Script: script, Mode: protocol.ScriptProgram, Args: []byte(`["a", "b c"]`), Stdin: "line\n"})
			want := all[name]
			if got.ExitCode == nil || *got.ExitCode != want.Code || got.Status != statusOf(want.Code, got) {
				t.Errorf("%s with exit code %v, outside it is %d", got.Status, got.ExitCode, want.Code)
			}
			stderr := same.ReplaceAllString(string(got.Stderr), "…")
			if string(got.Stdout) != want.Out || stderr != same.ReplaceAllString(want.Err, "…") {
				t.Errorf("stdout %q, outside it is\n       %q\nstderr %q, outside it is\n       %q", got.Stdout, want.Out, stderr, want.Err)
			}
		})
	}
}

func statusOf(code int, got nsjail.Verdict) protocol.Status {
	switch {
	case code == 0:
		return protocol.StatusOK
	case got.Error != nil:
		return protocol.StatusException
	}
	return protocol.StatusExited
}

// outside runs the programs by the jails' own interpreter, each in a process of its own.
// It returns stdout, stderr and the exit status of each, with the paths of a cell.
func outside(t *testing.T, programs map[string]string) (all map[string]struct {
	Out, Err string
	Code     int
}) {
	t.Helper()
	args, err := json.Marshal([]any{programs})
	if err != nil {
		t.Fatal(err)
	}
	wide := limits
	wide.Wall, wide.CPU = time.Minute, time.Minute
	got := execute(t, protocol.ModeFork, nsjail.Job{Limits: wide, Args: args, Script: `import os, subprocess, sys
def main(programs):
    return {name: run(script) for name, script in programs.items()}

def run(script):
    open("script.py", "w").write(script)
    ended = subprocess.run([sys.executable, "script.py", "a", "b c"], input=b"line\n", capture_output=True)
    out, err = (text.decode().replace("/box/work/script.py", "/box/script/script.py") for text in (ended.stdout, ended.stderr))
    return {"Out": out, "Err": err, "Code": ended.returncode}
`})
	if err := json.Unmarshal(got.Result, &all); err != nil {
		t.Fatalf("%v: %s %+v", err, got.Status, got.Error)
	}
	return all
}
