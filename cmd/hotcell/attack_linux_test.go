package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/attack"
	"github.com/hotcell/hotcell/internal/testkit"
)

// The whole suite against the real service as root, where each cell has a uid of
// its own. In spawn mode exec a cell takes 0.3 s of a processor.
func TestEveryAttackStands(t *testing.T) {
	for _, mode := range []string{"fork", "exec"} {
		t.Run(mode, func(t *testing.T) {
			testkit.NeedsJails(t)
			s := start(t, released(t, hotcell(t, "serve", "--listen", "127.0.0.1:0", "--spawn-mode", mode, "--pool-size", "8")))
			attackAll(t, s, "range")
			if left, _ := os.ReadDir(stateDir(t)); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// The same as an ordinary user, whose cells share one uid. What is documented to
// fall then must fall in one of the modes at least.
func TestEveryAttackStandsForAnOrdinaryUser(t *testing.T) {
	testkit.NeedsJails(t)
	stood := make(map[string]int)
	for _, mode := range []string{"fork", "exec"} {
		t.Run(mode, func(t *testing.T) {
			cmd := released(t, hotcell(t, "serve", "--listen", "127.0.0.1:0", "--spawn-mode", mode, "--pool-size", "8"))
			s := start(t, testkit.AsOrdinary(t, cmd, stateDir(t), testkit.Delegate(t)))
			for _, outcome := range attackAll(t, s, "single") {
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

// released makes cmd run the program as make build links it. The attacks have
// deadlines, and the tests' own program can carry the race detector, with which
// the encoding of a full output takes ten times as long.
func released(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "hotcell")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd.Path, cmd.Args[0] = program, program
	return cmd
}

// attackAll runs the suite and ends the server.
func attackAll(t *testing.T, s *serving, uids string) []attack.Outcome {
	t.Helper()
	report, err := attack.Run(t.Context(), attack.Config{URL: s.url, Parallel: 4})
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
	s.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.Log)
	}
	return report.Outcomes
}

// attacker is a command line of hotcell-attack.
func attacker(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "hotcell-attack")
	if out, err := exec.Command("go", "build", "-o", program, "../hotcell-attack").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return exec.Command(program, args...)
}

func TestAttackTellsWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"another command's flag", []string{"--once"}, 2, "unknown flag: --once\nhint: hotcell-attack --help"},
		{"an attack on no URL", []string{"127.0.0.1:80"}, 2, "invalid URL"},
		{"an attack that there is not", []string{"--only", "x", "http://127.0.0.1:1"}, 125, "the groups are "},
		{"an attack on nobody", []string{"http://127.0.0.1:1"}, 125, "hint: nothing listens there"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := outcome(t, attacker(t, c.args...))
			if status != c.status || stdout != "" || !strings.Contains(stderr, c.stderr) {
				t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
			}
		})
	}
}

func TestAttacksComeWithAKey(t *testing.T) {
	keys, key := keysFile(t, "attacker", "execute,sessions")
	s := startServing(t, "--keys", keys)
	if status, stdout, stderr := outcome(t, attacker(t, "--only", "forge", s.url)); status != 125 || stdout != "" || !strings.Contains(stderr, "unauthorized") {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	cmd := attacker(t, "--only", "sessions", s.url)
	cmd.Env = append(os.Environ(), "HOTCELL_KEY="+key)
	if status, stdout, stderr := outcome(t, cmd); status != 0 || !strings.Contains(stdout, "stood") || stderr != "" {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	s.Signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.Log)
	}
}
