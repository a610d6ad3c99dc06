package cli

import (
	"os"
	"runtime"
)

// LeaveProcessors keeps Go's threads to half of the processors. Scripts need the
// rest, and a scheduler with fewer of them wakes threads less often: 5 % more
// requests a second on two (docs/performance.md). GOMAXPROCS still decides.
func LeaveProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
}
