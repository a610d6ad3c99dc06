package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// neededCapabilities are those that a service started as root keeps: SETUID and
// SETGID map a range of ids into jails, DAC_OVERRIDE writes to the top of a
// cgroup v1 hierarchy, which is writable to nobody, and NET_BIND_SERVICE binds
// ports below 1024. Jails have everything else in their user namespace.
var neededCapabilities = []uintptr{unix.CAP_SETUID, unix.CAP_SETGID, unix.CAP_DAC_OVERRIDE, unix.CAP_NET_BIND_SERVICE}

// dropCapabilities drops the other capabilities from root's bounding set and
// executes this program again, which then does not have them (capabilities(7)).
// It returns when there is nothing to drop.
//
// Only executing again reaches every thread of a Go program, whether it is linked
// with C or not.
func dropCapabilities() error {
	if os.Geteuid() != 0 {
		return nil
	}
	// Each thread has its own bounding set, so the thread that dropped must be the
	// one that executes.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dropped := false
	for capability := uintptr(0); capability <= unix.CAP_LAST_CAP; capability++ {
		held, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, capability, 0, 0, 0)
		if err != nil || held == 0 || slices.Contains(neededCapabilities, capability) {
			continue // unknown to this kernel, not held, or needed
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, capability, 0, 0, 0); err != nil {
			return fmt.Errorf("drop capability %d: %w", capability, err)
		}
		dropped = true
	}
	if !dropped {
		return nil
	}
	self, err := os.Executable()
	if err == nil {
		err = syscall.Exec(self, os.Args, os.Environ()) // #nosec G702 -- ourselves, as we were started
	}
	return fmt.Errorf("start again with fewer capabilities: %w", err)
}
