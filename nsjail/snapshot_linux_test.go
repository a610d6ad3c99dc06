package nsjail_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/snapshot"
	"github.com/hotcell/hotcell/protocol"
)

// mappings returns the lines of /proc/PID/maps.
func mappings(t *testing.T, pid int) []string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

const ofSnapshot = "/memfd:hotcell-snapshot"

// It is taken if the setting asks for it, and neither the spawn mode nor the zygote stands
// in its way, which is told. Cells are made either way.
func TestTheSnapshotInForceIsTold(t *testing.T) {
	for _, c := range []struct {
		name, why string
		mode      protocol.Mode
		unasked   bool
		edit      [2]string // in the worker's snapshot.py
	}{
		{name: "nobody asks for it", mode: protocol.ModeFork, unasked: true, why: "the setting snapshot"},
		{name: "nothing stands in its way", mode: protocol.ModeFork, why: snapshot.WhyNot()}, // or an older kernel
		{name: "the spawn mode", mode: protocol.ModeExec, why: "spawn mode exec"},
		{name: "the zygote cannot move", mode: protocol.ModeFork, why: "no room", edit: [2]string{"    head = json.loads(payload)", "    raise OSError('no room')"}},
		{name: "the zygote dies", mode: protocol.ModeFork, why: "SNAPSHOT", edit: [2]string{"    head = json.loads(payload)", "    os.kill(os.getpid(), 9)"}},
		{name: "the kernel refuses a mapping", mode: protocol.ModeFork, why: "Bad file descriptor", edit: [2]string{`head["moved"], fds[0]`, `head["moved"], fds[0] + 100`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.unasked && testjail.Snapshot() {
				return // all tests ask for it
			}
			open := testjail.SnapshotHost
			if c.unasked {
				open = func(t *testing.T) (*nsjail.Host, string) { return ownHost(t) }
			}
			host, worker := open(t)
			if c.edit[0] != "" {
				replaceIn(t, filepath.Join(worker, "snapshot.py"), c.edit[0], c.edit[1])
			}
			p := profile(t, c.mode)
			p.Preload, p.Warmup = nil, "def main(): return [list(range(1000)) for _ in range(100)]"
			jail, err := host.StartJail(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			defer jail.Close()
			why := whyNot(t, jail, nsjail.ShortcutSnapshot)
			if !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%q instead of %q", why, c.why)
			}
			cell := spawn(t, jail)
			moved, taken := 0, jail.Snapshot()
			for _, line := range mappings(t, cell.PID()) {
				if strings.Contains(line, ofSnapshot) {
					moved++
				}
			}
			if (moved > 0) != (why == "") || (taken.Bytes > 0) != (why == "") || why == "" && (taken.HotPages == 0 || taken.Regions == 0) {
				t.Errorf("%d mappings of the snapshot, %+v, though it is not taken because of %q", moved, taken, why)
			}
			verdict, err := cell.Run(t.Context(), nsjail.Job{Script: "def main(): return 1", Limits: limits})
			if err != nil || string(verdict.Result) != "1" {
				t.Errorf("%v %s %+v", err, verdict.Result, verdict.Error)
			}
		})
	}
}

// Whatever a cell has of the snapshot is its own copy: no mapping is shared, none can be
// written and executed, and no descriptor of the file is left.
func TestACellHasNothingOfTheSnapshotButPrivateMappings(t *testing.T) {
	host, _ := testjail.SnapshotHost(t)
	p := profile(t, protocol.ModeFork)
	p.Preload, p.Warmup = nil, "def main(): return [list(range(1000)) for _ in range(100)]"
	jail, err := host.StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	if jail.Snapshot().Bytes == 0 && snapshot.WhyNot() == "" {
		t.Errorf("no snapshot was taken: %s", whyNot(t, jail, nsjail.ShortcutSnapshot))
	}
	cell := spawn(t, jail)
	for _, pid := range []int{cell.PID(), jail.ZygotePID()} {
		for _, line := range mappings(t, pid) {
			if fields := strings.Fields(line); strings.Contains(line, ofSnapshot) && fields[1] != "r--p" && fields[1] != "rw-p" && fields[1] != "r-xp" {
				t.Errorf("process %d: %s", pid, line)
			}
		}
		links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		if err != nil || len(links) == 0 {
			t.Fatal(err)
		}
		for _, link := range links {
			if target, _ := os.Readlink(link); strings.Contains(target, ofSnapshot) {
				t.Errorf("process %d has a descriptor of the snapshot: %s", pid, link)
			}
		}
	}
}
