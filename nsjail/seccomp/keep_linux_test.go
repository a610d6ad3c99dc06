package seccomp

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"
)

// Only MADV_DONTNEED is refused, and only where it reaches into a range.
func TestMemoryOfASnapshotIsNotGivenBack(t *testing.T) {
	const gib, page = 1 << 30, 4096
	ranges := []Range{{0x400000, 0x9a0000}, {0x2f3c_0000_0000 - 5*page, 0x2f3c_0000_0000 + 7*page}, {0x7f12_fff0_0000, 0x7f13_2000_0000}}
	filter := load(t, KeepFilter(ranges))
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a test
	refused := 0
	for range 100_000 {
		r := ranges[random.IntN(len(ranges))]
		edge := r.Start
		if random.IntN(2) == 0 {
			edge = r.End
		}
		begin := edge + uint64(random.IntN(16)*page) - 8*page
		bytes := uint64(random.IntN(16) * page)
		switch random.IntN(6) {
		case 0:
			bytes, begin = bytes+6*gib, begin-uint64(random.IntN(8))*gib
		case 1:
			bytes++ // the kernel rounds up
		case 2:
			begin = random.Uint64N(1<<47) / page * page
		}
		overlaps := false
		for _, r := range ranges {
			overlaps = overlaps || begin < r.End && begin+bytes > r.Start
		}
		want := Allow
		if overlaps {
			want = EINVAL
			refused++
		}
		if got := filter.run(auditArch, unix.SYS_MADVISE, [6]uint64{begin, bytes, unix.MADV_DONTNEED}); got != want.action() {
			t.Fatalf("%x bytes at %x get %#x, want %v", bytes, begin, got, want)
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
	if refused < 10_000 || refused > 90_000 {
		t.Errorf("%d of 100000 are refused: the test tries one case only", refused)
	}
}
