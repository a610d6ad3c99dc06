package faults_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// house is a memory cgroup of one test, in which hotcell and a neighbour run.
type house struct {
	dir       string
	limitFile string
	held      []string // the members of memory.stat for what the kernel cannot reclaim
}

// newHouse makes a house below the test's own cgroup: of version 2 if that has the
// controllers, else of version 1.
func newHouse(t *testing.T) house {
	t.Helper()
	testkit.NeedsJails(t)
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	var h house
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		name := fmt.Sprintf("hotcell-faults-%d", os.Getpid())
		switch {
		case len(fields) != 3:
		case fields[1] == "memory":
			parent := filepath.Join("/sys/fs/cgroup/memory", fields[2])
			if gone(parent) { // in a cgroup namespace the path is another
				parent = "/sys/fs/cgroup/memory"
			}
			h = house{filepath.Join(parent, name), "memory.limit_in_bytes", []string{"total_rss", "total_shmem"}}
		case fields[1] == "" && h.dir == "" && !gone("/sys/fs/cgroup/cgroup.controllers"):
			h = house{filepath.Join("/sys/fs/cgroup", fields[2], name), "memory.max", []string{"anon", "shmem"}}
		}
	}
	rooms := []string{filepath.Join(h.dir, "service"), filepath.Join(h.dir, "neighbour")}
	err = os.Mkdir(h.dir, 0o755)
	t.Cleanup(func() {
		for _, dir := range append(rooms, h.dir) {
			if err := syscall.Rmdir(dir); err != nil && !gone(dir) {
				t.Errorf("%s is left: %v", dir, err)
			}
		}
	})
	if err == nil && h.limitFile == "memory.max" {
		err = os.WriteFile(filepath.Join(h.dir, "cgroup.subtree_control"), []byte("+memory +pids +cpu"), 0)
	}
	for _, dir := range rooms {
		if err == nil {
			err = os.Mkdir(dir, 0o755)
		}
	}
	if err != nil {
		t.Skipf("a memory cgroup of the test's own cannot be made here: %v", err)
	}
	return h
}

// enter returns a command line that runs the rest of its arguments in a room.
func (h house) enter(room string) []string {
	return []string{"sh", "-c", `echo 0 > "$0" && exec "$@"`, filepath.Join(h.dir, room, "cgroup.procs")}
}

// leave limits the house to that much more than it holds.
func (h house) leave(t *testing.T, bytes int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, "memory.stat"))
	if err != nil {
		t.Fatal(err)
	}
	holds := 0
	for _, member := range h.held {
		_, after, _ := strings.Cut("\n"+string(text), "\n"+member+" ")
		number, _, _ := strings.Cut(after, "\n")
		bytes, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		holds += bytes
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(h.dir, h.limitFile), []byte(strconv.Itoa(holds+bytes)), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// eats starts a neighbour that takes that much memory, and keeps it until end is
// called. It returns when the neighbour has all of it, or was killed.
func (h house) eats(t *testing.T, bytes int) (all bool, end func()) {
	t.Helper()
	script := fmt.Sprintf("a = bytearray(b'x') * %d; print('full', flush=True); input()", bytes)
	args := append(h.enter("neighbour"), filepath.Join(testkit.Python(t), "bin", "python3"), "-c", script)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdin, err := cmd.StdinPipe() // nothing is written to it
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close() })
	n, _ := stdout.Read(make([]byte, 8))
	return n > 0, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
}

// The neighbour wants more than there is. The kernel kills cells and zygotes, as
// hotcell offers, and then the neighbour, but not hotcell.
func TestANeighbourMayEatAllMemory(t *testing.T) {
	h := newHouse(t)
	fault{
		name: "out of memory, 5 times", before: h.enter("service"),
		allowed: allowed{killed: true, refusals: []string{"unavailable"}, verdicts: []string{"memory_limit"}},
		inject: func(t *testing.T, _ *program, _ *load) time.Time {
			h.leave(t, 256<<20)
			for range 5 {
				all, end := h.eats(t, 512<<20)
				end()
				if all {
					t.Error("it was not killed")
				}
			}
			return time.Now()
		},
	}.run(t)
}

// The neighbour leaves almost no memory for a second. The kernel kills cells, and
// zygotes if it must, but neither the neighbour nor hotcell.
func TestMemoryMayRunOut(t *testing.T) {
	h := newHouse(t)
	fault{
		name: "no memory left for 1 s", before: h.enter("service"),
		allowed: allowed{killed: true, refusals: []string{"unavailable"}, verdicts: []string{"memory_limit"}},
		inject: func(t *testing.T, _ *program, _ *load) time.Time {
			const eaten = 128 << 20
			h.leave(t, eaten-16<<20)
			all, end := h.eats(t, eaten)
			if !all {
				t.Error("the neighbour was killed")
			}
			time.Sleep(time.Second)
			end()
			return time.Now()
		},
	}.run(t)
}

// Where there is no room for a snapshot, cells do without, and the kernel kills nothing.
func TestASnapshotThatDoesNotFitIsNotTaken(t *testing.T) {
	withoutRaceDetector(t)
	h := newHouse(t)
	room := filepath.Join(h.dir, "service")
	// 140 MiB are needed; a snapshot takes 100 and wants 64 to be left.
	if err := os.WriteFile(filepath.Join(room, h.limitFile), []byte(strconv.Itoa(176<<20)), 0); err != nil {
		t.Fatal(err)
	}
	p := start(t, h.enter("service"), newState(t), testkit.OwnAddress(), "--pool-size", "2", "--snapshot", "yes")
	metrics, err := p.get("/metrics")
	if err != nil || !strings.Contains(metrics, `hotcell_shortcut_taken{profile="default",shortcut="snapshot"} 0`) {
		t.Errorf("a snapshot was taken: %v", err)
	}
	if log := p.Log.String(); !strings.Contains(log, "takes no snapshot") {
		t.Errorf("the log does not say why there is no snapshot: %s", log)
	}
	for _, file := range []string{"memory.oom_control", "memory.events"} {
		if text, err := os.ReadFile(filepath.Join(room, file)); err == nil && !strings.Contains(string(text), "oom_kill 0\n") {
			t.Errorf("the kernel killed: %s", text)
		}
	}
	p.mustEndCleanly()
}
