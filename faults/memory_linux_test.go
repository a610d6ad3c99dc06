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
)

// house is a memory cgroup of a test's own, where hotcell and a neighbour live.
type house struct {
	dir       string
	limitFile string
	usageFile string
}

// newHouse makes one below the test's own cgroup, of version 2 where that has
// the controllers, else of version 1.
func newHouse(t *testing.T) house {
	t.Helper()
	needsJails(t)
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
			h = house{filepath.Join(parent, name), "memory.limit_in_bytes", "memory.usage_in_bytes"}
		case fields[1] == "" && h.dir == "" && !gone("/sys/fs/cgroup/cgroup.controllers"):
			h = house{filepath.Join("/sys/fs/cgroup", fields[2], name), "memory.max", "memory.current"}
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

// enter is a command line that executes the rest of its arguments in a room.
func (h house) enter(room string) []string {
	return []string{"sh", "-c", `echo 0 > "$0" && exec "$@"`, filepath.Join(h.dir, room, "cgroup.procs")}
}

func (h house) usage(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, h.usageFile))
	if err != nil {
		t.Fatal(err)
	}
	usage, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return usage
}

func (h house) limit(t *testing.T, bytes int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, h.limitFile), []byte(strconv.Itoa(bytes)), 0); err != nil {
		t.Fatal(err)
	}
}

// eats starts a neighbour that takes so much memory and keeps it. It returns
// when the neighbour has it, or has been killed for it.
func (h house) eats(t *testing.T, bytes int, before ...string) *exec.Cmd {
	t.Helper()
	script := fmt.Sprintf("a = bytearray(b'x') * %d; print('full', flush=True); input()", bytes)
	args := append(append(h.enter("neighbour"), before...), filepath.Join(pythonEnv(t), "bin", "python3"), "-c", script)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdin, err := cmd.StdinPipe() // never written
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
	_, _ = stdout.Read(make([]byte, 8))
	return cmd
}

// The neighbour wants more than there is, and the kernel kills it for that: the
// largest process, five times.
func TestANeighbourMayEatAllMemory(t *testing.T) {
	h := newHouse(t)
	fault{
		name: "a neighbour is killed for memory, 5 times", before: h.enter("service"),
		inject: func(t *testing.T, _ *program, _ *load) time.Time {
			h.limit(t, h.usage(t)+256<<20)
			for range 5 {
				eater := h.eats(t, 512<<20)
				_ = eater.Process.Kill()
				_ = eater.Wait()
			}
			return time.Now()
		},
	}.run(t)
}

// The kernel may not kill the neighbour, and there is next to nothing left for
// two seconds: it kills cells, and zygotes if it must, but not hotcell.
func TestMemoryMayRunOut(t *testing.T) {
	h := newHouse(t)
	fault{
		name: "no memory left for 2 s", before: h.enter("service"),
		allowed: allowed{killed: true, refusals: []string{"unavailable"}, verdicts: []string{"memory_limit"}},
		inject: func(t *testing.T, _ *program, _ *load) time.Time {
			const eaten = 128 << 20
			h.limit(t, h.usage(t)+eaten+16<<20)
			eater := h.eats(t, eaten, "choom", "-n", "-1000", "--")
			time.Sleep(2 * time.Second)
			_ = eater.Process.Kill()
			_ = eater.Wait()
			h.limit(t, h.usage(t)+1<<30)
			return time.Now()
		},
	}.run(t)
}
