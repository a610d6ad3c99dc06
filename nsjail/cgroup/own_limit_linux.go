package cgroup

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// MemoryLimit returns the lowest limit, in bytes, of the memory cgroups of both versions
// that this process is in, or false if none limits it. The limits of all cgroups above
// its own count too.
func MemoryLimit() (int64, bool) {
	lowest := int64(noLimit)
	eachOwn(func(dir string, files memoryFiles) { lowest = min(lowest, limitIn(dir, files.limit)) })
	return lowest, lowest < noLimit
}

// MemoryLeft returns how many bytes of memory this process can take before the kernel kills
// something for it, or slows it down: of what is left within the limits of those cgroups and of
// the machine's memory, the least. What the kernel can take back from its cache is left.
func MemoryLeft() int64 {
	left := int64(noLimit)
	if kib, err := kernfs.Number("/proc/meminfo", "MemAvailable:"); err == nil {
		left = kib << 10
	}
	eachOwn(func(dir string, files memoryFiles) { left = min(left, files.left(dir)) })
	return left
}

// memoryFiles are the names of a memory cgroup's files.
type memoryFiles struct {
	limit, soft, usage string
	stat               string // prefix of the members of memory.stat that count cgroups below, too
}

// left returns what is left of a cgroup's limits, or noLimit if it has none.
func (f memoryFiles) left(dir string) int64 {
	limit := min(limitIn(dir, f.limit), limitIn(dir, f.soft))
	usage, err := kernfs.Number(filepath.Join(dir, f.usage), "")
	if err != nil || limit == noLimit {
		return noLimit
	}
	for _, kind := range []string{"inactive_file", "active_file"} {
		cached, _ := kernfs.Number(filepath.Join(dir, "memory.stat"), f.stat+kind)
		usage -= cached
	}
	return max(0, limit-usage)
}

var (
	v1Files = memoryFiles{limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes", stat: "total_"} // its soft limit slows nobody down
	v2Files = memoryFiles{limit: "memory.max", soft: "memory.high", usage: "memory.current"}
)

// eachOwn calls visit for each memory cgroup of both versions that this process is in,
// and those above.
func eachOwn(visit func(dir string, files memoryFiles)) {
	own, err := readOwn()
	if err != nil {
		return
	}
	for dir := own.unified; len(dir) > 1; dir = filepath.Dir(dir) {
		visit(dir, v2Files)
	}
	for dir := own.v1["memory"]; len(dir) > 1; dir = filepath.Dir(dir) {
		visit(dir, v1Files)
	}
}

// noLimit is a little less than what version 1 shows without a limit, the largest number
// of whole pages.
const noLimit = 1 << 62

// limitIn returns a limit, or noLimit if there is none: above the mount, in the root of version
// 2, or if it is "max".
func limitIn(dir, name string) int64 {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return noLimit
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return noLimit
	}
	return min(limit, noLimit)
}
