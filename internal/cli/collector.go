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
	most := debug.SetMemoryLimit(-1)
	if ballast == nil && os.Getenv("GOGC") == "" && limit+ballastBytes < most {
		ballast = make([]byte, ballastBytes)
	}
	if limit += int64(len(ballast)); limit < most {
		debug.SetMemoryLimit(limit)
	}
}
