package cgroup

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// realTime are the names of the policies under which a thread goes before all others.
var realTime = map[uintptr]string{unix.SCHED_FIFO: "SCHED_FIFO", unix.SCHED_RR: "SCHED_RR", unix.SCHED_DEADLINE: "SCHED_DEADLINE"}

// checkPolicy returns an error if this thread has a real-time policy that what it starts
// would have, too. A script with one takes its processor from everything else, and kernels
// that divide real-time by cgroups (CONFIG_RT_GROUP_SCHED) let no such process into a
// cgroup of ours: EINVAL.
func checkPolicy() error {
	// Not sched_getattr(2), which the seccomp profile for container engines does not have.
	policy, _, errno := unix.Syscall(unix.SYS_SCHED_GETSCHEDULER, 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("read this process's scheduling policy: %w", errno)
	}
	// With SCHED_RESET_ON_FORK, a bit beside the policy, what is started does not have it.
	if name, ok := realTime[policy]; ok {
		return fmt.Errorf("this process has the real-time policy %s, which its cells would have, too: start hotcell without one (chrt, or CPUSchedulingPolicy= of systemd)", name)
	}
	return nil
}
