package config

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/cgroup"
)

// availableMemory returns the memory of the machine, or of the cgroup that limits
// it, in bytes.
func availableMemory() int64 {
	var info unix.Sysinfo_t
	available := int64(1) << 30 // any machine that runs this has as much
	if unix.Sysinfo(&info) == nil {
		available = int64(info.Totalram) * int64(info.Unit) // #nosec G115 -- no machine has 8 EiB
	}
	if limit, ok := cgroup.MemoryLimit(); ok {
		available = min(available, limit)
	}
	return available
}

// DescriptorLimit returns how many descriptors this process may have. Go's runtime
// raises the soft limit to the hard limit before main.
func DescriptorLimit() (uint64, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("getrlimit RLIMIT_NOFILE: %w", err)
	}
	return limit.Cur, nil
}
