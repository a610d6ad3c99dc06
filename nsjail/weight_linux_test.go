package nsjail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// weightOf returns a process's weight in its cgroup when others want a processor too,
// as a share of the default.
func weightOf(t *testing.T, pid int) string {
	t.Helper()
	for file, usual := range map[string]map[string]string{
		"cpu.shares": {"1024": "full", "256": "a quarter", "102": "low", "61": "a quarter of behind"}, // version 1
		"cpu.weight": {"100": "full", "25": "a quarter", "10": "low", "6": "a quarter of behind"},     // version 2
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
	runsWithWeight(t, cell, "a quarter")
}

func TestACellThatGoesOnUsingAProcessorYieldsToOthersUntilItHasRested(t *testing.T) {
	jail := theJail(t, protocol.ModeFork)
	busy := "import time\ndef main():\n while time.process_time() < %d: pass\n print(flush=True)\n time.sleep(60)"
	runs(t, spawn(t, jail), fmt.Sprintf(busy, 60), func(pid int, _ <-chan struct{}) {
		testkit.Eventually(t, "it yields", func() bool { return weightOf(t, pid) == "a quarter" }, nil)
	})
	cell := spawn(t, jail)
	cell.StayBehind()
	runs(t, cell, fmt.Sprintf(busy, 60), func(pid int, _ <-chan struct{}) {
		testkit.Eventually(t, "it yields", func() bool { return weightOf(t, pid) == "a quarter of behind" }, nil)
	})
	runs(t, spawn(t, jail), fmt.Sprintf(busy, 1), func(pid int, rests <-chan struct{}) {
		<-rests
		testkit.Eventually(t, "it yields no more", func() bool { return weightOf(t, pid) == "full" }, nil)
	})
}

// runsWithWeight checks the weight of a cell while it runs a script.
func runsWithWeight(t *testing.T, cell *nsjail.Cell, want string) {
	t.Helper()
	runs(t, cell, "import time\ndef main():\n    print(flush=True)\n    time.sleep(60)", func(pid int, began <-chan struct{}) {
		<-began
		if got := weightOf(t, pid); got != want {
			t.Errorf("its weight is %q, not %q", got, want)
		}
	})
}

// runs calls look while a cell runs a script; said is closed when that prints.
func runs(t *testing.T, cell *nsjail.Cell, script string, look func(pid int, said <-chan struct{})) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	said, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		job := nsjail.Job{Script: script, Limits: limits}
		job.Limits.CPU = time.Minute
		job.Limits.Wall = time.Minute
		job.Output = func(nsjail.Stream, []byte) { close(said) }
		_, _ = cell.Run(ctx, job) // it is canceled
	}()
	look(cell.PID(), said)
	cancel()
	<-ended
}
