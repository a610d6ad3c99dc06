package cgroup

import "time"

// WasRefused looks so often, with pauses that begin with refusedPause and double: 62 ms in
// total.
const (
	refusedTries = 6
	refusedPause = 2 * time.Millisecond
)

// WasRefused reports whether the kernel refused a group a process or thread. It looks again
// while the group has several: RLIMIT_NPROC, which the kernel asks first, refuses and does
// not count when another process is just being copied, for which the kernel then asks the
// cgroup, which counts.
func WasRefused(g Group) bool {
	for try := range refusedTries {
		if g.Refused() > 0 {
			return true
		}
		if try == refusedTries-1 || g.Processes() < 2 {
			break
		}
		time.Sleep(refusedPause << try)
	}
	return false
}
