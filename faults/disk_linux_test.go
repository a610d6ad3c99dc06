package faults_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
)

// smallDisk returns a state directory on a small disk of its own. It is mounted in
// the mount namespace of these tests, and so cannot outlive them.
func smallDisk(t *testing.T) string {
	t.Helper()
	testkit.NeedsJails(t)
	dir := newState(t)
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,mode=0755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill fills the disk of dir with a file, and then frees leave bytes. The caller removes
// the file.
func fill(t *testing.T, dir string, leave int64) string {
	t.Helper()
	path := filepath.Join(dir, "filler")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	size, err := file.Seek(0, 1)
	if err == nil {
		err = file.Truncate(size - leave)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A running hotcell writes nothing but its log, which is on this disk, too. The pool
// refills, and a new zygote starts.
func TestTheDiskMayBeFull(t *testing.T) {
	state := smallDisk(t)
	log := filepath.Join(state, "log")
	fault{
		name: "disk full (state and log), with kill -9 of the zygote", allowed: allowed{killed: true, refusals: []string{"unavailable"}},
		state: state, log: log,
		before: []string{"sh", "-c", `exec "$@" 2>>"$0"`, log},
		inject: func(t *testing.T, p *program, l *load) time.Time {
			filler := fill(t, state, 0)
			before := l.soFar().requests
			p.eventually("the load goes on", func() bool { return l.soFar().requests >= before+20 })
			kill(t, p.tree().zygotes[0], syscall.SIGKILL)
			killed := time.Now()
			p.eventually("it has noticed", func() bool { return !p.ready() })
			p.eventually("it is ready, the disk still full", p.ready)
			if err := os.Remove(filler); err != nil {
				t.Error(err)
			}
			return killed
		},
	}.run(t)
}

// A start that runs out of disk space says so and leaves nothing behind, at whatever
// step it fails.
func TestAStartOnAFullDiskLeavesNothing(t *testing.T) {
	state := smallDisk(t)
	for _, leave := range []int64{0, 4 << 10, 12 << 10, 24 << 10} {
		filler := fill(t, state, leave)
		cmd := command(t, nil, state, testkit.OwnAddress())
		tooLong := time.AfterFunc(testkit.Patience, func() { _ = cmd.Process.Kill() })
		out, err := cmd.CombinedOutput()
		tooLong.Stop()
		if err == nil || !strings.Contains(string(out), "hotcell: state directory: ") || !strings.Contains(string(out), "no space left on device") {
			t.Errorf("with %d bytes: %v\n%s", leave, err, out)
		}
		if err := os.Remove(filler); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(state); err != nil || len(left) > 0 {
			t.Errorf("with %d bytes: left %v %v", leave, left, err)
		}
	}
	start(t, nil, state, testkit.OwnAddress()).mustEndCleanly()
}
