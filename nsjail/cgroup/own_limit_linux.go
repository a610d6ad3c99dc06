package cgroup

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// MemoryLimit returns the lowest limit, in bytes, of the memory cgroups of both versions
// that this process is in, or false if none limits it. The limits of all cgroups above
// its own count too.
func MemoryLimit() (int64, bool) {
	own, err := readOwn()
	if err != nil {
		return 0, false
	}
	lowest, found := int64(0), false
	for dir, name := range map[string]string{own.unified: "memory.max", own.v1["memory"]: "memory.limit_in_bytes"} {
		if limit, ok := lowestLimit(dir, name); ok && (!found || limit < lowest) {
			lowest, found = limit, true
		}
	}
	return lowest, found
}

// noLimit is a little less than what version 1 shows without a limit, the largest number
// of whole pages.
const noLimit = 1 << 62

func lowestLimit(dir, name string) (int64, bool) {
	lowest := int64(noLimit)
	for ; len(dir) > 1; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue // above the mount, or the root of version 2, which has no limit
		}
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil { // otherwise it is "max"
			lowest = min(lowest, limit)
		}
	}
	return lowest, lowest < noLimit
}
