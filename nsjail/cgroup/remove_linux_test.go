package cgroup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// openTree makes cgroups for a test. It needs root.
func openTree(t *testing.T) Tree {
	t.Helper()
	testkit.NeedsRoot(t, "it makes cgroups")
	tree, err := Open(Config{Name: "hotcell-" + t.Name(), Prefix: "hotcell-"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

// memoryCgroups returns how many memory cgroups the kernel has, including removed
// ones that are still charged for something.
func memoryCgroups(t *testing.T) int64 {
	t.Helper()
	text, err := kernfs.Read("/proc/cgroups")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); fields[0] == "memory" {
			count, err := kernfs.ParseNumber("/proc/cgroups", fields[2:], "")
			if err != nil {
				t.Fatal(err)
			}
			return count
		}
	}
	t.Skip("/proc/cgroups does not tell of memory cgroups")
	return 0
}

// runIn runs a shell script in the group.
func runIn(t *testing.T, group Group, script string, args ...string) {
	t.Helper()
	fds, done, err := group.Join(false)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	// The shell's descriptors 3 and up are the files that move it into the group.
	enter := ""
	files := []*os.File{nil, nil, os.Stderr}
	for i, fd := range fds {
		own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0) // #nosec G115 -- a descriptor
		if err != nil {
			t.Fatal(err)
		}
		file := os.NewFile(uintptr(own), "enter") // #nosec G115 -- a descriptor
		defer file.Close()
		files = append(files, file)
		enter += "echo 0 >&" + string(rune('3'+i)) + " && "
	}
	process, err := os.StartProcess("/bin/sh", append([]string{"sh", "-c", enter + script, "sh"}, args...), &os.ProcAttr{Files: files})
	if err != nil {
		t.Fatal(err)
	}
	if state, err := process.Wait(); err != nil || !state.Success() {
		t.Fatal(state, err)
	}
}

// readIn makes a process in the group read one byte of each file.
func readIn(t *testing.T, group Group, files []string) {
	t.Helper()
	runIn(t, group, `for f; do head -c 1 "$f" >/dev/null || exit 1; done`, files...)
}

// uncached makes a file that is not in the page cache.
func uncached(t *testing.T, dir string) string {
	t.Helper()
	file, err := os.CreateTemp(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(make([]byte, 1<<16)); err != nil {
		t.Fatal(err)
	}
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

func TestRemovedCgroupsAreGoneFromTheKernelToo(t *testing.T) {
	tree := openTree(t)
	dir := t.TempDir()
	before := memoryCgroups(t)
	const cells = 100
	for range cells {
		group, err := tree.Make("cell", WeightLow)
		if err != nil {
			t.Fatal(err)
		}
		readIn(t, group, []string{uncached(t, dir)})
		if err := group.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	// The kernel frees them in the background, and other tests also make cgroups.
	after := int64(0)
	testkit.Eventually(t, "removed cgroups are gone from the kernel",
		func() bool { after = memoryCgroups(t); return after < before+cells/2 },
		func() string {
			return fmt.Sprintf("%d memory cgroups before, %d after %d were made, charged with a page, and removed", before, after, cells)
		})
}

func memoryDir(group Group) string {
	if v1, ok := group.(*groupV1); ok {
		return v1.dirs["memory"]
	}
	return group.(*groupV2).dir
}

func TestACgroupThatCannotBeRemovedCanBeTriedAgain(t *testing.T) {
	tree := openTree(t)
	group, err := tree.Make("cell", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(memoryDir(group), "below")
	if err := os.Mkdir(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := group.Remove(); err == nil {
		t.Error("a cgroup with one below it was removed")
	}
	if err := os.Remove(below); err != nil {
		t.Fatal(err)
	}
	if err := group.Remove(); err != nil {
		t.Errorf("the second try: %v", err)
	}
}

// The kernel remembers names that do not exist. When the cgroup is gone, the memory
// for them is charged to its parent.
func TestNamesThatWereLookedForInVainAreForgotten(t *testing.T) {
	tree := openTree(t)
	group, err := tree.Make("cell", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	usage := "memory.usage_in_bytes"
	if _, ok := group.(*groupV2); ok {
		usage = "memory.current"
	}
	used := func() int64 {
		bytes, err := kernfs.Number(filepath.Join(memoryDir(group), usage), "")
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	// Each takes 192 bytes, and its name, which is too long to be stored in them.
	name := filepath.Join(t.TempDir(), strings.Repeat("x", 200))
	runIn(t, group, `i=0; while [ $i -lt 30000 ]; do [ -e "$1$i" ] && exit 1; i=$((i+1)); done`, name)
	if before := used(); before < 8<<20 {
		t.Fatalf("only %d bytes are charged for 30000 names", before)
	}
	empty := emptyOf(memoryDir(group))
	if empty == nil {
		t.Fatal("nothing empties it")
	}
	if err := empty(memoryDir(group)); err != nil {
		t.Error(err)
	}
	testkit.Eventually(t, "the names are no longer charged", // the kernel frees them a grace period later
		func() bool { return used() <= leftBytes },
		func() string { return fmt.Sprintf("%d bytes are still charged after it was emptied", used()) })
	if err := group.Remove(); err != nil {
		t.Error(err)
	}
}
