package nsjail_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/protocol"
)

// In spawn mode exec, threads of libraries are in the cell. They have its uid and gid,
// no other groups, and its filter.
func TestThreadsOfLibrariesHaveTheCellsUserAndFilter(t *testing.T) {
	p := profile(t, protocol.ModeExec)
	p.Preload, p.Warmup = nil, testjail.ThreadsWarmup
	jail, err := sharedHost(t).StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	cell := spawn(t, jail)
	first, err := kernfs.Fields(fmt.Sprintf("/proc/%d/status", cell.PID()))
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", cell.PID()))
	if err != nil || len(tasks) != 3 {
		t.Fatalf("%d threads instead of 3: %v", len(tasks), err)
	}
	for _, task := range tasks {
		status, err := kernfs.Fields(fmt.Sprintf("/proc/%d/task/%s/status", cell.PID(), task.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Seccomp_filters"} {
			if status[field] != first[field] {
				t.Errorf("%s of thread %s is %q, that of the first one %q", field, task.Name(), status[field], first[field])
			}
		}
		t.Logf("thread %s: uid %s, filters %s, capabilities %s", task.Name(), status["Uid"], status["Seccomp_filters"], status["CapEff"])
	}
}
