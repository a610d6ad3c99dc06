package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestExecTellsByItsExitStatus(t *testing.T) {
	testkit.NeedsJails(t)
	cases := []struct {
		name, script   string
		flags, args    []string
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
		{name: "a last expression", script: "x = 20\nx + 1", flags: []string{"--last-expression"}, stdout: "21\n"},
		{name: "what is shown", script: "def main():\n display('shown')\n return 1", flags: []string{"--display"}, stdout: "'shown'\n1\n"},
		{name: "a last expression without JSON", script: "class A: __repr__ = lambda self: 'an A'\nA()", flags: []string{"--last-expression"}, stdout: "an A\n"},
		{name: "a program", script: "import sys\nprint(__name__, sys.argv[1:])", flags: []string{"--mode", "program"}, args: []string{"--", "-v", "é"}, stdout: "__main__ ['-v', 'é']\n"},
		{name: "a program that raises", script: "def f():\n 1/0\nf()", flags: []string{"--mode", "program"}, status: 1, stderr: "line 2, in f\n"},
		{name: "a cell", script: "x = 20\nprint('out', end='')\nx + 1", flags: []string{"--mode", "cell"}, stdout: "out\n21\n"},
		{name: "a cell that raises", script: "1 / 0", flags: []string{"--mode", "cell"}, status: 1, stderr: "ZeroDivisionError: division by zero\n"},
		{name: "a program that exits", script: "import sys; sys.exit(3)", flags: []string{"--mode", "program"}, status: 3},
		{name: "an exit", script: "import sys\ndef main(): sys.exit(7)", status: 7},
		{name: "a timeout", script: "def main():\n while True: pass", flags: []string{"--limits-default-wall", "200ms"}, status: 124, stderr: "timeout: the script reached its limit of wall"},
		{name: "memory", script: "def main(): return bytearray(1 << 30)", status: 137, stderr: "memory_limit"},
		{name: "a segmentation fault", script: "import ctypes\ndef main(): ctypes.string_at(0)", status: 139, stderr: "SIGSEGV"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cmd := hotcell(t, slices.Concat([]string{"exec"}, c.flags, []string{"-"}, c.args)...)
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

func TestExecSendsFilesAndBringsBackWhatTheScriptLeaves(t *testing.T) {
	testkit.NeedsJails(t)
	here := t.TempDir()
	for name, content := range map[string]string{"data/in.csv": "a,b\n", "data/octets": "\xff\x00", "unchanged": "as it was", "outside": "mine"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(here, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(here, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(t.TempDir(), "absolute")
	if err := os.WriteFile(other, []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	// What is in the directory already does not lead out of it.
	if err := os.MkdirAll(filepath.Join(here, "out"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"out/replaced": "../outside", "out/away": "../data"} {
		if err := os.Symlink(to, filepath.Join(here, link)); err != nil {
			t.Fatal(err)
		}
	}
	const script = `import os
def main():
    os.makedirs("deep/er"); os.mkdir("away")
    for name in "deep/er/octets", "replaced", "away/in.csv", "data/in.csv":
        open(name, "wb").write(b"\xfe" + open("data/octets", "rb").read() + open("absolute", "rb").read())
`
	run := func(script string) (int, string, string) {
		cmd := hotcell(t, "exec", "--file", "data/in.csv", "--file", "./data/octets", "--file", "unchanged", "--file", other, "--collect", "out", "-")
		cmd.Dir, cmd.Stdin = here, strings.NewReader(script)
		return testkit.Outcome(t, cmd)
	}
	status, stdout, stderr := run(script)
	if status != 1 || stdout != "null\n" || !strings.Contains(stderr, `--collect: write "away/in.csv" in out: `) {
		t.Errorf("%d %s %s", status, stdout, stderr)
	}
	for name, want := range map[string]string{
		"out/deep/er/octets": "\xfe\xff\x001", "out/replaced": "\xfe\xff\x001", "out/data/in.csv": "\xfe\xff\x001", // they are there
		"outside": "mine", "data/in.csv": "a,b\n",
	} {
		if content, err := os.ReadFile(filepath.Join(here, name)); err != nil || string(content) != want {
			t.Errorf("%s: %q %v", name, content, err)
		}
	}
	var names []string
	err := filepath.WalkDir(filepath.Join(here, "out"), func(name string, _ os.DirEntry, err error) error {
		names = append(names, strings.TrimPrefix(name, here+"/"))
		return err
	})
	slices.Sort(names)
	if want := []string{"out", "out/away", "out/data", "out/data/in.csv", "out/deep", "out/deep/er", "out/deep/er/octets", "out/replaced"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("%v %q", err, names)
	}
	if status, _, stderr := run("def main(): open('away', 'w').close()"); status != 0 || stderr != "" { // a link is replaced
		t.Errorf("%d %s", status, stderr)
	}
}

func TestExecSavesPicturesWhereFilesGo(t *testing.T) {
	testkit.NeedsJails(t)
	const script = `class P:
    def _repr_png_(self): return b"\x89PNG\r\n\x1a\n12345678"
def main():
    open("output-2.png", "w").write("its own")
    display(P()); display(P()); display("text")
`
	dir := t.TempDir()
	cmd := hotcell(t, "exec", "--display", "--collect", dir, "-")
	cmd.Stdin = strings.NewReader(script)
	status, stdout, stderr := testkit.Outcome(t, cmd)
	if status != 0 || stdout != "[output-1.png: 16 bytes]\n[output-2.png: 16 bytes]\n'text'\nnull\n" || stderr != "" {
		t.Errorf("%d %q %s", status, stdout, stderr)
	}
	for name, want := range map[string]string{"output-1.png": "\x89PNG\r\n\x1a\n12345678", "output-2.png": "its own"} {
		if content, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(content) != want {
			t.Errorf("%s: %q %v", name, content, err)
		}
	}
}

func TestExecNamesALimitOfOpenFilesThatIsTooLow(t *testing.T) {
	cmd := hotcell(t, "exec", "/dev/null")
	cmd.Args = append([]string{"sh", "-c", `ulimit -n 16; exec "$0" "$@"`}, cmd.Args...)
	cmd.Path = "/bin/sh"
	if status, _, stderr := testkit.Outcome(t, cmd); status != 2 || !strings.Contains(stderr, "too few descriptors: RLIMIT_NOFILE is 16, and a jail requires 64: raise it (ulimit -n, LimitNOFILE=)") {
		t.Errorf("%d %s", status, stderr)
	}
}
