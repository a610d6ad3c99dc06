package budget

import (
	"runtime"
	"sync/atomic"
)

// freedBytes is from how many bytes of one request on the collector runs for them: they
// are worth its two milliseconds.
const freedBytes = 8 << 20

var collecting atomic.Bool

// Freed says that a request no longer holds its body and its answer. If they were large
// they are collected now, and not only when as much again has been taken: so requests
// one after the other need the memory of one.
func Freed(bytes int64) {
	if bytes < freedBytes || !collecting.CompareAndSwap(false, true) {
		return
	}
	go func() {
		defer collecting.Store(false)
		runtime.GC()
	}()
}
