package nsjail_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// hostOfUIDs returns a host with few uids, so that each is soon used again, and whose
// cgroups are removed after each cell.
func hostOfUIDs(t *testing.T, uids int) *nsjail.Host {
	t.Helper()
	testkit.NeedsJails(t)
	host, err := nsjail.OpenHost(nsjail.HostConfig{StateDir: stateDir() + "-own", UIDBase: 61000, UIDCount: uids, Without: []string{nsjail.ShortcutCgroupReuse}, Log: testLog()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(stateDir() + "-own")
	})
	return host
}

// cgroupsOf returns the directories of a process's cgroups, one in each hierarchy
// that hotcell uses.
func cgroupsOf(t *testing.T, pid int) []string {
	t.Helper()
	var found []string
	_ = filepath.WalkDir("/sys/fs/cgroup", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != "cgroup.procs" || !strings.Contains(path, "/hotcell-") {
			return nil
		}
		text, _ := os.ReadFile(path)
		if slices.Contains(strings.Fields(string(text)), strconv.Itoa(pid)) {
			found = append(found, filepath.Dir(path))
		}
		return nil
	})
	if len(found) == 0 {
		t.Fatalf("process %d is in no cgroup of an instance", pid)
	}
	return found
}

func TestACgroupThatCannotBeRemovedKeepsItsUIDUntilItIs(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		host := hostOfUIDs(t, 2) // one for zygotes, and one for a cell
		p := profile(t, mode)
		p.Preload, p.Warmup = nil, "def main(): pass"
		jail, err := host.StartJail(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = jail.Close() })
		cell, err := jail.Spawn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		below := filepath.Join(cgroupsOf(t, cell.PID())[0], "below")
		if err := os.Mkdir(below, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := cell.Close(); !errors.Is(err, nsjail.ErrRemovedLater) {
			t.Errorf("a cgroup with one below it was removed, or never will be: %v", err)
		}
		if count := host.Unremoved(); count != 1 {
			t.Errorf("%d cells are said to be not removed", count)
		}
		if next, err := jail.Spawn(t.Context()); err == nil {
			t.Error("the uid of a cell was lent whose cgroup is still there")
			_ = next.Close()
		}
		if err := os.Remove(below); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, "the removal is tried again", func() bool { return host.Unremoved() == 0 }, nil)
		next, err := jail.Spawn(t.Context())
		if err != nil {
			t.Fatalf("the uid was not given back: %v", err)
		}
		closeCell(t, next)
	})
}
