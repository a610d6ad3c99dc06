package cli_test

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/hotcell/hotcell/internal/cli"
)

// GOGC says how often the collector runs, and not how large the heap may become.
func TestTheHeapIsLimitedWhateverGOGCSays(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	const limit, ballast = 1 << 30, 16 << 20
	for _, c := range []struct {
		gogc             string
		set, least, most int64
	}{
		{"100", math.MaxInt64, limit, limit},
		{"", math.MaxInt64, limit, limit + ballast},
		{"", limit + ballast/2, limit, limit + ballast/2}, // GOMEMLIMIT
		{"100", limit / 2, limit / 2, limit / 2},
	} {
		t.Setenv("GOGC", c.gogc)
		debug.SetMemoryLimit(c.set)
		cli.CollectSeldom(limit)
		if got := debug.SetMemoryLimit(-1); got < c.least || got > c.most {
			t.Errorf("GOGC %q, GOMEMLIMIT %d: %d", c.gogc, c.set, got)
		}
	}
}
