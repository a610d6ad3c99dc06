package seccomp

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"
)

// Only MADV_DONTNEED is refused, and only where it reaches into a range.
func TestMemoryOfASnapshotIsNotGivenBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a test
	for _, n := range []int{0, 1, 2, 3, 8, 97, 250} {
		ranges := randomRanges(random, n)
		instructions := KeepFilter(ranges)
		if len(instructions)/8 > 4096 {
			t.Fatalf("%d ranges take %d instructions: the kernel takes 4096", n, len(instructions)/8)
		}
		filter := load(t, instructions)
		refused := 0
		const tries = 20_000
		for range tries {
			begin, bytes := randomMemory(random, ranges)
			want := Allow
			for _, r := range ranges {
				if begin < r.End && begin+bytes > r.Start {
					want = EINVAL
				}
			}
			if want == EINVAL {
				refused++
			}
			if got := filter.run(auditArch, unix.SYS_MADVISE, [6]uint64{begin, bytes, unix.MADV_DONTNEED}); got != want.action() {
				t.Fatalf("%d ranges: %x bytes at %x get %#x, want %v", n, bytes, begin, got, want)
			}
			for _, other := range []uint64{unix.MADV_FREE, unix.MADV_NORMAL, 23} {
				if got := filter.run(auditArch, unix.SYS_MADVISE, [6]uint64{begin, bytes, other}); got != Allow.action() {
					t.Fatalf("advice %d gets %#x", other, got)
				}
			}
			if got := filter.run(auditArch, unix.SYS_MUNMAP, [6]uint64{begin, bytes, unix.MADV_DONTNEED}); got != Allow.action() {
				t.Fatalf("munmap gets %#x", got)
			}
		}
		if n > 0 && (refused < tries/10 || refused > tries*9/10) {
			t.Errorf("%d ranges: %d of %d are refused: the test tries one case only", n, refused, tries)
		}
	}
}

const page = 4096

// randomRanges returns ranges as a process has them: some low, some near the end of what
// its addresses can be, and some around a multiple of 4 GiB.
func randomRanges(random *rand.Rand, n int) []Range {
	at := uint64(0x400000)
	var ranges []Range
	for i := range n {
		switch i {
		case n / 4:
			at = 0x2f3c_0000_0000 - 5*page
		case n / 2:
			at = 0x7f12_ffff_0000
		}
		bytes := uint64(1+random.IntN(12)) * page
		ranges = append(ranges, Range{Start: at, End: at + bytes})
		at += bytes + uint64(1+random.IntN(12))*page
	}
	return ranges
}

// randomMemory returns memory that begins near an edge of a range, or anywhere.
func randomMemory(random *rand.Rand, ranges []Range) (begin, bytes uint64) {
	const gib = 1 << 30
	edge := uint64(0x400000)
	if len(ranges) > 0 {
		r := ranges[random.IntN(len(ranges))]
		if edge = r.Start; random.IntN(2) == 0 {
			edge = r.End
		}
	}
	begin = edge + uint64(random.IntN(16)*page) - 8*page
	bytes = uint64(random.IntN(8) * page)
	switch random.IntN(6) {
	case 0:
		bytes, begin = bytes+6*gib, begin-uint64(random.IntN(8))*gib
	case 1:
		bytes++ // the kernel rounds up
	case 2:
		begin = random.Uint64N(1<<47) / page * page
	}
	return begin, bytes
}
