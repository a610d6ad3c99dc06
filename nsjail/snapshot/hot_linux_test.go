package snapshot

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
)

func TestOnlyAProcessOwnPagesCount(t *testing.T) {
	var entries []byte
	for _, entry := range []uint64{
		0,                            // nothing
		present | exclusive,          // its own
		present,                      // its parent's, too
		present | exclusive | ofFile, // of a file
		1<<62 | exclusive,            // swapped out
		present | exclusive | 1<<55,  // its own, soft-dirty
	} {
		entries = binary.LittleEndian.AppendUint64(entries, entry)
	}
	if got := ownPages(0x10000, entries); !slices.Equal(got, []uint64{0x11000, 0x15000}) {
		t.Errorf("%x", got)
	}
}

func TestHotPagesAreThoseThatEveryTrialWrote(t *testing.T) {
	plan := Plan{Regions: []Region{{Start: 0x10000, Bytes: 0x5000, Protection: protRead | protWrite}, {Start: 0x20000, Bytes: 0x1000, Protection: protRead}, {Start: 0x30000, Bytes: 0x800000, Protection: protRead | protWrite}}}
	var many []uint64
	for page := uint64(0x30000); page < 0x830000; page += pageBytes {
		many = append(many, page)
	}
	for _, c := range []struct {
		name  string
		lists [][]uint64
		want  string
	}{
		{"no trial", nil, "[]"},
		{"neighbours are one range", [][]uint64{{0x10000, 0x11000, 0x13000}}, "[{10000 2000} {13000 1000}]"},
		{"what only one wrote is not hot", [][]uint64{{0x10000, 0x11000, 0x13000}, {0x11000, 0x12000}}, "[{11000 1000}]"},
		{"nor what does not move, or cannot be written", [][]uint64{{0x8000, 0x14000, 0x15000, 0x20000, 0x31000, 0x830000}}, "[{14000 1000} {31000 1000}]"},
		{"and not more than the maximum", [][]uint64{many}, fmt.Sprintf("[{30000 %x}]", maxHot*pageBytes)},
	} {
		if got := fmt.Sprintf("%x", runsOf(plan, c.lists...)); got != c.want {
			t.Errorf("%s: %s instead of %s", c.name, got, c.want)
		}
	}
}
