package main

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// neededCapabilities are those that a service started as root keeps: SETUID and
// SETGID map a range of ids into jails, DAC_OVERRIDE writes to the top of a
// cgroup v1 hierarchy, which is writable to nobody, and NET_BIND_SERVICE binds
// ports below 1024. Jails have everything else in their user namespace.
var neededCapabilities = []uintptr{unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_DAC_OVERRIDE, unix.CAP_NET_BIND_SERVICE}

// dropCapabilities drops the other capabilities from the bounding set of a thread of root
// (capabilities(7)), and reports whether there were any. The program must be executed
// again, which then does not have them.
func dropCapabilities() (dropped bool, err error) {
	if os.Geteuid() != 0 {
		return false, nil
	}
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		held, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, capability, 0, 0, 0)
		if err != nil || held == 0 || slices.Contains(neededCapabilities, capability) {
			continue // unknown to this kernel, not held, or needed
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil {
			return dropped, fmt.Errorf("drop capability %d: %w", capability, err)
		}
		dropped = true
	}
	return dropped, nil
}
