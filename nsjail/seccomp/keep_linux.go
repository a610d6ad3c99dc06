package seccomp

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Range is a part of a process' memory, of whole pages.
type Range struct{ Start, End uint64 }

// KeepFilter returns the filter that a zygote loads before its memory moves into a snapshot,
// and that its cells inherit. It refuses MADV_DONTNEED of memory that overlaps a range:
// what is there afterwards is not zeros, but the zygote's bytes, and allocators such as
// jemalloc take it for zeros. EINVAL is what the kernel answers for memory that it does not
// give back.
func KeepFilter(ranges []Range) []byte {
	const (
		load, recall = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_LD | unix.BPF_MEM
		set, toX     = unix.BPF_LD | unix.BPF_IMM, unix.BPF_MISC | unix.BPF_TAX
		store, plus  = unix.BPF_ST, unix.BPF_ALU | unix.BPF_ADD | unix.BPF_X

		address, length, advice = offsetArgs, offsetArgs + 8, offsetArgs + 16
		endLow, endHigh         = 0, 1 // in the scratch memory

		prologue, perRange = 22, 10
	)
	var code []unix.SockFilter
	do := func(op uint16, k uint32) { code = append(code, unix.SockFilter{Code: op, K: k}) }
	// jump goes to one of two instructions, counted from the begin.
	jump := func(comparison uint16, k uint32, then, other int) {
		next := len(code) + 1
		code = append(code, unix.SockFilter{Code: unix.BPF_JMP | comparison, Jt: uint8(then - next), Jf: uint8(other - next), K: k}) // #nosec G115 -- few ranges
	}
	allow := prologue + perRange*len(ranges)
	refuse := allow + 1
	for _, test := range [][3]uint32{{offsetNumber, unix.SYS_MADVISE}, {offsetArch, auditArch}, {advice, unix.MADV_DONTNEED}} {
		do(load, test[0])
		jump(unix.BPF_JEQ, test[1], len(code)+1, allow)
	}
	// The end of what is given back is address + length. A sum of the low halves that is
	// below one of them has a carry.
	do(load, length)
	do(toX, 0)
	do(load, address)
	do(plus, 0)
	do(store, endLow)
	jump(unix.BPF_JGE|unix.BPF_X, 0, len(code)+1, len(code)+3)
	do(set, 0)
	jump(unix.BPF_JA, 1, len(code)+1, len(code)+1) // over the next
	do(set, 1)
	do(toX, 0)
	do(load, address+4)
	do(plus, 0)
	do(toX, 0)
	do(load, length+4)
	do(plus, 0)
	do(store, endHigh)
	for i, r := range ranges {
		begin := prologue + perRange*i
		next := begin + perRange
		// address < r.End
		do(load, address+4)
		jump(unix.BPF_JGT, uint32(r.End>>32), next, begin+2)
		jump(unix.BPF_JEQ, uint32(r.End>>32), begin+3, begin+5)
		do(load, address)
		jump(unix.BPF_JGE, uint32(r.End&0xffffffff), next, begin+5)
		// and r.Start < end
		do(recall, endHigh)
		jump(unix.BPF_JGT, uint32(r.Start>>32), refuse, begin+7)
		jump(unix.BPF_JEQ, uint32(r.Start>>32), begin+8, next)
		do(recall, endLow)
		jump(unix.BPF_JGT, uint32(r.Start&0xffffffff), refuse, next)
	}
	do(unix.BPF_RET|unix.BPF_K, Allow.action())
	do(unix.BPF_RET|unix.BPF_K, EINVAL.action())
	var out bytes.Buffer
	_ = binary.Write(&out, binary.LittleEndian, code) // a bytes.Buffer does not fail, and the struct is of fixed size
	return out.Bytes()
}
