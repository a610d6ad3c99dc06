package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// The tests run the program as a user does: this test binary becomes it.
func TestMain(m *testing.M) {
	if os.Getenv("HOTCELL_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// hotcell is a command line that was not started yet, with a state directory of
// its own.
func hotcell(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "HOTCELL_TEST_MAIN=1", "GORACE=atexit_sleep_ms=0", "HOTCELL_PYTHON="+testkit.PythonPath(), "HOTCELL_STATE_DIR="+stateDir(t), "HOTCELL_PRELOAD=")
	return cmd
}

func stateDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-test-%d", os.Getpid()), strings.ReplaceAll(t.Name(), "/", "-"))
	t.Cleanup(func() {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left in the state directory: %v", left)
		}
		_ = os.RemoveAll(filepath.Dir(dir))
	})
	return dir
}

// outcome runs cmd to its end.
func outcome(t *testing.T, cmd *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestUsersAreToldWhatIsWrongAndWhatToDo(t *testing.T) {
	cases := []struct {
		name           string
		args           []string
		env            string
		status         int
		stdout, stderr string // parts of them
	}{
		{name: "no command", status: 2, stderr: "usage: hotcell COMMAND"},
		{name: "help", args: []string{"help"}, stdout: "serve POST /execute over HTTP"},
		{name: "--help", args: []string{"--help"}, stdout: "usage: hotcell COMMAND"},
		{name: "an unknown command", args: []string{"sevre"}, status: 2, stderr: "hotcell: unknown command \"sevre\"\nhint: did you mean serve?"},
		{name: "version", args: []string{"version"}, stdout: " go1."},
		{name: "serve --help", args: []string{"serve", "--help"}, stdout: "--limits-max-memory (1GiB)\n"},
		{name: "exec --help", args: []string{"exec", "--help"}, stdout: "124  its wall clock"},
		{name: "help of a command", args: []string{"help", "top"}, stdout: "usage: hotcell top [flags] [URL]"},
		{name: "help of what is no command", args: []string{"help", "tpo"}, status: 2, stderr: "unknown command \"tpo\"\nhint: did you mean "},
		{name: "--version", args: []string{"--version"}, stdout: " go1."},
		{name: "version of something", args: []string{"version", "x"}, status: 2, stderr: "version takes no arguments"},
		{name: "no environment", args: []string{"profile", "build"}, status: 2, stderr: "was given []\nhint: hotcell profile build --help"},
		{name: "an argument too few", args: []string{"profile", "build", "x"}, status: 2, stderr: "profile build takes REQUIREMENTS and DIRECTORY, and was given [\"x\"]"},
		{name: "a command without its command", args: []string{"profile"}, status: 2, stderr: "hotcell profile needs a command\nhint: hotcell profile --help"},
		{name: "an unknown command of a command", args: []string{"profile", "bild", "x", "y"}, status: 2, stderr: "unknown command \"bild\"\nhint: did you mean build?"},
		{name: "one dash", args: []string{"serve", "-pool-size", "x"}, status: 2, stderr: "flag --pool-size"},
		{name: "an unknown flag", args: []string{"serve", "--lisen", "x"}, status: 2, stderr: "-lisen\nhint: "},
		{name: "an argument too many", args: []string{"serve", "now"}, status: 2, stderr: `["now"]`},
		{name: "a bad flag", args: []string{"serve", "--pool-size", "x"}, status: 2, stderr: "flag --pool-size: pool_size = \"x\": must be a whole number from 0 to 10000\nhint: hotcell serve --help"},
		{name: "a bad variable", args: []string{"serve"}, env: "HOTCELL_MAX_BODY=1TB", status: 2, stderr: "environment HOTCELL_MAX_BODY"},
		{name: "an unknown variable", args: []string{"exec", "-"}, env: "HOTCELL_LISTN=x", status: 2, stderr: "HOTCELL_LISTN"},
		{name: "no file", args: []string{"exec"}, status: 2, stderr: "exec takes one FILE"},
		{name: "a file that is not there", args: []string{"exec", "/nowhere.py"}, status: 2, stderr: "/nowhere.py: no such file"},
		{name: "an argument that is no JSON", args: []string{"exec", "--arg", "text", "-"}, status: 2, stderr: `'"text"'`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cmd := hotcell(t, c.args...)
			if c.env != "" {
				cmd.Env = append(cmd.Env, c.env)
			}
			status, stdout, stderr := outcome(t, cmd)
			if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.status == 0 && stderr != "" || c.status != 0 && stdout != "" {
				t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
			}
		})
	}
}

func TestExecTellsByItsExitStatus(t *testing.T) {
	testkit.NeedsJails(t)
	cases := []struct {
		name, script   string
		flags          []string
		status         int
		stdout, stderr string // the latter a part
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
			status, stdout, stderr := outcome(t, cmd)
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
		_, stdout, stderr := outcome(t, hotcell(t, "exec", "--json", file))
		if !json.Valid([]byte(stdout)) || !strings.Contains(stdout, want) || stderr != "" {
			t.Errorf("stdout: %s\nstderr: %s", stdout, stderr)
		}
	}
}

// serving is a running `hotcell serve`.
type serving struct {
	*testkit.Program
	t   *testing.T
	url string
}

var address = regexp.MustCompile(`msg=serving address=(\S+)`)

func startServing(t *testing.T, flags ...string) *serving {
	t.Helper()
	testkit.NeedsJails(t)
	return start(t, hotcell(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--pool-size", "2"}, flags...)...))
}

// start starts what is to serve, and waits until it does.
func start(t *testing.T, cmd *exec.Cmd) *serving {
	t.Helper()
	s := &serving{Program: testkit.Start(t, cmd), t: t}
	s.Eventually("it serves", func() bool {
		found := address.FindStringSubmatch(s.Log.String())
		if found != nil {
			s.url = "http://" + found[1]
		}
		return found != nil
	})
	return s
}

// stop ends the server, which must drain and leave without an error.
func (s *serving) stop() {
	s.t.Helper()
	_ = s.Process.Signal(syscall.SIGTERM) // unless it has ended
	if err := s.Wait(); err != nil {
		s.t.Errorf("serve: %v", err)
	}
}

// execute returns "" when the connection broke.
func (s *serving) execute(script string) string {
	body, err := json.Marshal(map[string]string{"script": script})
	if err != nil {
		s.t.Error(err)
	}
	response, err := http.Post(s.url+"/execute", "application/json", bytes.NewReader(body))
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var answer bytes.Buffer
	_, _ = answer.ReadFrom(response.Body)
	return answer.String()
}

func TestASignalDrainsAndTheExitIsClean(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			s := startServing(t)
			answer := make(chan string, 1)
			go func() { answer <- s.execute("import time\ndef main():\n time.sleep(0.7)\n return 'done'") }()
			time.Sleep(300 * time.Millisecond)
			s.Signal(signal)
			if err := s.Wait(); err != nil {
				t.Errorf("%v\n%s", err, s.Log)
			}
			if text := <-answer; !strings.Contains(text, `"result":"done"`) {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestASecondSignalDoesNotWait(t *testing.T) {
	s := startServing(t, "--drain-grace", "1m")
	answer := make(chan string, 1)
	go func() { answer <- s.execute("import time\ndef main(): time.sleep(9)") }()
	time.Sleep(300 * time.Millisecond)
	s.Signal(syscall.SIGTERM)
	time.Sleep(100 * time.Millisecond)
	began := time.Now()
	s.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %v\n%s", err, time.Since(began), s.Log)
	}
	<-answer
}

func TestAnAddressInUseHasAHint(t *testing.T) {
	s := startServing(t)
	status, _, stderr := outcome(t, hotcell(t, "serve", "--listen", strings.TrimPrefix(s.url, "http://")))
	if status != 125 || !strings.Contains(stderr, "\nhint: another program listens there") {
		t.Errorf("%d %s", status, stderr)
	}
	s.stop()
}

// What an instance leaves that was killed, the next one removes.
func TestAStartAfterAKillCleansUp(t *testing.T) {
	first := startServing(t)
	go first.execute("import os, time\ndef main():\n os.fork(); time.sleep(60)")
	time.Sleep(500 * time.Millisecond)
	groups := cgroups(t)
	if len(groups) == 0 {
		t.Fatal("no cgroups")
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()

	second := startServing(t)
	if !strings.Contains(second.execute("def main(): return 'second'"), `"result":"second"`) {
		t.Error("the second does not answer")
	}
	for _, group := range groups {
		if _, err := os.Stat(group); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", group, err)
		}
	}
	second.stop()
}

// cgroups are those of the instances of this test.
func cgroups(t *testing.T) []string {
	t.Helper()
	lists, _ := filepath.Glob(filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-test-%d", os.Getpid()), t.Name(), "*", "cgroups"))
	var all []string
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Fields(string(text))...)
	}
	return all
}
