package kernfs_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// Before its parent has waited for a process, the kernel does not say how it ended; then it does, as often as it is asked.
func TestTheKernelTellsHowAProcessEndedOnceItIsWaitedFor(t *testing.T) {
	for script, want := range map[string]unix.WaitStatus{"exit 7": 7 << 8, "kill -9 $$": 9} {
		fd := -1
		child := exec.CommandContext(t.Context(), "/bin/sh", "-c", script)
		child.SysProcAttr = &syscall.SysProcAttr{PidFD: &fd}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		pidfd := os.NewFile(uintptr(fd), "pidfd")
		defer pidfd.Close()
		for {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if n == 1 {
				break
			} else if !errors.Is(err, unix.EINTR) {
				t.Fatal(err)
			}
		}
		if status, err := kernfs.ExitOf(pidfd, 0); err == nil {
			t.Errorf("%s: status %d of a process that nobody has waited for", script, status)
		}
		_ = child.Wait()
		for range 2 {
			status, err := kernfs.ExitOf(pidfd, 0)
			if err != nil && !tells(t) {
				t.Skip("before Linux 6.15: ", err)
			}
			if err != nil || status != want {
				t.Errorf("%s: %#x %v", script, status, err)
			}
		}
	}
}

// tells reports whether this is Linux 6.15 or later.
func tells(t *testing.T) bool {
	t.Helper()
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		t.Fatal(err)
	}
	var major, minor int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); err != nil {
		t.Fatal(err)
	}
	return major > 6 || major == 6 && minor >= 15
}
