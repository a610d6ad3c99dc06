package doctor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/internal/testjail"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/snapshot"
	"github.com/hotcell/hotcell/protocol"
)

func TestEveryLayerHoldsWithASnapshot(t *testing.T) {
	host, _ := testjail.SnapshotHost(t)
	jail, checks, err := doctor.Start(t.Context(), host, profile(t, protocol.ModeFork), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	if jail.Snapshot().Bytes == 0 && snapshot.WhyNot() == "" {
		t.Errorf("the jail has no snapshot: %+v", jail.Shortcuts())
	}
	for _, check := range doctor.Missing(checks) {
		t.Errorf("%s: %s", check.Layer, check.Found)
	}
}

// The vDSO keeps the state of getrandom(2), for glibc 2.41 and newer, in memory that is
// wiped on fork. If that moves into the snapshot, all cells draw the same numbers.
func TestTheSelfTestFindsRandomStateInASnapshot(t *testing.T) {
	vdso := usesVDSO(t)
	snapshot.AlsoMoves = []string{"nr", "wf", "dd", "dp"}
	defer func() { snapshot.AlsoMoves = nil }()
	host, _ := testjail.SnapshotHost(t)
	// Once the kernel has reseeded its generator, as it does each minute, that state is
	// out of date, and cells draw different numbers for as long as the zygote lives.
	held := true
	for tries := 0; held && (tries == 0 || vdso && tries < 5); tries++ {
		held = randomnessHolds(t, host)
	}
	if held && vdso {
		t.Error("all cells have one random state, and the self-test holds")
	}
}

func randomnessHolds(t *testing.T, host *nsjail.Host) bool {
	t.Helper()
	jail, err := host.StartJail(t.Context(), profile(t, protocol.ModeFork))
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	if jail.Snapshot().Bytes == 0 {
		t.Fatalf("the jail has no snapshot: %+v", jail.Shortcuts())
	}
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", jail.ZygotePID()))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(smaps), " wf ") {
		t.Error("the state did not move")
	}
	checks, err := doctor.SelfTest(t.Context(), jail)
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range checks {
		if check.Layer == "randomness" {
			t.Log(check.Found)
			return check.Held
		}
	}
	t.Fatal("the self-test does not look at randomness")
	return false
}

// A jail whose cells would share that state does not serve: another one without a snapshot does, and says why.
func TestWithoutASnapshotNothingIsMissingThatItTookAway(t *testing.T) {
	if !usesVDSO(t) {
		return // nothing would be missing
	}
	snapshot.AlsoMoves = []string{"nr", "wf", "dd", "dp"}
	defer func() { snapshot.AlsoMoves = nil }()
	host, _ := testjail.SnapshotHost(t)
	jail, checks, err := doctor.Start(t.Context(), host, profile(t, protocol.ModeFork), nil)
	for tries := 0; err == nil && jail.Snapshot().Bytes > 0 && tries < 5; tries++ { // as above
		_ = jail.Close()
		jail, checks, err = doctor.Start(t.Context(), host, profile(t, protocol.ModeFork), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer jail.Close()
	if missing := doctor.Missing(checks); len(missing) > 0 || jail.Snapshot().Bytes > 0 {
		t.Errorf("%v is missing of a jail with the snapshot %q", missing, jail.Snapshot())
	}
	for _, shortcut := range jail.Shortcuts() {
		if shortcut.Name == nsjail.ShortcutSnapshot && !strings.Contains(shortcut.Why, "randomness") {
			t.Errorf("without a snapshot because of %q", shortcut.Why)
		}
	}
}

// Where a jail can be tested neither with a snapshot nor without, both are told.
func TestAJailThatCannotBeTestedSaysWhyEitherWay(t *testing.T) {
	if why := snapshot.WhyNot(); why != "" {
		t.Logf("none is tried: %s", why)
		return
	}
	for _, c := range []struct {
		without string // what a zygote without a snapshot does instead
		want    []string
	}{
		{"", nil},
		{"raise OSError('no zygote')", []string{"no cell", "no zygote"}},
	} {
		host, worker := testjail.SnapshotHost(t)
		testjail.ReplaceIn(t, filepath.Join(worker, "snapshot.py"), "        _routine(_runs, _hot, _POPULATE)", "        raise OSError('no cell')")
		testjail.ReplaceIn(t, filepath.Join(worker, "snapshot.py"), `if head["cgroups"] and`, "if False and") // the loop does not call that
		if c.without != "" {
			testjail.ReplaceIn(t, filepath.Join(worker, "zygote.py"), "            reserved.clear()\n", "            reserved.clear()\n            if not self.start.get('snapshot'): "+c.without+"\n")
		}
		p := profile(t, protocol.ModeFork)
		p.Preload = nil
		jail, _, err := doctor.Start(t.Context(), host, p, nil)
		if (err == nil) != (c.want == nil) {
			t.Errorf("error %v, want %q", err, c.want)
		}
		for _, want := range c.want {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in %v", want, err)
			}
		}
		if err == nil && jail.Snapshot().Bytes > 0 {
			t.Error("a jail whose cells cannot start serves")
		}
		if jail != nil {
			_ = jail.Close()
		}
	}
}

// usesVDSO reports whether the libc of a cell keeps such a state: without moving it shows.
func usesVDSO(t *testing.T) bool {
	t.Helper()
	snapshot.AlsoMoves = nil
	smaps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", theJail(t, protocol.ModeFork).ZygotePID()))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(smaps), " wf ")
}
