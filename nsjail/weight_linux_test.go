package nsjail_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// weightOf returns a process's weight in its cgroup when others want a processor too,
// as a share of the default.
func weightOf(t *testing.T, pid int) string {
	t.Helper()
	for file, usual := range map[string]map[string]string{
		"cpu.shares": {"1024": "full", "256": "behind", "102": "low"}, // version 1
		"cpu.weight": {"100": "full", "25": "behind", "10": "low"},    // version 2
	} {
		for _, dir := range cgroupsOf(t, pid) {
			if text, err := os.ReadFile(filepath.Join(dir, file)); err == nil {
				return usual[strings.TrimSpace(string(text))]
			}
		}
	}
	t.Fatal("no CPU controller")
	return ""
}

func TestACellThatSomebodyWaitsForHasItsFullWeight(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		awaited := make(chan struct{})
		for _, want := range []string{"low", "full"} {
			cell, err := theJail(t, mode).SpawnFor(t.Context(), awaited, true)
			if err != nil {
				t.Fatal(err)
			}
			if got := weightOf(t, cell.PID()); got != want {
				t.Errorf("its weight is %q, not %q", got, want)
			}
			closeCell(t, cell)
			if want == "low" {
				close(awaited)
			}
		}
	})
}

func TestACellHasItsFullWeightWhileItRunsAScriptUnlessItStaysBehind(t *testing.T) {
	jail := theJail(t, protocol.ModeFork)
	runsWithWeight(t, spawn(t, jail), "full")
	cell := spawn(t, jail)
	cell.StayBehind()
	runsWithWeight(t, cell, "behind")
}

// runsWithWeight checks the weight of a cell while it runs a script.
func runsWithWeight(t *testing.T, cell *nsjail.Cell, want string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	began, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		job := nsjail.Job{Script: "import time\ndef main():\n    print(flush=True)\n    time.sleep(60)", Limits: limits}
		job.Output = func(nsjail.Stream, []byte) { close(began) }
		_, _ = cell.Run(ctx, job) // it is canceled
	}()
	<-began
	if got := weightOf(t, cell.PID()); got != want {
		t.Errorf("its weight is %q, not %q", got, want)
	}
	cancel()
	<-ended
}
