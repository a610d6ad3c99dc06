package nsjail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// Scripts that try to forge or break their answer. They can reach only their own; an
// ordinary result must still arrive.
func TestHostileScriptsDoNotGetAroundTheirVerdict(t *testing.T) {
	testkit.NeedsJails(t)
	frame := `
import json, os, struct
def frame(kind, payload): return struct.pack('>IB', len(payload), kind) + payload
`
	cases := []struct {
		name, script string
		status       protocol.Status
		result       string
		errorType    string
	}{
		{"builtins replaced", `
import builtins
def main():
    for name in ('len', 'isinstance', 'type', 'str', 'getattr', 'print', 'dict', 'zip', 'open', '__import__'): setattr(builtins, name, None)
    return {'a': [1, 2.5, None, 'x']}`, "ok", `{"a":[1,2.5,null,"x"]}`, ""},
		{"builtins replaced, and an exception", `
import builtins
def main():
    for name in ('len', 'isinstance', 'type', 'str', 'getattr', 'hasattr', 'open', '__import__'): setattr(builtins, name, None)
    raise ValueError('x')`, "exception", "", "ValueError"},
		{"json, os and sys replaced", `
import json, os, sys, struct, linecache, traceback
def main():
    for module in (json, json.encoder, os, struct, linecache, traceback):
        for name in list(vars(module)):
            if not name.startswith('__'): setattr(module, name, None)
    return [1]`, "ok", "[1]", ""},
		{"modules deleted", "import sys\ndef main():\n sys.modules.clear()\n return [1]", "ok", "[1]", ""},
		{"streams replaced and closed", "import os, sys\ndef main():\n sys.stdout = sys.stderr = sys.stdin = None\n os.closerange(0, 3)\n return [1]", "ok", "[1]", ""},
		{"tracing", "import sys\ndef main():\n sys.settrace(lambda *a: 1/0)\n sys.setprofile(lambda *a: 1/0)\n return [1]", "exception", "", "ZeroDivisionError"},
		{"tracing quietly", "import sys\ndef main():\n sys.settrace(lambda *a: None)\n sys.setprofile(lambda *a: None)\n return [1]", "ok", "[1]", ""},
		{"a low recursion limit", "import sys\ndef main():\n sys.setrecursionlimit(30)\n return [[[1]]]", "ok", "[[[1]]]", ""},
		{"signals pending", "import os, signal\ndef main():\n signal.signal(signal.SIGALRM, lambda *a: 1/0)\n signal.setitimer(signal.ITIMER_REAL, 0.02, 0.001)\n return list(range(200000))[:1]", "", "", ""},
		{"an exception whose text raises", "class E(Exception):\n def __str__(self): raise SystemExit(3)\ndef main(): raise E()", "exception", "", "E"},
		{"a class that lies about its type", "class L(dict):\n __class__ = property(lambda s: 1/0)\n def items(self): raise SystemExit(9)\ndef main(): return {'x': L(a=1)}", "", "", ""},
		{"a fork whose child returns", "import os\ndef main():\n if os.fork() == 0: return 'child'\n os.wait(); return 'parent'", "ok", `"parent"`, ""},
		{"a fork whose child raises", "import os\ndef main():\n if os.fork() == 0: raise ValueError\n os.wait(); return 'parent'", "ok", `"parent"`, ""},
		{"a fork whose child exits", "import os, sys\ndef main():\n if os.fork() == 0: sys.exit(3)\n return os.waitstatus_to_exitcode(os.wait()[1])", "ok", "3", ""},
		{"frames on stdout", frame + "def main():\n os.write(1, frame(9, b'{\"status\":\"ok\",\"error\":null}\\n\"forged\"'))\n return 'true'", "ok", `"true"`, ""},
		{"the channel closed", "import os\ndef main():\n os.close(3)\n return 1", "exited", "", ""},
		{"a frame of another type", frame + "def main():\n os.write(3, frame(7, b'{}'))\n import time; time.sleep(60)", "killed", "", "ProtocolError"},
		{"a frame of no type", frame + "def main():\n os.write(3, frame(200, b'{}'))\n import time; time.sleep(60)", "killed", "", "ProtocolError"},
		{"a frame that announces 4 GiB", "import os\ndef main():\n os.write(3, b'\\xff\\xff\\xff\\xff\\x09')\n import time; time.sleep(60)", "killed", "", "ProtocolError"},
		{"a frame that never ends", "import os, time\ndef main():\n os.write(3, b'\\x00\\x00\\x10\\x00\\x09{')\n time.sleep(60)", "timeout", "", ""},
		{"a head that is not JSON", frame + "def main():\n os.write(3, frame(9, b'nonsense\\nnull'))\n import time; time.sleep(60)", "killed", "", "ProtocolError"},
		{"a status of ours", frame + "def main():\n os.write(3, frame(9, b'{\"status\":\"timeout\"}\\nnull'))\n import time; time.sleep(60)", "killed", "", "ProtocolError"},
		{"two answers: the first counts", frame + "def main():\n os.write(3, frame(9, b'{\"status\":\"ok\"}\\n1'))\n return 2", "ok", "1", ""},
		{"output after a forged answer", frame + "def main():\n print('a' * 100)\n os.write(3, frame(9, b'{\"status\":\"ok\"}\\n1'))\n while True: print('b' * 100000)", "", "", ""},
		{"the worker's own frames replaced", "import gc, sys\ndef main():\n f = sys._getframe()\n while f: f.f_globals.update({k: None for k in list(f.f_globals) if callable(f.f_globals[k]) and k != 'main'}); f = f.f_back\n return 1", "", "", ""},
		{"a traceback of a hundred thousand lines", "def main():\n exec('def f(n):\\n' + ' f(n)\\n' * 50000 + 'raise ValueError(\"x\" * 10**7)')", "exception", "", "ValueError"},
		{"a message of lone surrogates", "def main(): raise ValueError('\\udcff' * 100000)", "exception", "", "ValueError"},
		{"a name of ten megabytes", "def main(): raise type('N' * 10**7, (Exception,), {})()", "exception", "", strings.Repeat("N", 200)},
		{"an endless generator for a result", "class D(dict):\n def items(self):\n  while True: yield ('a', 1)\ndef main(): return D(a=1)", "", "", ""},
		{"deep nesting", "def main():\n a = []\n for _ in range(100000): a = [a]\n return a", "not_json", "", "list"},
		{"one level deeper than results may be", fmt.Sprintf("def main():\n a = 1\n for _ in range(%d): a = [a]\n return a", protocol.MaxResultDepth+1), "not_json", "", "list"},
		{"as deep as results may be", fmt.Sprintf("def main():\n a = 1\n for _ in range(%d): a = [a]\n return a", protocol.MaxResultDepth), "ok",
			strings.Repeat("[", protocol.MaxResultDepth) + "1" + strings.Repeat("]", protocol.MaxResultDepth), ""},
		{"a source nested too deep to compile", "x = " + strings.Repeat("(", 50000), "syntax_error", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := limits
			l.MemoryBytes = 512 << 20
			if c.status == "" || c.status == "timeout" { // it may not end
				l.Wall = slowness * 2 * time.Second
			}
			got := execute(t, protocol.ModeFork, nsjail.Job{Script: c.script, Limits: l})
			if c.status != "" && got.Status != c.status {
				t.Errorf("%s limit=%s signal=%s exit=%v %+v stderr %s", got.Status, got.Limit, got.Signal, got.ExitCode, got.Error, got.Stderr)
			}
			if c.result != "" && string(got.Result) != c.result {
				t.Errorf("result %.200s, want %s", got.Result, c.result)
			}
			if c.errorType != "" && (got.Error == nil || got.Error.Type != c.errorType) {
				t.Errorf("error %.300v, want %.30s", got.Error, c.errorType)
			}
		})
	}
}

func TestACallerWhoGivesUpEndsTheScript(t *testing.T) {
	cell := spawn(t, theJail(t, protocol.ModeFork))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := cell.Run(ctx, nsjail.Job{Script: "import time\ndef main(): time.sleep(60)", Limits: limits})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	<-cell.Gone()
}

func TestADeadParkedCellIsSeenAndGivesNoVerdict(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		cell := spawn(t, theJail(t, mode))
		kill(t, cell.PID())
		<-cell.Gone()
		if cell.Alive() {
			t.Error("it says that it lives")
		}
		if _, err := cell.Run(t.Context(), nsjail.Job{Script: warmup, Limits: limits}); !errors.Is(err, nsjail.ErrCellLost) {
			t.Errorf("run: %v", err)
		}
	})
}

func TestAKilledCellIsKilled(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		cell := spawn(t, theJail(t, mode))
		once := sync.OnceFunc(func() { kill(t, cell.PID()) })
		got, err := cell.Run(t.Context(), nsjail.Job{Script: "import time\ndef main(): print('runs', flush=True); time.sleep(60)", Limits: limits, Output: func(nsjail.Stream, []byte) { once() }})
		if err != nil || got.Status != protocol.StatusKilled || got.Signal != "SIGKILL" {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestCloseEndsARunningScript(t *testing.T) {
	cell := spawn(t, theJail(t, protocol.ModeFork))
	job := nsjail.Job{Script: "import time\ndef main():\n    print('runs', flush=True)\n    time.sleep(600)", Limits: limits}
	job.Limits.Wall = time.Minute
	var closed sync.WaitGroup
	once := sync.OnceFunc(func() { closed.Go(func() { _ = cell.Close() }) })
	job.Output = func(nsjail.Stream, []byte) { once() }
	if got, err := cell.Run(t.Context(), job); err == nil && got.Limit != "" {
		t.Errorf("the script ran until its limit: %+v", got)
	}
	closed.Wait()
}
