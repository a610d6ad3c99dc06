package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestExecTellsByItsExitStatus(t *testing.T) {
	testkit.NeedsJails(t)
	cases := []struct {
		name, script   string
		flags          []string
		status         int
		stdout, stderr string // stderr: a part of it
	}{
		{name: "a result", script: "import sys\ndef main():\n print('out'); print('err', file=sys.stderr); return {'a': [1, '<']}", stdout: "out\n{\"a\":[1,\"<\"]}\n", stderr: "err\n"},
		{name: "an open line", script: "def main(): print('out', end='')", stdout: "out\nnull\n"},
		{name: "everything given", script: "import os\ndef main(a, b, *, k): return [a, b, k, os.environ['E'], input()]",
			flags: []string{"--arg", "12345678901234567890", "--arg", `"x"`, "--kwarg", "k=[null]", "--env", "E=a=b", "--stdin", "/proc/sys/kernel/ostype"}, stdout: "[12345678901234567890,\"x\",[null],\"a=b\",\"Linux\"]\n"},
		{name: "an exception", script: "def main():\n print('out')\n return 1/0", status: 1, stdout: "out\n", stderr: "script.py\", line 3, in main\n    return 1/0\n"},
		{name: "no JSON", script: "def main(): return object()", status: 1, stderr: "not_json"},
		{name: "a syntax error", script: "def main(:", status: 2, stderr: "syntax_error: line 1"},
		{name: "no main", script: "print('ran')", status: 2, stdout: "ran\n", stderr: "no_main"},
		{name: "an exit", script: "import sys\ndef main(): sys.exit(7)", status: 7},
		{name: "a timeout", script: "def main():\n while True: pass", flags: []string{"--limits-default-wall", "200ms"}, status: 124, stderr: "timeout: the script reached its limit of wall"},
		{name: "memory", script: "def main(): return bytearray(1 << 30)", status: 137, stderr: "memory_limit"},
		{name: "a segmentation fault", script: "import ctypes\ndef main(): ctypes.string_at(0)", status: 139, stderr: "SIGSEGV"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cmd := hotcell(t, append(append([]string{"exec"}, c.flags...), "-")...)
			cmd.Stdin = strings.NewReader(c.script)
			status, stdout, stderr := testkit.Outcome(t, cmd)
			if status != c.status || stdout != c.stdout || !strings.Contains(stderr, c.stderr) || c.stderr == "" && stderr != "" {
				t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
			}
		})
	}
}

func TestExecGivesTheWholeAnswerAsJSON(t *testing.T) {
	testkit.NeedsJails(t)
	file := filepath.Join(t.TempDir(), "script.py")
	for script, want := range map[string]string{"def main(): return 1": `"status":"ok"`, "def main(:": `"code":"syntax_error"`} {
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		_, stdout, stderr := testkit.Outcome(t, hotcell(t, "exec", "--json", file))
		if !json.Valid([]byte(stdout)) || !strings.Contains(stdout, want) || stderr != "" {
			t.Errorf("stdout: %s\nstderr: %s", stdout, stderr)
		}
	}
}
