package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/attack"
)

// The whole suite against the real service. In spawn mode exec a cell takes 0.3 s
// of a processor, so it is given a larger pool to begin with.
func TestEveryAttackStands(t *testing.T) {
	for _, mode := range []string{"fork", "exec"} {
		t.Run(mode, func(t *testing.T) {
			s := startServing(t, "--spawn-mode", mode, "--pool-size", "8")
			report, err := attack.Run(t.Context(), attack.Config{URL: s.url, Parallel: 4})
			if err != nil {
				t.Error(err)
			}
			for _, outcome := range report.Outcomes {
				if !outcome.Stood {
					t.Errorf("%s fell: %s\nwant %s\ngot  %s", outcome.Name, outcome.Why, outcome.Want, outcome.Got)
				}
			}
			t.Logf("%d stood, %d fell", report.Stood, report.Fell)
			s.signal(syscall.SIGTERM)
			if err := s.Wait(); err != nil {
				t.Errorf("%v\n%s", err, s.log)
			}
			if left, _ := os.ReadDir(stateDir(t)); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func TestAttacksComeWithAKey(t *testing.T) {
	keys, key := keysFile(t, "attacker", "execute,sessions")
	s := startServing(t, "--keys", keys)
	if status, stdout, stderr := outcome(t, hotcell(t, "attack", "--only", "forge", s.url)); status != 125 || stdout != "" || !strings.Contains(stderr, "unauthorized") {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	cmd := hotcell(t, "attack", "--only", "sessions", s.url)
	cmd.Env = append(cmd.Env, "HOTCELL_KEY="+key)
	if status, stdout, stderr := outcome(t, cmd); status != 0 || !strings.Contains(stdout, "stood") || stderr != "" {
		t.Errorf("%d\nstdout: %s\nstderr: %s", status, stdout, stderr)
	}
	s.signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.log)
	}
}
