package cgroup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// openReusing returns a tree that uses cgroups again.
func openReusing(t *testing.T) *reusing {
	t.Helper()
	testkit.NeedsRoot(t, "it makes cgroups")
	tree, err := Open(Config{Name: "hotcell-" + strings.ReplaceAll(t.Name(), "/", "-"), Prefix: "hotcell-", Again: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
		for _, dir := range tree.Dirs() {
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is left: %v", dir, err)
			}
		}
	})
	if why := WhyNotAgain(tree); why != "" {
		t.Skip(why)
	}
	return tree.(*reusing)
}

func makeIn(t *testing.T, tree Tree) *lentV1 {
	t.Helper()
	group, err := tree.Make("cell", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	return group.(*lentV1)
}

func remove(t *testing.T, group Group) {
	t.Helper()
	if err := group.Remove(); err != nil {
		t.Fatal(err)
	}
}

// live runs a script in a group that a cell has entered.
func live(t *testing.T, group *lentV1, script string, args ...string) {
	t.Helper()
	group.entered = true // as Holds found it
	runIn(t, group, script, args...)
}

func TestACgroupIsUsedAgainOnlyIfNothingIsLeftInIt(t *testing.T) {
	files := func(t *testing.T) []string {
		var made []string
		for range 40 { // of 64 KiB each
			made = append(made, uncached(t, t.TempDir()))
		}
		return made
	}
	var sleeper *exec.Cmd
	defer func() {
		if sleeper != nil {
			_ = sleeper.Wait()
		}
	}()
	for _, c := range []struct {
		name  string
		use   func(t *testing.T, group *lentV1)
		again bool
	}{
		{"nothing", func(t *testing.T, g *lentV1) { live(t, g, "true") }, true},
		{"nobody has entered it", func(*testing.T, *lentV1) {}, false},
		{"files in the page cache", func(t *testing.T, g *lentV1) { live(t, g, `cat "$@" >/dev/null`, files(t)...) }, false},
		{"a refused process", func(t *testing.T, g *lentV1) {
			if err := g.Limit(64<<20, 2); err != nil {
				t.Fatal(err)
			}
			live(t, g, "sh -c '(:) & wait' 2>/dev/null; exit 0")
		}, false},
		{"a process that goes on", func(t *testing.T, g *lentV1) {
			live(t, g, "true")
			sleeper = start(t, g, "sleep", "600")
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := openReusing(t)
			group := makeIn(t, tree)
			c.use(t, group)
			remove(t, group)
			if got := len(tree.idle) == 1; got != c.again {
				t.Errorf("used again is %v, not %v", got, c.again)
			}
		})
	}
}

func TestACellNoLongerReachesACgroupThatItGaveBack(t *testing.T) {
	tree := openReusing(t)
	before := makeIn(t, tree)
	live(t, before, "true")
	if err := before.Begin(); err != nil {
		t.Fatal(err)
	}
	remove(t, before)
	after := makeIn(t, tree)
	if before.dirs["memory"] != after.dirs["memory"] {
		t.Fatal("it is not used again")
	}
	if err := after.Limit(64<<20, 7); err != nil {
		t.Fatal(err)
	}
	_, cpu := before.CPUTime()
	_, peak := before.PeakMemory()
	_, killed := before.OutOfMemory()
	_, _, joined := before.Join(true)
	for name, err := range map[string]error{
		"limit": before.Limit(1<<20, 1), "begin": before.Begin(), "weigh": before.Weigh(WeightFull), "hold": before.Holds(os.Getpid()), "CPU time": cpu, "peak": peak, "killed": killed, "join": joined,
	} {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := before.Remove(); err != nil {
		t.Error(err)
	}
	if n := after.count("pids", "pids.max", ""); n != 7 {
		t.Errorf("the limit is %d", n)
	}
	shares := after.count("cpu", v1Weight, "")
	if want := v1Shares(WeightLow); strconv.Itoa(int(shares)) != want {
		t.Errorf("the weight is %d, not %s", shares, want)
	}
	remove(t, after)
}

// The first one uses up a quota that is granted anew once a second only.
func TestCPUTimeOfATenantDoesNotThrottleTheNext(t *testing.T) {
	tree := openReusing(t)
	group := makeIn(t, tree)
	live(t, group, "true")
	if err := kernfs.Set(filepath.Join(group.dirs["cpu"], "cpu.cfs_period_us"), "1000000"); err != nil {
		t.Fatal(err)
	}
	if err := kernfs.Set(filepath.Join(group.dirs["cpu"], v1Quota), "5000"); err != nil {
		t.Fatal(err)
	}
	before := group.count("cpu", "cpu.stat", "nr_throttled")
	spinner := start(t, group, "sh", "-c", "while :; do :; done")
	throttledSince := func() bool { return group.count("cpu", "cpu.stat", "nr_throttled") > before }
	testkit.Eventually(t, "throttling", throttledSince, func() string { return "" })
	_ = spinner.Process.Kill()
	_ = spinner.Wait()
	remove(t, group)

	group = makeIn(t, tree)
	throttled := group.count("cpu", "cpu.stat", "throttled_time")
	live(t, group, `i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done`)
	if after := group.count("cpu", "cpu.stat", "throttled_time"); after != throttled {
		t.Errorf("a process of a few milliseconds waited %v for the next period", time.Duration(after-throttled))
	}
	remove(t, group)
}

// start starts a program in the group.
func start(t *testing.T, group *lentV1, name string, args ...string) *exec.Cmd {
	t.Helper()
	program := exec.CommandContext(t.Context(), name, args...)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range group.dirs {
		if err := kernfs.Write(filepath.Join(dir, "cgroup.procs"), strconv.Itoa(program.Process.Pid)); err != nil {
			t.Fatal(err)
		}
	}
	return program
}

func TestFewCgroupsWaitForTheirNextCell(t *testing.T) {
	tree := openReusing(t)
	var groups []*lentV1
	for i := range idleMost + 2 {
		group, err := tree.Make("cell-"+strconv.Itoa(i), WeightLow)
		if err != nil {
			t.Fatal(err)
		}
		groups = append(groups, group.(*lentV1))
	}
	for _, group := range groups {
		group.entered = true
		remove(t, group)
	}
	if len(tree.idle) != idleMost {
		t.Errorf("%d wait", len(tree.idle))
	}
}

// descriptorsOf returns how many files of a cgroup this process has open.
func descriptorsOf(t *testing.T, group *lentV1) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, fd := range open {
		path, _ := os.Readlink("/proc/self/fd/" + fd.Name())
		for _, dir := range group.dirs {
			if filepath.Dir(path) == dir {
				count++
				break
			}
		}
	}
	return count
}

func TestACgroupKeepsItsFilesOpenFromItsSecondCellOn(t *testing.T) {
	tree := openReusing(t)
	tree.most = 1
	var first [2]*lentV1
	for i := range first {
		group, err := tree.Make("cell-"+strconv.Itoa(i), WeightLow)
		if err != nil {
			t.Fatal(err)
		}
		first[i] = group.(*lentV1)
		live(t, first[i], "true")
	}
	for _, group := range first {
		remove(t, group)
		if n := descriptorsOf(t, group); n != 0 {
			t.Errorf("%d files are open of a cgroup that one cell had", n)
		}
	}
	most := Kept(1<<20) / keepers(1<<20)
	var again [2]*lentV1
	for i := range again {
		again[i] = makeIn(t, tree)
		if n := descriptorsOf(t, again[i]); n > most || (n > 0) != (i == 0) {
			t.Errorf("cgroup %d has %d files open", i, n)
		}
		had := descriptorsOf(t, again[i])
		if err := again[i].Begin(); err != nil {
			t.Fatal(err)
		}
		live(t, again[i], "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done")
		if n := descriptorsOf(t, again[i]); had > 0 && n != had {
			t.Errorf("it had %d files open and has %d", had, n)
		}
		for name, read := range map[string]func() (int64, error){
			"CPU time":    func() (int64, error) { used, err := again[i].CPUTime(); return int64(used), err },
			"peak memory": again[i].PeakMemory,
		} {
			if n, err := read(); n <= 0 || err != nil {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		if err := again[i].Weigh(WeightFull); err != nil {
			t.Fatal(err)
		}
		if shares, err := kernfs.Number(again[i].path("cpu", v1Weight), ""); shares != 1024 || err != nil {
			t.Errorf("the weight is %d", shares)
		}
	}
	remove(t, again[1])
	remove(t, again[0])
	third := makeIn(t, tree)
	if !third.keeps || third.dirs["cpu"] != again[0].dirs["cpu"] {
		t.Errorf("the cgroup that keeps its files open is not the first to be used again")
	}
	// It is not used again: another may keep its files then.
	if err := third.Remove(); err != nil { // nobody has entered it
		t.Fatal(err)
	}
	if n := descriptorsOf(t, third); n != 0 || tree.keeping != 0 {
		t.Errorf("%d files are open of a removed cgroup, and %d keep theirs", n, tree.keeping)
	}
	if fourth := makeIn(t, tree); !fourth.keeps {
		t.Error("no other cgroup keeps its files open instead")
	} else {
		live(t, fourth, "true")
		remove(t, fourth)
	}
}

// Writing a weight takes the kernel longer than all else that a request needs of a cgroup.
func TestAWeightIsWrittenOnlyIfItChanges(t *testing.T) {
	tree := openReusing(t)
	group, err := tree.Make("cell-0", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	file := group.(*lentV1).path("cpu", v1Weight)
	shows := func(want int64) {
		t.Helper()
		if got, err := kernfs.Number(file, ""); got != want || err != nil {
			t.Errorf("the weight is %d, %v, want %d", got, err, want)
		}
	}
	weigh := func(weight Weight) {
		t.Helper()
		if err := group.Weigh(weight); err != nil {
			t.Fatal(err)
		}
	}
	shows(102)
	weigh(WeightFull)
	shows(1024)
	if err := kernfs.Write(file, "333"); err != nil {
		t.Fatal(err)
	}
	weigh(WeightFull) // as it was written last
	shows(333)
	weigh(WeightBehind)
	shows(256)
	for _, c := range []struct {
		again  Weight
		shares int64
	}{{WeightFull, 1024}, {WeightFull, 1024}, {WeightLow, 102}} {
		live(t, group.(*lentV1), "true")
		remove(t, group.(*lentV1))
		if group, err = tree.Make("again", c.again); err != nil {
			t.Fatal(err)
		}
		if got := group.(*lentV1).path("cpu", v1Weight); got != file {
			t.Fatalf("%s is another cgroup than %s", got, file)
		}
		shows(c.shares)
	}
	live(t, group.(*lentV1), "true")
	remove(t, group.(*lentV1))
}

func TestFewDescriptorsAreKept(t *testing.T) {
	for limit, want := range map[uint64]bool{256: false, 1024: false, 4096: true, 1 << 20: true, 1<<64 - 1: true} {
		kept := Kept(limit)
		if kept > 0 != want || uint64(kept) > limit/16 { // #nosec G115 -- not negative
			t.Errorf("%d of %d", kept, limit)
		}
	}
}
