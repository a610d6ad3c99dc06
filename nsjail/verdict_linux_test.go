package nsjail_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// Every way to end, with the output before it.
func TestEveryEndHasItsVerdict(t *testing.T) {
	tight := func(change func(*nsjail.Limits)) nsjail.Limits {
		l := limits
		change(&l)
		return l
	}
	one, two := 1, 2
	cases := []struct {
		name    string
		script  string
		limits  nsjail.Limits
		want    nsjail.Verdict // Status, Limit, Signal, ExitCode, Result, Stdout, Stderr; the latter as substrings
		error   string         // the error's type
		message string         // in the error's
		line    int
	}{
		{name: "a result", script: warmup, want: nsjail.Verdict{Status: "ok", Result: []byte(`{"mean":3.0,"max":5}`)}},
		{name: "prints", script: "import sys, os\ndef main():\n print('out'); print('err', file=sys.stderr); os.write(1, b'raw'); os.system('echo child')",
			want: nsjail.Verdict{Status: "ok", Result: []byte("null"), Stdout: []byte("out\nrawchild\n"), Stderr: []byte("err\n")}},
		{name: "C code prints", script: "import ctypes\ndef main():\n ctypes.CDLL(None).printf(b'from C')",
			want: nsjail.Verdict{Status: "ok", Result: []byte("null"), Stdout: []byte("from C")}},
		{name: "an exception", script: "def main():\n print('before')\n return 1/0", error: "ZeroDivisionError", line: 3,
			want: nsjail.Verdict{Status: "exception", Stdout: []byte("before\n")}},
		{name: "an exception of the script's own, at import", script: "class Odd(Exception): pass\nraise Odd('x')", error: "Odd", line: 2,
			want: nsjail.Verdict{Status: "exception"}},
		{name: "a KeyboardInterrupt", script: "def main(): raise KeyboardInterrupt", error: "KeyboardInterrupt", line: 1, want: nsjail.Verdict{Status: "exception"}},
		{name: "a wrong call of main", script: "def main(a): pass", error: "TypeError", want: nsjail.Verdict{Status: "exception"}},
		{name: "endless recursion", script: "def main(): return main()", error: "RecursionError", line: 1, want: nsjail.Verdict{Status: "exception"}},
		{name: "a syntax error", script: "x = 1\ndef main(:\n", error: "SyntaxError", line: 2, want: nsjail.Verdict{Status: "syntax_error"}},
		{name: "a NUL in the script", script: "x = 1\x00", error: "ValueError|SyntaxError", want: nsjail.Verdict{Status: "syntax_error"}},
		{name: "a SyntaxError that main raises", script: "def main(): eval('1 +')", error: "SyntaxError", line: 1, want: nsjail.Verdict{Status: "exception"}},
		{name: "no main", script: "print('ran')", want: nsjail.Verdict{Status: "no_main", Stdout: []byte("ran\n")}},
		{name: "a main that cannot be called", script: "main = 3", want: nsjail.Verdict{Status: "no_main"}},
		{name: "no JSON", script: "def main(): return {'rows': [1, {'when': object()}]}", error: "object", want: nsjail.Verdict{Status: "not_json"}},
		{name: "itself within itself", script: "def main():\n a = []; a.append(a); return a", error: "list", want: nsjail.Verdict{Status: "not_json"}},
		{name: "sys.exit", script: "import sys\ndef main():\n print('bye'); sys.exit(2)", want: nsjail.Verdict{Status: "exited", ExitCode: &two, Stdout: []byte("bye\n")}},
		{name: "sys.exit with a text", script: "import sys\ndef main(): sys.exit('why')", want: nsjail.Verdict{Status: "exited", ExitCode: &one, Stderr: []byte("why\n")}},
		{name: "os._exit", script: "import os\ndef main():\n print('partial', end=''); os._exit(2)", want: nsjail.Verdict{Status: "exited", ExitCode: &two, Stdout: []byte("partial")}},
		{name: "a segmentation fault", script: "import ctypes\ndef main():\n print('soon'); ctypes.string_at(0)",
			want: nsjail.Verdict{Status: "killed", Signal: "SIGSEGV", Stdout: []byte("soon\n")}},
		{name: "abort", script: "import os\ndef main(): os.abort()", want: nsjail.Verdict{Status: "killed", Signal: "SIGABRT"}},
		{name: "a failed assertion of C code", script: "import ctypes\ndef main(): ctypes.CDLL(None).__assert_fail(b'x > 0', b'odd.c', 3, b'f')",
			want: nsjail.Verdict{Status: "killed", Signal: "SIGABRT", Stderr: []byte("odd.c:3: f: Assertion `x > 0' failed")}},
		{name: "abort with faulthandler", script: "import faulthandler, os\ndef main():\n faulthandler.enable()\n os.abort()",
			want: nsjail.Verdict{Status: "killed", Signal: "SIGABRT", Stderr: []byte("Fatal Python error: Aborted")}},
		{name: "abort that a handler survives", script: "import os, signal\ndef main():\n signal.signal(signal.SIGABRT, lambda *_: print('caught'))\n signal.raise_signal(signal.SIGABRT)\n os.kill(os.getpid(), signal.SIGABRT)",
			want: nsjail.Verdict{Status: "ok", Result: []byte("null"), Stdout: []byte("caught\ncaught\n")}},
		{name: "abort in children", script: "import os, signal, subprocess, sys\ndef main():\n pid = os.fork()\n if pid == 0: os.abort()\n return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), " +
			"subprocess.run([sys.executable, '-c', 'import os; os.abort()']).returncode, signal.getsignal(signal.SIGABRT) == signal.SIG_DFL]",
			want: nsjail.Verdict{Status: "ok", Result: []byte("[-6,-6,true]")}},
		{name: "the wall clock", script: "import time\ndef main():\n print('tick'); time.sleep(60)", limits: tight(func(l *nsjail.Limits) { l.Wall = slowness * 2 * time.Second }),
			want: nsjail.Verdict{Status: "timeout", Limit: "wall", Stdout: []byte("tick\n")}},
		{name: "CPU time", script: "def main():\n print('spin')\n while True: pass", limits: tight(func(l *nsjail.Limits) { l.CPU = slowness * 200 * time.Millisecond }),
			want: nsjail.Verdict{Status: "timeout", Limit: "cpu", Stdout: []byte("spin\n")}},
		{name: "CPU time of a child", script: "import os, time\ndef main():\n if os.fork() == 0:\n  while True: pass\n time.sleep(60)", limits: tight(func(l *nsjail.Limits) { l.CPU = 200 * time.Millisecond }),
			want: nsjail.Verdict{Status: "timeout", Limit: "cpu"}},
		{name: "memory", script: "def main():\n print('fill'); x = [bytearray(1 << 20) for _ in range(4096)]", limits: tight(func(l *nsjail.Limits) { l.MemoryBytes = 64 << 20 }),
			want: nsjail.Verdict{Status: "memory_limit", Limit: "memory", Stdout: []byte("fill\n")}},
		{name: "memory of a child", script: "import os\ndef main():\n if os.fork() == 0: x = [bytearray(1 << 20) for _ in range(4096)]\n import time; time.sleep(60)", limits: tight(func(l *nsjail.Limits) { l.MemoryBytes = 64 << 20 }),
			want: nsjail.Verdict{Status: "memory_limit", Limit: "memory"}},
		{name: "endless output", script: "def main():\n while True: print('x' * 1000)", want: nsjail.Verdict{Status: "output_limit", Limit: "output", Stdout: []byte("xxx"), StdoutTruncated: true}},
		{name: "endless output on stderr, at C's level", script: "import os\ndef main():\n while True: os.write(2, b'y' * 65536)",
			want: nsjail.Verdict{Status: "output_limit", Limit: "output", Stderr: []byte("yyy"), StderrTruncated: true}},
		{name: "a result too large", script: "def main(): return 'x' * (5 << 20)", want: nsjail.Verdict{Status: "output_limit", Limit: "result"}},
		{name: "too many threads", script: "import concurrent.futures, time\ndef main():\n with concurrent.futures.ThreadPoolExecutor(64) as p: list(p.map(time.sleep, [3] * 64))",
			error: "RuntimeError", message: "32 processes and threads at a time: limits.processes", want: nsjail.Verdict{Status: "exception", Limit: "processes"}},
		{name: "too many processes", script: "import os, time\ndef main():\n while os.fork(): pass\n time.sleep(60)", limits: tight(func(l *nsjail.Limits) { l.Processes = 5 }),
			error: "BlockingIOError", message: "5 processes and threads at a time: limits.processes", want: nsjail.Verdict{Status: "exception", Limit: "processes"}},
		{name: "the limit of processes that the kernel looks at first", script: "import resource\ndef main(): return resource.getrlimit(resource.RLIMIT_NPROC)", limits: tight(func(l *nsjail.Limits) { l.Processes = 5 }),
			want: nsjail.Verdict{Status: "ok", Result: []byte("[6,6]")}},
		{name: "another error after too many processes", script: "import os, time\ndef main():\n try:\n  while os.fork(): pass\n except OSError: return 1 / 0\n time.sleep(60)",
			error: "ZeroDivisionError", want: nsjail.Verdict{Status: "exception"}},
		{name: "an error of threads with few of them", script: "def main(): raise RuntimeError(\"can't start new thread\")", error: "RuntimeError", want: nsjail.Verdict{Status: "exception"}},
		{name: "a fork bomb", script: "import os\ndef main():\n while True:\n  try: os.fork()\n  except OSError: pass", limits: tight(func(l *nsjail.Limits) { l.Wall = 500 * time.Millisecond }),
			want: nsjail.Verdict{Status: "timeout", Limit: "wall"}},
	}
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				got := execute(t, mode, nsjail.Job{Script: c.script, Limits: c.limits})
				if got.Status != c.want.Status || got.Limit != c.want.Limit || got.Signal != c.want.Signal || string(got.Result) != string(c.want.Result) {
					t.Errorf("got %s limit=%q signal=%q result=%.100s error=%+v", got.Status, got.Limit, got.Signal, got.Result, got.Error)
				}
				if (got.ExitCode == nil) != (c.want.ExitCode == nil) || got.ExitCode != nil && *got.ExitCode != *c.want.ExitCode {
					t.Errorf("exit code %v, want %v", got.ExitCode, c.want.ExitCode)
				}
				if !strings.Contains(string(got.Stdout), string(c.want.Stdout)) || !strings.Contains(string(got.Stderr), string(c.want.Stderr)) {
					t.Errorf("stdout %.200q stderr %.200q", got.Stdout, got.Stderr)
				}
				if got.StdoutTruncated != c.want.StdoutTruncated || got.StderrTruncated != c.want.StderrTruncated {
					t.Errorf("truncated %v %v", got.StdoutTruncated, got.StderrTruncated)
				}
				checkError(t, got.Error, c.error, c.line)
				if c.message != "" && (got.Error == nil || !strings.Contains(got.Error.Message, c.message)) {
					t.Errorf("error %+v, not %q", got.Error, c.message)
				}
			})
		}
	})
}

func checkError(t *testing.T, got *protocol.ScriptError, kind string, line int) {
	t.Helper()
	switch {
	case got == nil && kind == "":
	case got == nil || !slices.Contains(strings.Split(kind, "|"), got.Type): // they differ between versions of Python
		t.Errorf("error %+v, want %s", got, kind)
	case line != 0 && (got.Line == nil || *got.Line != line):
		t.Errorf("line %v, want %d", got.Line, line)
	case strings.Contains(got.Traceback, "pyworker"):
		t.Errorf("the traceback shows our worker:\n%s", got.Traceback)
	}
}

func TestTracebacksBeginInTheScriptAndShowItsLines(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "def inner():\n    raise ValueError('no')\n\ndef main():\n    inner()\n"})
	want := "Traceback (most recent call last):\n  File \"script.py\", line 5, in main\n    inner()\n  File \"script.py\", line 2, in inner\n    raise ValueError('no')\nValueError: no\n"
	if got.Error != nil { // newer versions mark part of a line
		got.Error.Traceback = regexp.MustCompile(`(?m)^ *[~^]+\n`).ReplaceAllString(got.Error.Traceback, "")
	}
	if got.Error == nil || got.Error.Traceback != want {
		t.Fatalf("%+v", got.Error)
	}
}

func TestMainGetsArgumentsStdinAndEnvironment(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		got := execute(t, mode, nsjail.Job{
			Script: "import os, sys\ndef main(a, b, *, c):\n return [a, b, c, input(), sys.stdin.read(), sys.stdin.read(), os.environ['NAME'], __name__]",
			Args:   []byte(`[123456789012345678901234567890, {"x": null}]`), Kwargs: []byte(`{"c": 1.50}`),
			Stdin: "first\nthe rest ü\n", Env: map[string]string{"NAME": "välue"},
		})
		want := `[123456789012345678901234567890,{"x":null},1.5,"first","the rest ü\n","","välue","script"]`
		if string(got.Result) != want {
			t.Fatalf("%s, want %s (%+v)", got.Result, want, got.Error)
		}
	})
}

func TestAsyncMainIsAwaited(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "import asyncio\nasync def main():\n await asyncio.sleep(0.001)\n return 'done'"})
	if string(got.Result) != `"done"` {
		t.Fatalf("%s %+v", got.Result, got.Error)
	}
}

func TestArgumentsThatCannotBeReadAreTheScriptsException(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "def main(*a): return 1", Args: []byte(deep)})
	if got.Status == protocol.StatusOK && string(got.Result) == "1" {
		return // Python 3.13 reads as deep as Go writes
	}
	checkError(t, got.Error, "RecursionError", 0)
	if got.Status != protocol.StatusException || len(got.Stderr) > 0 {
		t.Errorf("%s %s", got.Status, got.Stderr)
	}
}

func TestAJailWithoutPreloadsKnowsWhatAScriptImports(t *testing.T) {
	p := profile(t, protocol.ModeFork)
	p.Preload, p.Warmup = nil, "def main(): return 1"
	jail := startJail(t, p)
	defer jail.Close()
	verdict, err := spawn(t, jail).Run(t.Context(), nsjail.Job{Script: warmup, Limits: limits})
	if err != nil || verdict.Status != protocol.StatusOK {
		t.Errorf("%+v %v", verdict, err)
	}
}

func TestUsageIsTheScriptsOwn(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "import time\ndef main():\n x = bytearray(50 << 20)\n t = time.process_time()\n while time.process_time() - t < 0.2: pass"})
	if *got.Usage.PeakMemoryBytes < 50<<20 || *got.Usage.PeakMemoryBytes > 80<<20 {
		t.Errorf("peak memory %d", *got.Usage.PeakMemoryBytes)
	}
	if *got.Usage.CPU < 200*time.Millisecond || got.Usage.Wall < 200*time.Millisecond {
		t.Errorf("cpu %v wall %v", *got.Usage.CPU, got.Usage.Wall)
	}
	small := execute(t, protocol.ModeFork, nsjail.Job{Script: "def main(): pass"})
	if *small.Usage.PeakMemoryBytes > 20<<20 {
		t.Errorf("peak memory of a script that does nothing: %d", *small.Usage.PeakMemoryBytes)
	}
}

func TestAScriptThatNeedsNoMainGivesItsLastExpression(t *testing.T) {
	for script, want := range map[string]string{
		"x = 20\nx + 1": "21",
		"x = 20":        "null",
		"def main(): return 'main'\n'expression'":                             `"expression"`,
		"def main(): return 'main'\nx = 1":                                    `"main"`,
		"n = 0\ndef main():\n global n\n n += 1\n return n\nmain()":           "1",
		"r = []\ndef run(): r.append(1)\nif __name__ == '__main__': run()\nr": "[1]",
		"import json as main\n__name__":                                       `"script"`,
		"if 1:\n def main(): pass\n__name__":                                  `"script"`,
		"class A:\n def main(self): pass\n__name__":                           `"__main__"`,
		"async def f(): return 5\nf()":                                        "5",
		// A main that the script calls itself is not called again, and the script is a program.
		"r = []\ndef main(n=9): r.append(n)\nx = main(3)\nif __name__ == '__main__': main(4)\nr":                   "[3,4]",
		"def main(n): print(n)\ntry:\n main(3)\nexcept ValueError: pass":                                           "null",
		"open('m.py', 'w').write('def main(n): pass')\nfrom m import *\nif __name__ == '__main__': main(3)\nx = 1": "null",
		"open('m.py', 'w').write('def main(): return 4')\nfrom m import *\nx = 1  # not main's":                    "4",
		"def main(): return __name__\nif __name__ == '__main__':\n x = main()":                                     `"script"`,
		"def main(): return __name__\ndef other(): main()\nclass A:\n def f(self): main()\ng = lambda: main()":     `"script"`,
		"def main(): return 1\nfor row in [main()]: pass\nif main() == 2: pass":                                    "null",
		"def main(): return 1\nrows = [x for x in range(main())] or [main()]\nassert main() == 1":                  "null",
		"def main(): return 1\nwith open('f', 'w') as f:\n try: pass\n finally: f.write(str(main()))":              "null",
		// What it may not call, hotcell calls.
		"import sys\ndef main(*a): return 1\nif len(sys.argv) > 5: main(sys.argv[1])":                 "1",
		"def main(): return 2\ntry: pass\nexcept ValueError: main()\nelse: pass":                      "2",
		"def main(): return 3\nwhile not 1: main()\nfor x in []: main()":                              "3",
		"def main(): return 4\nx = [main() for _ in []]\ny = {main(): 1 for _ in [] for z in main()}": "4",
		"def main(): return 5\nx = 0 and main()\ny = 1 or main()\nz = main() if x else 0":             "5",
		"def main(): return 6\nmatch 1:\n case 2: main()":                                             "6",
		"def main(): return 7\nx = 3 < 2 < main()":                                                    "7",
		// Guards, and what is bound behind them only.
		"n = 0\ndef main():\n global n\n n += 1\n open('f', 'w').write(f'{n}{__name__}')\nif __name__ != '__main__': main()":                                                  "null",
		"def main(n=0): return n\nif __name__ == '__main__': main(1)\nelse: main(2)":                                                                                          "null",
		"def main(n=0): return __name__\nif __name__ == '__main__': main(1)\nelse: x = 1":                                                                                     `"script"`,
		"r = []\nif __name__ == '__main__':\n def main(): r.append(__name__)\n main()\nr":                                                                                     `["__main__"]`,
		"if __name__ == '__main__':\n def main(*a): assert a\n if __doc__: main(1)\n else: main(2)":                                                                           "null",
		"open('m.py', 'w').write('def main(n): raise SystemExit(n)')\nif __name__ == '__main__':\n from m import main\n try: main(3)\n except SystemExit as e: n = e.code\nn": "3",
	} {
		got := execute(t, protocol.ModeFork, nsjail.Job{Script: script, LastExpression: true, Limits: limits})
		if got.Status != protocol.StatusOK || string(got.Result) != want {
			t.Errorf("%q ended with %s, %s, want %s: %+v", script, got.Status, got.Result, want, got.Error)
		}
	}
}
