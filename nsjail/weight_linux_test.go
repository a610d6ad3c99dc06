package nsjail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testjail"
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

func TestACellHasALowWeightUntilItIsReadyOrSomebodyWaitsForIt(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		if got := weightOf(t, spawn(t, theJail(t, mode)).PID()); got != "full" {
			t.Errorf("the weight of a cell that is ready is %q", got)
		}
	})
	t.Setenv("HOTCELL_TEST_SNAPSHOT", "no") // for which cells run the warm-up script, too
	host, _ := testjail.OwnHost(t)
	p := profile(t, protocol.ModeFork)
	p.Preload, p.Warmup = nil, "import os, time\ndef main(): time.sleep(60 if os.access('.', os.W_OK) else 0)" // in a cell, whose directory can be written
	jail, err := host.StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = jail.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	awaited, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if cell, err := jail.SpawnFor(ctx, awaited, true); err == nil {
			t.Error("a cell was ready that rehearses for a minute")
			_ = cell.Close()
		}
	}()
	weighs := func(want string) func() bool {
		return func() bool {
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", jail.ZygotePID()))
			cell := strings.TrimSpace(string(children))
			groups, _ := os.ReadFile("/proc/" + cell + "/cgroup")
			if cell == "" || !strings.Contains(string(groups), "/cell-") {
				return false
			}
			pid, _ := strconv.Atoi(cell)
			return weightOf(t, pid) == want
		}
	}
	testkit.Eventually(t, "it is low", weighs("low"), nil)
	close(awaited)
	testkit.Eventually(t, "it is full", weighs("full"), nil)
	cancel()
	<-ended
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
