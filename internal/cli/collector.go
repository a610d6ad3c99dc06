package cli

import (
	"os"
	"runtime/debug"
)

const ballastBytes = 16 << 20

// ballast is never written, so it takes addresses and no memory.
var ballast []byte

// CollectSeldom limits the heap, in bytes, and lets the garbage collector run only once
// for each 16 MB. An idle service has a heap of 3 MB, with which each request of a megabyte
// would make it run. GOMEMLIMIT and GOGC still decide.
func CollectSeldom(limit int64) {
	limit += ballastBytes
	if ballast != nil || limit >= debug.SetMemoryLimit(-1) || os.Getenv("GOGC") != "" {
		return
	}
	debug.SetMemoryLimit(limit)
	ballast = make([]byte, ballastBytes)
}
