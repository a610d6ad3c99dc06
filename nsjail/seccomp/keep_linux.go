package seccomp

import (
	"bytes"
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// Range is a part of a process' memory, of whole pages.
type Range struct{ Start, End uint64 }

// Where the filter keeps the end of what is given back, in classic BPF's memory.
const endLow, endHigh = 0, 1

// KeepFilter returns the filter that a zygote loads before its memory moves into a snapshot,
// and that its cells inherit. It refuses MADV_DONTNEED of memory that overlaps a range:
// what is there afterwards is not zeros, but the zygote's bytes, and allocators such as
// jemalloc take it for zeros. EINVAL is what the kernel answers for memory that it does not
// give back. The ranges are sorted, and do not overlap.
func KeepFilter(ranges []Range) []byte {
	p := newProgram()
	search := p.overlaps(ranges)
	begin := p.near(search)
	if at := len(p.backwards) - 1; at != begin {
		p.emit(unix.BPF_JMP|unix.BPF_JA, uint32(at-begin), 0, 0) // #nosec G115 -- a program has at most 4096
	}
	return slices.Concat(keepPrologue(), p.bytes())
}

// keepPrologue allows every other call, and computes where the memory ends.
func keepPrologue() []byte {
	const (
		load, toX   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_MISC | unix.BPF_TAX
		plus, store = unix.BPF_ALU | unix.BPF_ADD | unix.BPF_X, unix.BPF_ST
		equal       = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K

		address, length, advice = offsetArgs, offsetArgs + 8, offsetArgs + 16
	)
	var out bytes.Buffer
	// A bytes.Buffer does not fail, and the struct is of fixed size.
	_ = binary.Write(&out, binary.LittleEndian, []unix.SockFilter{
		{Code: load, K: offsetNumber}, {Code: equal, K: unix.SYS_MADVISE, Jf: 4},
		{Code: load, K: offsetArch}, {Code: equal, K: auditArch, Jf: 2},
		{Code: load, K: advice}, {Code: equal, K: unix.MADV_DONTNEED, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: Allow.action()},
		{Code: load, K: length}, {Code: toX}, {Code: load, K: address}, {Code: plus}, {Code: store, K: endLow},
		// A sum of the low halves that is below one of them has a carry.
		{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_X, Jf: 2},
		{Code: unix.BPF_LD | unix.BPF_IMM, K: 0}, {Code: unix.BPF_JMP | unix.BPF_JA, K: 1},
		{Code: unix.BPF_LD | unix.BPF_IMM, K: 1},
		{Code: toX}, {Code: load, K: address + 4}, {Code: plus}, {Code: toX}, {Code: load, K: length + 4}, {Code: plus}, {Code: store, K: endHigh},
	})
	return out.Bytes()
}

// overlaps finds the first range that ends above the address, which is the only one that
// can overlap if the one before it does not, by halves.
func (p *program) overlaps(ranges []Range) target {
	if len(ranges) == 0 {
		return end(Allow)
	}
	middle := (len(ranges) - 1) / 2
	rest := p.overlaps(ranges[middle+1:])
	var first target
	if middle > 0 {
		first = p.overlaps(ranges[:middle+1])
	} else { // that one, or a later one
		start := ranges[0].Start
		low := p.recall(endLow, p.branch(unix.BPF_JGT, uint32(start&0xffffffff), end(EINVAL), end(Allow)))
		first = p.recall(endHigh, p.branch(unix.BPF_JGT, uint32(start>>32), end(EINVAL), p.branch(unix.BPF_JEQ, uint32(start>>32), low, end(Allow))))
	}
	limit := ranges[middle].End
	low := p.load(offsetArgs, 0xffffffff, p.branch(unix.BPF_JGE, uint32(limit&0xffffffff), rest, first))
	return p.load(offsetArgs+4, 0xffffffff, p.branch(unix.BPF_JGT, uint32(limit>>32), rest, p.branch(unix.BPF_JEQ, uint32(limit>>32), low, first)))
}
