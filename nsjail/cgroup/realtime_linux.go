package cgroup

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// realTime are the names of the policies under which a thread goes before all others.
var realTime = map[uint32]string{unix.SCHED_FIFO: "SCHED_FIFO", unix.SCHED_RR: "SCHED_RR", unix.SCHED_DEADLINE: "SCHED_DEADLINE"}

// checkPolicy returns an error if this thread has a real-time policy that what it starts
// would have, too. A script with one takes its processor from everything else, and kernels
// that divide real-time by cgroups (CONFIG_RT_GROUP_SCHED) let no such process into a
// cgroup of ours: EINVAL.
func checkPolicy() error {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return fmt.Errorf("read this process's scheduling policy: %w", err)
	}
	if name, ok := realTime[attr.Policy]; ok && attr.Flags&unix.SCHED_FLAG_RESET_ON_FORK == 0 {
		return fmt.Errorf("this process has the real-time policy %s, priority %d, which its cells would have, too: start hotcell without one (chrt, or CPUSchedulingPolicy= of systemd)", name, attr.Priority)
	}
	return nil
}
