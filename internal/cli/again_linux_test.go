package cli

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAProgramIsNotExecutedAgainForWhatTheKernelDoesNotChange(t *testing.T) {
	runtime.LockOSThread() // the thread ends with this test
	realTime := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
	if err := unix.SchedSetAttr(0, &realTime, 0); err != nil {
		t.Log("where nobody may have such a policy, nobody has the trouble:", err)
		return
	}
	if slackenTimers() != timersAreSlack() {
		t.Error("the program would execute itself for ever")
	}
}
