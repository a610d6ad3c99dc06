package cgroup

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestOwnCgroupsAreReadInEveryVersion(t *testing.T) {
	for _, c := range []struct{ name, paths, mounts, unified, memory string }{
		{
			"version 2", "0::/user.slice/a\n",
			"30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
			"/sys/fs/cgroup/user.slice/a", "",
		},
		{
			"version 1", "4:memory:/a\n2:cpu,cpuacct:/\n",
			"31 23 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
			"", "/sys/fs/cgroup/memory/a",
		},
		{
			"a part that is mounted", "0::/docker/1/below\n",
			"30 23 0:26 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
			"/sys/fs/cgroup/below", "",
		},
		{
			"a namespace that sees less than is mounted", "0::/\n",
			"30 23 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
			"/sys/fs/cgroup", "",
		},
	} {
		own := parseOwn(c.paths, c.mounts)
		if own.unified != c.unified || own.v1["memory"] != c.memory {
			t.Errorf("%s: %q and %q, not %q and %q", c.name, own.unified, own.v1["memory"], c.unified, c.memory)
		}
	}
}

func TestAProcessThatIsElsewhereIsNotTakenForOneInItsCgroup(t *testing.T) {
	testkit.NeedsRoot(t, "it makes cgroups")
	name := "hotcell-" + t.Name()
	tree, err := Open(Config{Name: name, Prefix: "hotcell-"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	}()
	group, err := tree.Make("cell-1", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := group.Remove(); err != nil {
			t.Error(err)
		}
	}()
	if err := group.Holds(os.Getpid()); err == nil || !strings.Contains(err.Error(), filepath.Join(name, "cell-1")) {
		t.Errorf("a process outside was taken for one inside: %v", err)
	}

	files, done, err := group.Join(false)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	child, err := os.StartProcess("/bin/sleep", []string{"sleep", "60"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = child.Kill()
		_, _ = child.Wait()
	}()
	for i, file := range files {
		if err := group.Holds(child.Pid); err == nil {
			t.Errorf("taken for one inside after %d of %d hierarchies", i, len(files))
		}
		if _, err := unix.Write(file, []byte(strconv.Itoa(child.Pid))); err != nil {
			t.Fatal(err)
		}
	}
	if err := group.Holds(child.Pid); err != nil {
		t.Error(err)
	}
}

// Who may make no cgroups lacks every layer, and is told so at once.
func TestEveryLayerThatIsMissingIsNamedAtOnce(t *testing.T) {
	_, err := openV1(ownCgroups{}, Config{Name: "hotcell-x", AllowMissing: []string{LayerPids}})
	if err == nil || !strings.Contains(err.Error(), "layer cgroup-memory: version 1 and version 2 have no memory controller mounted") ||
		!strings.Contains(err.Error(), "allow_missing=cgroup-pids,cgroup-memory,cgroup-cpu)") {
		t.Errorf("%v", err)
	}
	if tree, err := openV1(ownCgroups{}, Config{Name: "hotcell-x", AllowMissing: Layers}); err != nil || len(tree.Dirs()) > 0 {
		t.Errorf("%v", err)
	}
}
