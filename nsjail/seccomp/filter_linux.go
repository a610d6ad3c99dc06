package seccomp

import (
	"maps"
	"slices"

	"golang.org/x/sys/unix"
)

// Offsets into struct seccomp_data, seccomp(2). An argument's low half comes first
// on the little-endian machines that hotcell runs on.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16
)

// ZygoteFilter returns the filter that a zygote loads before it imports anything,
// as struct sock_filter[]. It holds the whole table, and what a zygote needs to
// make cells. Every cell inherits it, and nothing can take it off.
func ZygoteFilter(shared Shared) []byte { return filter(zygoteTable(shared), ENOSYS) }

// CellFilter returns the filter that a cell loads in addition. It takes away what
// the zygote's filter allows beyond the table. It is small because every cell
// loads it: the kernel runs both, and the stricter answer counts.
func CellFilter() []byte { return filter(cellRest(), Allow) }

// filter compiles calls. Other numbers get the answer unlisted, and calls of
// another architecture (int 0x80 on amd64) get ENOSYS: the numbers mean other
// calls there, and killing the caller would write to the host's audit log.
//
// It is a binary search, since the kernel runs the filter for each number there is
// when it is loaded, to remember those that it need not be asked about.
func filter(calls []Call, unlisted Answer) []byte {
	p := newProgram()
	bodies := make(map[uint32]target)
	for _, call := range calls {
		bodies[call.Number] = p.judge(call.Tests, end(call.Answer))
	}
	number := p.load(offsetNumber, 0xffffffff, p.search(ranges(bodies, end(unlisted))))
	arch := p.branch(unix.BPF_JEQ, auditArch, number, end(ENOSYS))
	p.load(offsetArch, 0xffffffff, arch)
	return p.bytes()
}

// judge makes the tests, and then goes on.
func (p *program) judge(tests []Test, next target) target {
	for _, t := range slices.Backward(tests) {
		next = p.test(t, next)
	}
	return next
}

func (p *program) test(t Test, next target) target {
	low, mask := next, t.mask()
	hit, miss := next, end(t.Else)
	if t.refuses {
		hit, miss = miss, hit
	}
	switch {
	case t.Most != 0:
		low = p.branch(unix.BPF_JGT, t.Most, end(t.Else), next)
	case t.Bits != nil:
		bits := ^t.bits()
		if t.refuses {
			bits = t.bits()
		}
		low = p.branch(unix.BPF_JSET, bits, end(t.Else), next)
	default:
		low = miss
		for _, value := range slices.Backward(t.Values) {
			then := hit
			switch {
			case value.Answer != Allow:
				then = end(value.Answer)
			case value.Then != nil:
				then = p.judge(value.Then, hit)
			}
			low = p.branch(unix.BPF_JEQ, value.Value, then, low)
		}
	}
	offset := offsetArgs + 8*t.Argument
	low = p.load(offset, mask, low)
	if !t.Wide || t.refuses {
		return low
	}
	return p.load(offset+4, 0xffffffff, p.branch(unix.BPF_JEQ, 0, low, end(t.Else)))
}

// numbers is a run of system calls, up to the next one's first, with one body.
type numbers struct {
	first uint32
	body  target
}

// ranges sorts them, and joins neighbours that are alike.
func ranges(bodies map[uint32]target, unlisted target) []numbers {
	runs := []numbers{{0, unlisted}}
	add := func(first uint32, body target) {
		last := &runs[len(runs)-1]
		switch {
		case last.body == body:
		case last.first == first:
			last.body = body
		default:
			runs = append(runs, numbers{first, body})
		}
	}
	for _, number := range slices.Sorted(maps.Keys(bodies)) {
		add(number, bodies[number])
		if _, next := bodies[number+1]; !next {
			add(number+1, unlisted)
		}
	}
	return runs
}

// search finds the run that the number is in.
func (p *program) search(runs []numbers) target {
	if len(runs) == 1 {
		return runs[0].body
	}
	half := len(runs) / 2
	above, below := p.search(runs[half:]), p.search(runs[:half])
	return p.branch(unix.BPF_JGE, runs[half].first, above, below)
}
