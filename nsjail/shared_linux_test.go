package nsjail_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// kcmp(2); x/sys/unix has no names for them.
const (
	kcmpFile    = 0
	kcmpVM      = 1
	kcmpFiles   = 2
	kcmpFS      = 3
	kcmpSighand = 4
)

// same reports whether two processes share a kernel object.
func same(t *testing.T, one, two, kind, fdOne, fdTwo int) bool {
	t.Helper()
	order, _, errno := unix.Syscall6(unix.SYS_KCMP, uintptr(one), uintptr(two), uintptr(kind), uintptr(fdOne), uintptr(fdTwo), 0)
	if errno == unix.ENOSYS {
		t.Skip("the kernel has no kcmp(2)")
	}
	if errno != 0 {
		t.Fatalf("kcmp(%d, %d, %d, %d, %d): %v", one, two, kind, fdOne, fdTwo, errno)
	}
	return order == 0
}

// parked waits until a cell that has sent READY has closed what it sent along.
func parked(t *testing.T, cell *nsjail.Cell) *nsjail.Cell {
	t.Helper()
	for deadline := time.Now().Add(slowness * testkit.Patience); ; time.Sleep(time.Millisecond) {
		found := descriptors(t, cell.PID())
		maps.DeleteFunc(found, func(fd int, target string) bool { // its own
			return fd < len(seenDescriptors) || target == "/box/script/script.py"
		})
		if len(found) == 0 {
			return cell
		}
		if time.Now().After(deadline) {
			t.Fatalf("it keeps descriptors: %v", found)
		}
	}
}

func descriptors(t *testing.T, pid int) map[int]string {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[int]string)
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if target, err := os.Readlink(filepath.Join(dir, entry.Name())); err == nil { // otherwise it was closed meanwhile
			found[fd] = target
		}
	}
	return found
}

// Flags, owners of signals, positions and locks belong to an open file. Two cells
// that share one could use it to communicate, or to harm each other.
func TestCellsHaveNoOpenFileInCommon(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		jail := theJail(t, mode)
		one, two := parked(t, spawn(t, jail)), parked(t, spawn(t, jail))
		others := map[string]int{"its sibling": two.PID(), "the supervisor": os.Getpid()}
		if mode == protocol.ModeFork {
			others["the zygote"] = jail.ZygotePID()
		}
		for name, other := range others {
			for kind, what := range map[int]string{kcmpVM: "memory", kcmpFiles: "a table of descriptors", kcmpFS: "a working directory", kcmpSighand: "signal handlers"} {
				if same(t, one.PID(), other, kind, 0, 0) {
					t.Errorf("a cell and %s share %s", name, what)
				}
			}
			theirs := descriptors(t, other)
			for fd, target := range descriptors(t, one.PID()) {
				for theirFD, theirTarget := range theirs {
					if same(t, one.PID(), other, kcmpFile, fd, theirFD) {
						t.Errorf("descriptor %d of a cell (%s) and %d of %s (%s) are one open file", fd, target, theirFD, name, theirTarget)
					}
				}
			}
		}
	})
}

func TestCellsHaveNoWritableMemoryOrMountInCommon(t *testing.T) {
	bothModes(t, func(t *testing.T, mode protocol.Mode) {
		jail := theJail(t, mode)
		cells := []*nsjail.Cell{spawn(t, jail), spawn(t, jail)}
		writable := make(map[string]int) // mounts of file systems, by device
		logs := make(map[string]bool)    // what cells print into, by inode: each has its own
		for i, cell := range cells {
			for _, line := range lines(t, cell.PID(), "maps") {
				fields := strings.Fields(line)
				if !strings.Contains(fields[1], "w") || !strings.Contains(fields[1], "s") {
					continue
				}
				if inode := fields[4]; fields[5] != "/memfd:output" || logs[inode] {
					t.Errorf("a shared mapping that can be written: %s", line)
				} else {
					logs[inode] = true
				}
			}
			for _, m := range mountsOf(t, cell.PID()) {
				if before, ok := writable[m.device]; ok && before != i && m.options["rw"] {
					t.Errorf("two cells can write to file system %s at %s", m.device, m.target)
				}
				if m.options["rw"] {
					writable[m.device] = i
				}
			}
		}
	})
}

func lines(t *testing.T, pid int, file string) []string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

type mountOf struct {
	device, target, kind string
	options              map[string]bool // of the mount, not of the file system
	propagates           bool            // mounts made on the host appear, or the other way round
}

// mountsOf reads /proc/PID/mountinfo, proc_pid_mountinfo(5).
func mountsOf(t *testing.T, pid int) []mountOf {
	t.Helper()
	var mounts []mountOf
	for _, line := range lines(t, pid, "mountinfo") {
		before, after, _ := strings.Cut(line, " - ")
		fields := strings.Fields(before)
		m := mountOf{device: fields[2], target: fields[4], kind: strings.Fields(after)[0], options: make(map[string]bool), propagates: len(fields) > 6}
		for option := range strings.SplitSeq(fields[5], ",") {
			m.options[option] = true
		}
		mounts = append(mounts, m)
	}
	return mounts
}
