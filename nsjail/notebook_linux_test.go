package nsjail_test

import (
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// noIPython makes a cell do without it.
const noIPython = "import sys\nsys.modules['pyworker.notebook']._shell = None\nsys.modules['pyworker.notebook']._tried = True\n"

// The calls of one session, by IPython's shell and by the plain one.
func TestACellIsANotebooks(t *testing.T) {
	testkit.NeedsJails(t)
	for _, plain := range []bool{false, true} {
		cell := spawn(t, theJail(t, protocol.ModeFork))
		if plain {
			if got, err := cell.Call(t.Context(), t.Context(), nsjail.Job{Script: noIPython, Limits: limits}); err != nil || got.Status != protocol.StatusOK {
				t.Fatalf("%v %+v", err, got.Error)
			}
		}
		if got, err := cell.Call(t.Context(), t.Context(), nsjail.Job{Script: "'get_ipython' in globals()", Mode: protocol.ScriptCell, Limits: limits}); err != nil || string(got.Result) == "true" == plain {
			t.Errorf("plain %v: IPython's shell: %s, %v %s", plain, got.Result, err, got.Stderr)
		}
		for _, c := range []struct {
			script, status, result, shown, stdout, error string
			line                                         int
		}{
			{script: "x = 20\nx + 1", status: "ok", result: "21", shown: "result text/plain=21 "},
			{script: "_ + x", status: "ok", result: "41", shown: "result text/plain=41 "},
			{script: "x + 1;", status: "ok", result: "null"},
			{script: "import asyncio\nawait asyncio.sleep(0, 'slept')", status: "ok", result: `"slept"`, shown: "result text/plain='slept' "},
			{script: "class A:\n  def __repr__(self): return 'A'\n  def _repr_html_(self): return '<a>'\nA()", status: "ok", result: "null", shown: "result text/html=<a> text/plain=A "},
			{script: "display(A()); 'last'", status: "ok", result: `"last"`, shown: "display text/html=<a> text/plain=A ; result text/plain='last' "},
			{script: "for i in range(2): display(i)\nNone", status: "ok", result: "null", shown: "display text/plain=0 ; display text/plain=1 "},
			{script: "%matplotlib inline\ng = iter([7])\ng is not None", status: "ok", result: "true", shown: "result text/plain=True "},
			{script: "next(g)", status: "ok", result: "7", shown: "result text/plain=7 "},
			{script: "class It:\n  left = [7]\n  def __iter__(self): return self\n  def __next__(self): return self.left.pop()\n  def __repr__(self): return 'It'\n[It()]", status: "ok", result: "null", shown: "result text/plain=[It] "},
			{script: "next(It())", status: "ok", result: "7", shown: "result text/plain=7 "},
			{script: "if __name__ == '__main__': print('ran')", status: "ok", result: "null", stdout: "ran\n"},
			{script: "def main(): print('called')\nmain()", status: "ok", result: "null", stdout: "called\n"},
			{script: "def f():\n  return 1/0\nf()", status: "exception", error: "ZeroDivisionError", line: 2},
			{script: "x = (\n", status: "exception", error: "SyntaxError|_IncompleteInputError", line: 1},
			{script: "raise KeyboardInterrupt", status: "exception", error: "KeyboardInterrupt", line: 1},
			{script: "x", status: "ok", result: "20", shown: "result text/plain=20 "},
			{script: "'y' * (5 << 20);", status: "ok", result: "null"},
			{script: "class B:\n  def __repr__(self): return 'B'\n  def _repr_html_(self): raise ValueError\nB()", status: "ok", result: "null", shown: "result text/plain=B "},
			{script: "import sys\nsys.exit(3)", status: "exited"},
			{script: "x", status: "ok", result: "20", shown: "result text/plain=20 "},
		} {
			got, err := cell.Call(t.Context(), t.Context(), nsjail.Job{Script: c.script, Mode: protocol.ScriptCell, Limits: limits})
			if err != nil {
				t.Fatal(err)
			}
			if shown := told(got.Outputs); string(got.Status) != c.status || string(got.Result) != c.result || shown != c.shown || string(got.Stdout) != c.stdout {
				t.Errorf("plain %v, %q: %s %s %s %q: %+v, %s", plain, c.script, got.Status, got.Result, shown, got.Stdout, got.Error, got.Stderr)
			}
			checkError(t, got.Error, c.error, c.line)
			if got.Error != nil && strings.Contains(got.Error.Traceback, "\x1b") {
				t.Errorf("%q has colours", got.Error.Traceback)
			}
		}
	}
}

func TestACellRunsCommandsWithoutATerminal(t *testing.T) {
	testkit.NeedsJails(t)
	cell := spawn(t, theJail(t, protocol.ModeFork))
	for script, want := range map[string]string{
		"!echo shown; exit 3":            "shown\n",
		"x = !echo kept\nprint(x)":       "['kept']\n",
		"%cd /home/user\nprint('went')":  "/box/work\nwent\n",
		"!no-such-command\nprint('on')":  "on\n",
		"import os\n!pwd\nprint('then')": "/box/work\nthen\n",
	} {
		got, err := cell.Call(t.Context(), t.Context(), nsjail.Job{Script: script, Mode: protocol.ScriptCell, Limits: limits})
		if err != nil || got.Status != protocol.StatusOK || string(got.Stdout) != want {
			t.Errorf("%q: %v %s %q %s %+v", script, err, got.Status, got.Stdout, got.Stderr, got.Error)
		}
	}
}

func TestALargeLastExpressionOfACellIsShownAndNoResult(t *testing.T) {
	small := limits
	small.ResultBytes = 100
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "import pandas as pd\npd.DataFrame({'a': range(1000)})", Mode: protocol.ScriptCell, Limits: small})
	if shown := told(got.Outputs); got.Status != protocol.StatusOK || string(got.Result) != "null" || !strings.Contains(shown, "1000 rows") || len(shown) > 10_000 {
		t.Errorf("%s %s, %d bytes: %.500s (%+v)", got.Status, got.Result, len(shown), shown, got.Error)
	}
}
