package nsjail_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

const freezers = "/sys/fs/cgroup/freezer"

// needsFreezer skips a test if there is no freezer of version 1. With that of version
// 2 a frozen process can be killed.
func needsFreezer(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(freezers); err != nil {
		t.Skipf("no freezer of cgroup version 1: %v", err)
	}
}

// freeze keeps a process from ending until thaw is called: a process that version 1's
// freezer has frozen receives no signal, not even SIGKILL
// (cgroup-v1/freezer-subsystem.rst).
func freeze(t *testing.T, pid int) (thaw func()) {
	t.Helper()
	dir := filepath.Join(freezers, "hotcell-test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Error(err)
		return func() {}
	}
	write := func(file, value string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0); err != nil {
			t.Error(err)
		}
	}
	write("cgroup.procs", strconv.Itoa(pid))
	write("freezer.state", "FROZEN")
	return func() {
		write("freezer.state", "THAWED")
		testkit.Eventually(t, dir+" is empty", func() bool { return os.Remove(dir) == nil }, nil)
	}
}

func TestAKilledCellThatDoesNotEndIsAnsweredFor(t *testing.T) {
	needsFreezer(t)
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		cell := spawn(t, theJail(t, mode))
		thaw := func() {}
		job := nsjail.Job{Script: "import time\ndef main():\n    print('.', end='', flush=True)\n    time.sleep(60)", Limits: limits}
		job.Limits.Wall = slowness * 2 * time.Second // it prints before
		job.Output = func(nsjail.Stream, []byte) { thaw = freeze(t, cell.PID()) }
		verdict, err := cell.Run(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		if verdict.Limit != protocol.LimitWall || string(verdict.Stdout) != "." {
			t.Errorf("it ended with %s, limit %q, and wrote %q", verdict.Status, verdict.Limit, verdict.Stdout)
		}
		if !cell.Alive() {
			t.Error("the cell has ended, although it is frozen")
		}
		thaw()
		<-cell.Gone()
	})
}

func TestACallersEndIsNotHeldUpByACellThatDoesNotEnd(t *testing.T) {
	needsFreezer(t)
	cell := spawn(t, theJail(t, protocol.ModeFork))
	ctx, cancel := context.WithCancel(t.Context())
	thaw := func() {}
	job := nsjail.Job{Script: "import time\ndef main():\n    print(flush=True)\n    time.sleep(60)", Limits: limits}
	job.Output = func(nsjail.Stream, []byte) {
		thaw = freeze(t, cell.PID())
		cancel()
	}
	if _, err := cell.Run(ctx, job); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	thaw()
}
