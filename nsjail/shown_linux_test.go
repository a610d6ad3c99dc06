package nsjail_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// told returns outputs as texts, with the size of what is neither text nor JSON.
func told(outputs []protocol.Output) string {
	var all []string
	for _, output := range outputs {
		var parts []string
		for _, part := range output.Parts {
			text := string(part.Data)
			if !protocol.TextType(part.Type) && !protocol.JSONType(part.Type) {
				text = fmt.Sprintf("%d bytes", len(part.Data))
			}
			parts = append(parts, part.Type+"="+text)
		}
		parts = append(parts, string(output.Metadata))
		all = append(all, string(output.Kind)+" "+strings.Join(parts, " "))
	}
	return strings.Join(all, "; ")
}

func TestWhatIsShownComesInEveryFormThatItHas(t *testing.T) {
	testkit.NeedsJails(t)
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		for _, c := range []struct{ name, script, want string }{
			{"text", "display('a', 1)", "display text/plain='a' ; display text/plain=1 "},
			{"methods", "class A:\n  def _repr_html_(self): return '<a>'\n  def _repr_png_(self): return b'xyz'\n  def __repr__(self): return 'A'\n display(A())",
				"display image/png=3 bytes text/html=<a> text/plain=A "},
			{"base64", "class A:\n  def _repr_jpeg_(self): return 'AP8=\\n', {'width': 2}\n  def __repr__(self): return 'A'\n display(A())",
				`display image/jpeg=2 bytes text/plain=A {"image/jpeg":{"width":2}}`},
			{"a bundle", "class A:\n  def _repr_mimebundle_(self, include, exclude): return {'text/x': 'x', 'application/json': {'a': (1, float('nan'))}}, {'b': 1}\n  def _repr_html_(self): return '<a>'\n  def __repr__(self): return 'A'\n display(A())",
				`display application/json={"a":[1,null]} text/html=<a> text/plain=A text/x=x {"b":1}`},
			{"raw", "display({'text/html': '<b>'}, raw=True, metadata={'m': 2})", `display text/html=<b> {"m":2}`},
			{"what is no data", "display({'Text/Html': 'x', 'image/png': 'not base64!', 'text/y': 7, 7: 'z', 'text/html; a=b': 'c', 'text/ok': 'half \\ud800'}, raw=True)", "display text/ok=half ? "},
			{"a class", "class A:\n  def _repr_html_(self): return '<a>'\n  def __repr__(self): return 'A'\n import builtins\n display(A is type(A()))", "display text/plain=True "},
			{"an answer to everything", "class A:\n  def __getattr__(self, name): return lambda *a, **k: 'x'\n  def __repr__(self): return 'A'\n display(A())", "display text/plain=A "},
			{"what shows itself", "class A:\n  def _ipython_display_(self): display('inner')\n display(A())", "display text/plain='inner' "},
			{"a data frame", "import pandas as pd, re\n class F(pd.DataFrame):\n  def _repr_html_(self): return re.search('[0-9]+ rows', super()._repr_html_())[0]\n  def __repr__(self): return 'F'\n display(F({'a': range(1000)}))", "display text/html=1000 rows text/plain=F "},
			{"threads", "import threading\n t = [threading.Thread(target=display, args=(i,)) for i in range(3)]\n for x in t: x.start(); x.join()", "display text/plain=0 ; display text/plain=1 ; display text/plain=2 "},
			{"a child", "import os, sys\n if os.fork() == 0: display('child'); os._exit(0)\n os.wait(); display('parent')", "display text/plain='parent' "},
			{"an update", "h = display(1, display_id='x'); h.update(2)", "display text/plain=1 ; display text/plain=2 "},
		} {
			if mode == protocol.ModeExec && c.name != "text" { // it would take the same way
				continue
			}
			got := execute(t, mode, nsjail.Job{Script: "def main():\n " + c.script, Display: true, Limits: limits})
			if shown := told(got.Outputs); got.Status != protocol.StatusOK || shown != c.want {
				t.Errorf("%s: %s, %s, want %s (%+v) %s", c.name, got.Status, shown, c.want, got.Error, got.Stderr)
			}
		}
	})
}

func TestNothingIsShownThatNobodyAskedFor(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "def main():\n try: display(1)\n except NameError: return 'no display'", Limits: limits})
	if string(got.Result) != `"no display"` || len(got.Outputs) > 0 {
		t.Errorf("%s %s %+v", got.Result, told(got.Outputs), got.Error)
	}
}

func TestALastExpressionWithoutJSONIsShownAsText(t *testing.T) {
	for _, c := range []struct {
		script       string
		display      bool
		result, want string
	}{
		{"x = 1\nx + 1", false, "2", ""},
		{"x = 1\nx + 1", true, "2", "result text/plain=2 "},
		{"class A:\n def __repr__(self): return 'A'\n def _repr_html_(self): return '<a>'\n\nA()", false, "null", "result text/plain=A "},
		{"class A:\n def __repr__(self): return 'A'\n def _repr_html_(self): return '<a>'\n\nA()", true, "null", "result text/html=<a> text/plain=A "},
		{"class A:\n def __repr__(self): return 1/0\n\nA()", false, "null", "result text/plain=<A: its repr raised ZeroDivisionError> "},
		{"display(1)\nNone", true, "null", "display text/plain=1 "},
	} {
		got := execute(t, protocol.ModeFork, nsjail.Job{Script: c.script, LastExpression: true, Display: c.display, Limits: limits})
		if shown := told(got.Outputs); got.Status != protocol.StatusOK || string(got.Result) != c.result || shown != c.want {
			t.Errorf("%q: %s %s, %s, want %s (%+v) %s", c.script, got.Status, got.Result, shown, c.want, got.Error, got.Stderr)
		}
	}
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: "class A:\n def __repr__(self): return 'é' * 10**6\n\nA()", LastExpression: true, Limits: limits})
	if shown := told(got.Outputs); got.Status != protocol.StatusOK || len(shown) < 20_000 || len(shown) > nsjail.LastOutputBytes || !strings.Contains(shown, "cut") {
		t.Errorf("%s, %d bytes: %.50s", got.Status, len(shown), shown)
	}
}

func TestWhatIsTooMuchToShowIsLeftOut(t *testing.T) {
	tight := limits
	tight.OutputsBytes = 10_000
	for _, c := range []struct {
		script string
		status protocol.Status
		count  int
		result string
	}{
		{"for i in range(100): display(i)\n return 1", protocol.StatusOK, 100, "1"},
		{"for i in range(101): display(i)\n return 1", protocol.StatusOutputLimit, 100, ""},
		{"display('x' * 9000); display('y' * 2000); display('z')\n return 1", protocol.StatusOutputLimit, 1, ""},
		{"for i in range(10**5): display(i)\n return 1", protocol.StatusOutputLimit, 100, ""},
		{"display({'image/png': b'x' * 10**4}, raw=True)", protocol.StatusOK, 1, "null"},
		{"display({'image/png': b'x' * 10**4}, raw=True, metadata={'a': 1})", protocol.StatusOutputLimit, 0, ""},
		{"for i in range(101): display(i)\n 1/0", protocol.StatusOutputLimit, 100, ""},
		{"import threading\n def f():\n  for i in range(300): display(i)\n t = [threading.Thread(target=f) for _ in range(8)]\n for x in t: x.start()\n for x in t: x.join()", protocol.StatusOutputLimit, 100, ""},
	} {
		got := execute(t, protocol.ModeFork, nsjail.Job{Script: "def main():\n " + c.script, Display: true, Limits: tight})
		limit := protocol.Limit("")
		if c.status == protocol.StatusOutputLimit {
			limit = protocol.LimitOutputs
		}
		if got.Status != c.status || got.Limit != limit || len(got.Outputs) != c.count || string(got.Result) != c.result {
			t.Errorf("%s: %s %s, %d outputs, %s: %+v", c.script, got.Status, got.Limit, len(got.Outputs), got.Result, got.Error)
		}
	}
}
