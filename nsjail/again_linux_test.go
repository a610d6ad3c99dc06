package nsjail_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// What a tenant was killed for, refused, charged with or has used up never shows in the
// answer of the one that has the cgroup next.
func TestNothingOfATenantIsLeftInACgroupThatIsUsedAgain(t *testing.T) {
	host, _ := ownHost(t)
	p := profile(t, protocol.ModeFork)
	p.Preload, p.Warmup = nil, "def main(): pass"
	jail, err := host.StartJail(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	if why := whyNot(t, jail, nsjail.ShortcutCgroupReuse); why != "" {
		t.Skip(why)
	}
	// live runs a script in the cell and returns its verdict and its cgroups.
	live := func(script string, l nsjail.Limits) (nsjail.Verdict, []string) {
		cell, err := jail.Spawn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		in := cgroupsOf(t, cell.PID())
		verdict, err := cell.Run(t.Context(), nsjail.Job{Script: script, Limits: l})
		if err != nil {
			t.Fatal(err)
		}
		closeCell(t, cell)
		return verdict, in
	}
	const next = "def main(): return len(bytes(20 << 20))"
	usual, _ := live(next, limits)
	again := 0
	few := limits
	few.Processes = 8
	short := few
	short.Wall = slowness * 3 * time.Second
	for _, c := range []struct {
		name, script string
		limits       nsjail.Limits
		want         protocol.Status
		again        bool // whether the next tenant may have the same cgroup; it has not if the kernel takes long
	}{
		{"nothing", "def main(): pass", limits, protocol.StatusOK, true},
		{"limits of its own", "def main(): pass", few, protocol.StatusOK, true},
		{"much memory", "def main(): bytes(200 << 20)", limits, protocol.StatusOK, true},
		{"more memory than it may have", "def main(): b'x' * (1 << 30)", limits, protocol.StatusMemoryLimit, false},
		{"files on its disk", "def main():\n for i in range(20): open(f'/tmp/{i}', 'wb').write(bytes(1 << 20))", limits, protocol.StatusOK, true},
		{"a memfd", "import os\ndef main(): os.write(os.memfd_create('m'), bytes(20 << 20))", limits, protocol.StatusOK, true},
		{"full pipes", "import os\ndef main():\n for _ in range(60):\n  r, w = os.pipe()\n  os.set_blocking(w, False)\n  os.write(w, bytes(1 << 16))", limits, protocol.StatusOK, true},
		{"used up processor time", "import os\ndef main():\n for _ in range(3): os.fork()\n while True: pass", short, protocol.StatusTimeout, true},
		{"children", "import os, time\ndef main():\n for _ in range(5):\n  if os.fork() == 0:\n   os.setsid()\n   time.sleep(60)", limits, protocol.StatusOK, true},
		{"refused processes", "import os, time\ndef main():\n try:\n  while True:\n   if os.fork() == 0: time.sleep(60)\n except OSError: pass", few, protocol.StatusOK, false},
		{"a death by a signal", "import os, signal\ndef main(): os.kill(os.getpid(), signal.SIGSEGV); import ctypes; ctypes.string_at(0)", limits, protocol.StatusKilled, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			verdict, before := live(c.script, c.limits)
			if verdict.Status != c.want {
				t.Fatalf("%s instead of %s: %+v", verdict.Status, c.want, verdict.Error)
			}
			verdict, after := live(next, limits)
			if slices.Equal(before, after) {
				again++
				if !c.again {
					t.Errorf("it is used again: %v", before)
				}
			}
			if verdict.Status != protocol.StatusOK || verdict.Limit != "" {
				t.Errorf("the next tenant: %s %s %+v", verdict.Status, verdict.Limit, verdict.Error)
			}
			if peak, most := *verdict.Usage.PeakMemoryBytes, *usual.Usage.PeakMemoryBytes+2<<20; peak > most {
				t.Errorf("the next tenant's peak is %d, at most %d expected", peak, most)
			}
			if used := *verdict.Usage.CPU; used > slowness*time.Second {
				t.Errorf("the next tenant has used %v", used)
			}
		})
	}
	if again == 0 {
		t.Error("no cgroup was used again")
	}
}
