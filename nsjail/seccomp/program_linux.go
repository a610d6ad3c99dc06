package seccomp

import (
	"bytes"
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

// program assembles classic BPF, networking/filter.rst of the kernel, from its
// end to its begin: a jump leads forward only, so that its target is there when
// it is made. It makes equal pieces once, since what a cell's start pays for a
// filter grows with its length: 0.17 µs an instruction, most of it in the
// kernel's compiler.
type program struct {
	backwards []unix.SockFilter
	made      map[piece]target
}

// target is a piece to go on with: an instruction, counted from the end of the
// program, or an answer.
type target struct {
	at     int
	answer Answer
	isEnd  bool
}

// piece is an instruction with where it leads.
type piece struct {
	code        uint16
	k, mask     uint32
	then, other target
}

// reach is how far a conditional jump may lead. It is a little less than the 255
// of classic BPF, because a jump may need another instruction before its target.
const reach = 250

func newProgram() *program { return &program{made: make(map[piece]target)} }

func end(answer Answer) target { return target{answer: answer, isEnd: true} }

func (p *program) emit(code uint16, k uint32, jumpTrue, jumpFalse int) int {
	p.backwards = append(p.backwards, unix.SockFilter{Code: code, Jt: uint8(jumpTrue), Jf: uint8(jumpFalse), K: k}) // #nosec G115 -- at most reach
	return len(p.backwards) - 1
}

// near returns an instruction within reach that goes on with t.
func (p *program) near(t target) int {
	key := piece{code: unix.BPF_RET, then: t}
	if t.isEnd {
		if last, made := p.made[key]; made && len(p.backwards)-last.at <= reach {
			return last.at
		}
		at := p.emit(unix.BPF_RET|unix.BPF_K, t.answer.action(), 0, 0)
		p.made[key] = target{at: at}
		return at
	}
	if len(p.backwards)-t.at <= reach {
		return t.at
	}
	return p.emit(unix.BPF_JMP|unix.BPF_JA, uint32(len(p.backwards)-t.at-1), 0, 0) // #nosec G115 -- a program has at most 4096
}

// branch goes on with then where the comparison holds, and else with other.
func (p *program) branch(comparison uint16, k uint32, then, other target) target {
	if then == other {
		return then
	}
	key := piece{code: comparison, k: k, then: then, other: other}
	if made, ok := p.made[key]; ok {
		return made
	}
	jumpTrue, jumpFalse := p.near(then), p.near(other)
	here := len(p.backwards)
	made := target{at: p.emit(unix.BPF_JMP|comparison|unix.BPF_K, k, here-jumpTrue-1, here-jumpFalse-1)}
	p.made[key] = made
	return made
}

// load loads a word of struct seccomp_data, without the bits that mask lacks, and
// goes on.
func (p *program) load(offset, mask uint32, next target) target {
	return p.read(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset, mask, next)
}

// recall loads a word that the program has stored, and goes on.
func (p *program) recall(word uint32, next target) target {
	return p.read(unix.BPF_LD|unix.BPF_MEM, word, 0xffffffff, next)
}

func (p *program) read(code uint16, offset, mask uint32, next target) target {
	key := piece{code: code, k: offset, mask: mask, then: next}
	if made, ok := p.made[key]; ok {
		return made
	}
	if at := p.near(next); at != len(p.backwards)-1 {
		p.emit(unix.BPF_JMP|unix.BPF_JA, uint32(len(p.backwards)-at-1), 0, 0) // #nosec G115 -- a program has at most 4096
	}
	if mask != 0xffffffff {
		p.emit(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, mask, 0, 0)
	}
	made := target{at: p.emit(code, offset, 0, 0)}
	p.made[key] = made
	return made
}

// bytes returns the program as struct sock_filter[], seccomp(2).
func (p *program) bytes() []byte {
	var out bytes.Buffer
	for _, instruction := range slices.Backward(p.backwards) {
		// A bytes.Buffer does not fail, and the struct is of fixed size.
		_ = binary.Write(&out, binary.LittleEndian, instruction)
	}
	return out.Bytes()
}
