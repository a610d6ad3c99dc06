package main

import (
	"os"
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
