package nsjail_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// What Python and its libraries look for around a script is there.
func TestAScriptFindsItselfAndWhatCameAlong(t *testing.T) {
	helper := []protocol.File{{Path: "helper.py", Content: []byte("def f(): return 1\n")}, {Path: "pack/part.py", Content: []byte("x = 2")}}
	for name, c := range map[string]struct {
		script string
		job    nsjail.Job
		want   string
	}{
		"a module that was sent":       {"import helper, pack.part\ndef main(): return helper.f() + pack.part.x", nsjail.Job{Files: helper}, "3"},
		"modules that it writes":       {"def main():\n total = 0\n for i in range(9):\n  open(f'm{i}.py', 'w').write(f'x = {i}')\n  total += __import__(f'm{i}').x\n return total", nsjail.Job{}, "36"},
		"a module in a new directory":  {"import os, sys\ndef main():\n os.mkdir('d'); sys.path.append(os.path.abspath('d'))\n try: import late\n except ImportError: open('d/late.py', 'w').write('x = 4')\n import late; return late.x", nsjail.Job{}, "4"},
		"a program beside it, by path": {"import runpy\ndef main():\n open('p.py', 'w').write('x = 5')\n return runpy.run_path('/box/work/p.py')['x']", nsjail.Job{}, "5"},
		"a module in a zip file":       {"import sys, zipfile\ndef main():\n with zipfile.ZipFile('z.zip', 'w') as z: z.writestr('inside.py', 'x = 6')\n sys.path.insert(0, '/box/work/z.zip'); import inside; return inside.x", nsjail.Job{}, "6"},
		"its source":                   {"import os\ndef main(): return [open(__file__).read()[:9], oct(os.stat(os.path.dirname(__file__)).st_mode)[-3:], os.listdir()]", nsjail.Job{}, `["import os","555",[]]`},
		"files beside itself": {"from pathlib import Path\nimport os\ndef main():\n here = Path(__file__).parent\n" +
			" return [(here / 'helper.py').read_text()[:3], (here / 'pack' / 'part.py').read_text(), sorted(os.listdir()), oct(os.stat(here).st_mode)[-3:]]",
			nsjail.Job{Files: helper}, `["def","x = 2",["helper.py","pack"],"555"]`},
		"its functions":                  {"import inspect\ndef main(): return inspect.getsource(main)[:10]", nsjail.Job{}, `"def main()"`},
		"itself as a module":             {"import sys\ndef main(): import script, __main__; return [script is __main__, script.main is main, __name__]", nsjail.Job{}, `[true,true,"script"]`},
		"its tests":                      {"import unittest\nclass T(unittest.TestCase):\n def test_a(self): pass\n def test_b(self): pass\ndef main(): return unittest.main(argv=['t'], exit=False).result.testsRun", nsjail.Job{}, "2"},
		"its doctests":                   {"import doctest\ndef f():\n ''' \n >>> f()\n 1\n '''\n return 1\ndef main(): return doctest.testmod().attempted", nsjail.Job{}, "1"},
		"its names, for timeit":          {"import timeit\ndef f(): return 1\ndef main(): return timeit.timeit('f()', 'from __main__ import f', number=1) > 0", nsjail.Job{}, "true"},
		"its names, for cProfile":        {"import cProfile\ndef f(): return 1\ndef main(): cProfile.run('f()')", nsjail.Job{}, "null"},
		"its classes, pickled":           {"import pickle\nclass A: pass\ndef main(): return type(pickle.loads(pickle.dumps(A()))) is A", nsjail.Job{}, "true"},
		"builtins that it adds":          {"import builtins\nbuiltins.added = 7\ndef main(): return added", nsjail.Job{}, "7"},
		"its time zone":                  {"import time\ndef main(): return time.strftime('%Z')", nsjail.Job{Env: map[string]string{"TZ": "Asia/Tokyo"}}, `"JST"`},
		"itself after a byte order mark": {"\ufeffdef main(): return 8", nsjail.Job{}, "8"},
	} {
		t.Run(name, func(t *testing.T) {
			c.job.Script = c.script
			if got := execute(t, protocol.ModeFork, c.job); string(got.Result) != c.want {
				t.Errorf("%s %s, want %s; %+v", got.Status, got.Result, c.want, got.Error)
			}
		})
	}
}

// Files come back however the script ended by itself, with what was still in buffers.
func TestFilesComeBackHoweverTheScriptEnds(t *testing.T) {
	const files = "import gzip, io, zipfile\nf = open('a', 'w'); f.write('x'); b = open('b', 'wb'); b.write(b'y'); cycle = [open('c', 'w')]; cycle[0].write('z'); cycle.append(cycle)\n" +
		"g = gzip.open('g', 'wb'); g.write(b'g'); z = zipfile.ZipFile('z', 'w'); z.writestr('in', 'z')\n" +
		"s = gzip.open('s', 'wt'); s.write('s'); t = io.TextIOWrapper(zipfile.ZipFile('t', 'w').open('in', 'w')); t.write('t')\n"
	// 1, or the lengths of an archive with one byte and its end; text goes into one with a flush
	all := []int{1, 1, 1, 23, 29, 103, 103}
	for name, c := range map[string]struct {
		end    string
		mode   protocol.ScriptMode
		status protocol.Status
	}{
		"returns":          {"def main(): return 1", "", protocol.StatusOK},
		"raises":           {"def main(): raise ValueError", "", protocol.StatusException},
		"has odd classes":  {"class Meta(type):\n __eq__ = lambda *a: 1 / 0\n __hash__ = __eq__\nclass Odd(metaclass=Meta): pass\nodd = Odd()\ndef main(): pass", "", protocol.StatusOK},
		"exits":            {"import sys\ndef main(): sys.exit(3)", "", protocol.StatusExited},
		"is no JSON":       {"def main(): return object()", "", protocol.StatusNotJSON},
		"program":          {"", protocol.ScriptProgram, protocol.StatusOK},
		"program, raises":  {"1 / 0", protocol.ScriptProgram, protocol.StatusException},
		"program, exits":   {"raise SystemExit(3)", protocol.ScriptProgram, protocol.StatusExited},
		"program, handler": {"import atexit\natexit.register(lambda: f.write(''))", protocol.ScriptProgram, protocol.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			got := execute(t, protocol.ModeFork, nsjail.Job{Script: files + c.end, Mode: c.mode, Collect: []string{"**"}})
			var sizes []int
			for _, file := range got.Files {
				sizes = append(sizes, len(file.Content))
			}
			if got.Status != c.status || !slices.Equal(sizes, all) {
				t.Errorf("%s with files of %d bytes, want %s and %d; %+v", got.Status, sizes, c.status, all, got.Error)
			}
		})
	}
}

func TestASyntaxErrorSaysWhere(t *testing.T) {
	for script, want := range map[string]struct {
		line, column int
		text         string
	}{
		"x = 1\ndef main(:\n": {2, 10, "def main(:"},
		"é = (":               {1, 5, "é = ("},
		"\ufeffx = (":         {1, 5, "x = ("},
	} {
		for _, mode := range []protocol.ScriptMode{protocol.ScriptFunction, protocol.ScriptProgram} {
			e := execute(t, protocol.ModeFork, nsjail.Job{Script: script, Mode: mode}).Error
			if e == nil || e.Line == nil || e.Column == nil || e.Text == nil || *e.Line != want.line || *e.Column != want.column || *e.Text != want.text {
				t.Errorf("%q: %+v, want %+v", script, e, want)
			}
		}
	}
}

// Some errors are found after the source was parsed, and the compiler looks for their lines in the file.
func TestASyntaxErrorOfALaterCallHasItsLine(t *testing.T) {
	s := newSession(t, protocol.ModeFork)
	s.call("1")
	for _, script := range []string{"x = 1\nreturn 2", "x = 1\nif x:\n\ty = 1\n        z = 2"} {
		for _, mode := range []protocol.ScriptMode{protocol.ScriptFunction, protocol.ScriptProgram, protocol.ScriptCell} {
			lines := strings.Split(script, "\n")
			e := s.call(script, func(j *nsjail.Job) { j.Mode = mode }).Error
			if e == nil || e.Line == nil || e.Text == nil || *e.Line != len(lines) || *e.Text != lines[len(lines)-1] {
				t.Errorf("%q in mode %q: %+v", script, mode, e)
			}
		}
	}
}

func TestWarningsAndNamesOfAScriptAreThoseOfAProgram(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "import warnings\nclass E(Exception): pass\n" +
		"def main():\n warnings.warn('old', DeprecationWarning)\n try: raise E('first')\n except E as e: raise E('script.E: said') from e"})
	const warning = "/box/script/script.py:4: DeprecationWarning: old\n  warnings.warn('old', DeprecationWarning)\n"
	if string(got.Stderr) != warning {
		t.Errorf("stderr %q, want %q", got.Stderr, warning)
	}
	const end = "\nE: script.E: said\n"
	if e := got.Error; e == nil || e.Type != "E" || !strings.HasSuffix(e.Traceback, end) || !strings.Contains(e.Traceback, "\nE: first\n") || !strings.Contains(e.Traceback, `File "script.py", line 5`) {
		t.Errorf("%+v", e)
	}
}
