package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/attack"
	"github.com/hotcell/hotcell/internal/testkit"
)

// programs is the directory of hotcell and hotcell-attack as make build links them.
// Attacks have deadlines, and the tests' own program may contain the race detector,
// which makes the encoding of a large output ten times as slow.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := testkit.OpenDir("", "hotcell-attack-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		programs = dir
		if out, err := exec.Command("go", "build", "-trimpath", "-o", dir, "../hotcell", ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// stateDir makes a state directory for one server. The test fails if anything is left
// in it.
func stateDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(programs, strings.ReplaceAll(t.Name(), "/", "-"))
	t.Cleanup(func() {
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("left in the state directory: %v", left)
		}
	})
	return dir
}

func program(name string, args ...string) *exec.Cmd {
	return exec.Command(filepath.Join(programs, name), args...)
}

// serve starts a server, and waits until it is ready. As an ordinary user it has one
// uid for all cells, and a delegated cgroup.
func serve(t *testing.T, ordinary bool, flags ...string) *testkit.Server {
	t.Helper()
	testkit.NeedsJails(t)
	state := stateDir(t)
	cmd := program("hotcell", append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...)
	cmd.Env = append(os.Environ(), "HOTCELL_PYTHON="+testkit.PythonPath(), "HOTCELL_STATE_DIR="+state, "HOTCELL_JOBS_DIR="+state+"-jobs", "HOTCELL_PRELOAD=")
	if ordinary {
		cmd = testkit.AsOrdinary(t, cmd, state, testkit.Delegate(t))
	}
	return testkit.Serve(t, cmd)
}

// end stops the server as an operator does.
func end(t *testing.T, s *testkit.Server) {
	t.Helper()
	s.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.Log)
	}
}

// keysOf makes a file with keys of these names, and returns it and the keys.
func keysOf(t *testing.T, names ...string) (file string, keys []string) {
	t.Helper()
	var entries strings.Builder
	for _, name := range names {
		var made struct{ Key, Entry string }
		_, stdout, _ := testkit.Outcome(t, program("hotcell", "key", "new", name, "--rights", "execute,sessions,admin", "--json"))
		if err := json.Unmarshal([]byte(stdout), &made); err != nil {
			t.Fatal(err)
		}
		entries.WriteString(made.Entry)
		keys = append(keys, made.Key)
	}
	file = filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(file, []byte(entries.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, keys
}

// What these groups try does not depend on how cells are made, nor on their uids: files
// do, and so uploads is not among them.
var translated = []string{"tenants", "streams", "floods"}

// groupsBut returns the groups of attacks without these.
func groupsBut(t *testing.T, without []string) string {
	t.Helper()
	cases, err := attack.Cases()
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, c := range cases {
		if group := c.Group(); !slices.Contains(groups, group) && !slices.Contains(without, group) {
			groups = append(groups, group)
		}
	}
	return strings.Join(groups, ",")
}

var (
	logLine = regexp.MustCompile(`^time=\S+ level=(DEBUG|INFO|WARN|ERROR) msg=("([^"\\]|\\.)*"|[^\s"=]+)( [\w.]+=("([^"\\]|\\.)*"|[^\s"=]*))*$`)
	forged  = regexp.MustCompile(`^([^"]|"([^"\\]|\\.)*")* [\w.]+=FORGED( |$)`) // what attacks on the log try to write
)

func TestAForgedLineOfTheLogIsFound(t *testing.T) {
	for line, isOwn := range map[string]bool{
		`time=2026-11-27T05:38:52.154Z level=INFO msg=request path="/a\ntime=1 msg=FORGED" http=404 error="x: \"y\""`: true,
		`time=2026-11-27T05:38:52.154Z level=INFO msg="a b" path=/FORGED key=one ms=0.1`:                              true,
		`time=2026-11-27T05:38:52.154Z level=INFO msg=request path=/a msg=FORGED http=404`:                            false,
		`time=2026-11-27T05:38:52.154Z level=INFO msg=request path="/a" msg=FORGED`:                                   false,
		`time=1 level=ERROR`:   false,
		`msg=FORGED" http=404`: false,
		``:                     false,
	} {
		if own := logLine.MatchString(line) && !forged.MatchString(line); own != isOwn {
			t.Errorf("%s: own line %v, want %v", line, own, isOwn)
		}
	}
}

// attackAll runs the suite, and stops the server. No line of its log may be anything but
// its own.
func attackAll(t *testing.T, s *testkit.Server, uids string, without []string, keys ...string) []attack.Outcome {
	t.Helper()
	cfg := attack.Config{URL: s.URL, Parallel: 4, Only: groupsBut(t, without)}
	if len(keys) == 2 {
		cfg.Key, cfg.Other = keys[0], keys[1]
	}
	report, err := attack.Run(t.Context(), cfg)
	if err != nil {
		t.Error(err)
	}
	if report.UIDs != uids {
		t.Errorf("/info says uids %q, and they are %q", report.UIDs, uids)
	}
	for _, outcome := range report.Outcomes {
		if outcome.Excuse == "" && !outcome.Stood {
			t.Errorf("%s fell: %s\nwant %s\ngot  %s", outcome.Name, outcome.Why, outcome.Want, outcome.Got)
		}
	}
	t.Log(report.Summary())
	end(t, s)
	for line := range strings.Lines(s.Log.String()) {
		if line = strings.TrimSuffix(line, "\n"); !logLine.MatchString(line) || forged.MatchString(line) {
			t.Errorf("a line of the log is forged: %q", line)
		}
	}
	return report.Outcomes
}

// The suite against a service that runs as root: each cell has a uid of its own. With two
// keys, one tenant attacks another, too. In spawn mode exec a cell takes 0.3 s of a processor.
func TestEveryAttackStands(t *testing.T) {
	for mode, without := range map[string][]string{"fork": nil, "exec": translated} {
		t.Run(mode, func(t *testing.T) {
			file, keys := keysOf(t, "one", "two")
			s := serve(t, false, "--spawn-mode", mode, "--pool-size", "8", "--keys", file)
			if mode == "fork" && os.Getenv("HOTCELL_SNAPSHOT") != "no" && strings.Contains(s.Log.String(), "takes no snapshot") {
				t.Errorf("cells have no snapshot: %s", s.Log)
			}
			attackAll(t, s, "range", without, keys...)
		})
	}
}

// Cells of a zygote with a snapshot share more with it and so with each other. make
// test-rootfs tries all attacks without one, too.
func TestAttacksOnOtherCellsStandWithoutASnapshot(t *testing.T) {
	file, keys := keysOf(t, "one", "two")
	s := serve(t, false, "--snapshot", "no", "--pool-size", "8", "--keys", file)
	attackAll(t, s, "range", strings.Split(groupsBut(t, []string{"leave", "sibling"}), ","), keys...)
}

// The suite as an ordinary user, whose cells share one uid. Each attack that is
// documented to fall then must fall in at least one of the modes.
func TestEveryAttackStandsForAnOrdinaryUser(t *testing.T) {
	stood := make(map[string]int)
	for _, mode := range []string{"fork", "exec"} {
		t.Run(mode, func(t *testing.T) {
			for _, outcome := range attackAll(t, serve(t, true, "--spawn-mode", mode, "--pool-size", "8"), "single", translated) {
				if outcome.Excuse != "" && outcome.Stood {
					stood[outcome.Name]++
				}
			}
		})
	}
	for name, modes := range stood {
		if modes == 2 {
			t.Errorf("%s stood, and its head says that it falls where all cells share one uid", name)
		}
	}
}

// What scripts of a server that runs with nice see differs. The session of its own is for
// kernels that share processors among sessions: other tests do not starve it.
func TestAttacksOnPrioritiesStandWithNice(t *testing.T) {
	testkit.NeedsJails(t)
	cmd := exec.Command("nice", "-n", "19", filepath.Join(programs, "hotcell"), "serve", "--listen", "127.0.0.1:0", "--pool-size", "2", "--preload", "")
	cmd.Env = append(os.Environ(), "HOTCELL_PYTHON="+testkit.PythonPath(), "HOTCELL_STATE_DIR="+stateDir(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	s := testkit.Serve(t, cmd)
	report, err := attack.Run(t.Context(), attack.Config{URL: s.URL, Only: "leave/attributes,sibling/same_uid_signals", Slowness: 3})
	if err != nil || report.Fell > 0 || report.Stood != 2 {
		t.Errorf("%v %+v", err, report)
	}
	end(t, s)
}

func TestUsersAreToldWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"another command's flag", []string{"--once"}, 2, "unknown flag: --once\nhint: hotcell-attack --help"},
		{"an attack on no URL", []string{"127.0.0.1:80"}, 2, "invalid URL"},
		{"an attack that there is not", []string{"--only", "x", "http://127.0.0.1:1"}, 2, "the groups are "},
		{"a tag that there is not", []string{"--tag", "x", "http://127.0.0.1:1"}, 2, "the tags are "},
		{"an attack on another machine", []string{"http://192.0.2.1"}, 2, "loopback only"},
		{"an attack on nobody", []string{"http://127.0.0.1:1"}, 125, "hint: nothing listens there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := testkit.Outcome(t, program("hotcell-attack", c.args...))
			if status != c.status || stdout != "" || !strings.Contains(stderr, c.stderr) {
				t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
			}
		})
	}
}

func TestAttacksComeWithAKey(t *testing.T) {
	file, keys := keysOf(t, "attacker", "other")
	s := serve(t, false, "--pool-size", "2", "--keys", file)
	if status, stdout, stderr := testkit.Outcome(t, program("hotcell-attack", "--only", "forge", s.URL)); status != 2 || stdout != "" || !strings.Contains(stderr, "a key is required") {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte(keys[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--only", "sessions,tenants/kernels"}, "1 were left out that need another tenant's key"},
		{[]string{"--only", "tenants/kernels", "--other-key-file", other}, "all 1 attacks stood"},
	} {
		cmd := program("hotcell-attack", append(c.flags, s.URL)...)
		cmd.Env = append(os.Environ(), "HOTCELL_KEY="+keys[0])
		if status, stdout, stderr := testkit.Outcome(t, cmd); status != 0 || !strings.Contains(stdout, c.want) || stderr != "" {
			t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
		}
	}
	end(t, s)
}

// The program that starts as root contains neither hostile scripts nor load
// generators.
func TestHotcellHasNoAttacks(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../hotcell").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		if regexp.MustCompile(`^github\.com/hotcell/hotcell/(attack|bench)(/|$)`).MatchString(path) {
			t.Errorf("it links %s", path)
		}
	}
	for name, contains := range map[string]bool{"hotcell": false, "hotcell-attack": true} {
		linked, err := os.ReadFile(filepath.Join(programs, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(linked, []byte("# tries: ")) != contains {
			t.Errorf("%s contains the scripts: %v", name, !contains)
		}
	}
}
