package cgroup

import (
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestARealTimePolicyIsRefusedByName(t *testing.T) {
	if err := checkPolicy(); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // the thread ends with this test
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: 3}
	if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
		t.Log("where nobody may have such a policy, nobody has the trouble:", err)
		return
	}
	if _, err := Open(Config{Name: "never-made"}); err == nil || !strings.Contains(err.Error(), "real-time policy SCHED_RR,") {
		t.Errorf("%v", err)
	}
	attr.Flags = unix.SCHED_FLAG_RESET_ON_FORK
	if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
		t.Fatal(err)
	}
	if err := checkPolicy(); err != nil {
		t.Errorf("cells would not have it: %v", err)
	}
}
