package nsjail

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"golang.org/x/sys/unix"
)

// Actions of a filter, seccomp(2).
const (
	actAllow  = uint32(unix.SECCOMP_RET_ALLOW)
	actKill   = uint32(unix.SECCOMP_RET_KILL_PROCESS)
	actEPERM  = uint32(unix.SECCOMP_RET_ERRNO) | uint32(unix.EPERM)
	actENOSYS = uint32(unix.SECCOMP_RET_ERRNO) | uint32(unix.ENOSYS)
	actENOTTY = uint32(unix.SECCOMP_RET_ERRNO) | uint32(unix.ENOTTY)
)

// Offsets into struct seccomp_data; an argument's low half comes first on the
// little-endian machines that hotcell runs on.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16
)

// Namespaces may not be made by clone either.
const namespaceFlags = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// What a program asks of a terminal or a pipe; everything else answers
// ENOTTY: TIOCSTI and TIOCLINUX, which put keys into a terminal, and TIOCSETD,
// which loads line disciplines.
var allowedIoctls = []uint32{
	unix.TCGETS, unix.TCSETS, unix.TCSETSW, unix.TCSETSF, unix.TIOCGWINSZ, unix.TIOCSWINSZ, unix.TIOCGPGRP,
	unix.TIOCSPGRP, unix.TIOCGSID, unix.TIOCSCTTY, unix.TIOCNOTTY, unix.TIOCINQ, unix.TIOCOUTQ, unix.TCFLSH, unix.TCSBRK,
	unix.TCXONC,
	fionbio, fioasync, fioclex, fionclex,
}

// ioctl_list(2); x/sys/unix has no names for them.
const (
	fionbio  = 0x5421
	fioasync = 0x5452
	fionclex = 0x5450
	fioclex  = 0x5451
)

var allowedPrctls = []uint32{
	unix.PR_SET_NAME, unix.PR_GET_NAME, unix.PR_SET_PDEATHSIG, unix.PR_GET_PDEATHSIG, unix.PR_GET_DUMPABLE,
	unix.PR_GET_NO_NEW_PRIVS, unix.PR_GET_SECCOMP, unix.PR_CAPBSET_READ, unix.PR_SET_VMA, unix.PR_GET_KEEPCAPS,
	unix.PR_SET_TIMERSLACK, unix.PR_GET_TIMERSLACK,
}

// zygoteCalls are what a zygote needs beyond its cells, to make them.
var zygoteCalls = []syscallEntry{
	{"setns", unix.SYS_SETNS}, {"mount", unix.SYS_MOUNT}, {"fspick", unix.SYS_FSPICK}, {"capset", unix.SYS_CAPSET},
	{"setgroups", unix.SYS_SETGROUPS}, {"setresuid", unix.SYS_SETRESUID}, {"setresgid", unix.SYS_SETRESGID},
	{"prctl", unix.SYS_PRCTL}, {"seccomp", unix.SYS_SECCOMP},
}

// cellFilter compiles the table into the filter that a cell loads: struct
// sock_filter[], seccomp(2).
func cellFilter() []byte {
	return filter(nil, map[uint32]func(*bpf){
		unix.SYS_CLONE: refuseBits(namespaceFlags),
		unix.SYS_PRCTL: allowOnly(0, allowedPrctls, actEPERM),
	})
}

// zygoteFilter is the outer ring: what a zygote loads before it imports
// anything, and its cells inherit. It may make namespaces, but no user
// namespace, in which it would have every capability again.
func zygoteFilter() []byte {
	return filter(zygoteCalls, map[uint32]func(*bpf){
		unix.SYS_CLONE:   refuseBits(unix.CLONE_NEWUSER),
		unix.SYS_UNSHARE: refuseBits(unix.CLONE_NEWUSER),
	})
}

// filter allows the table's calls and those of more; rules decide of some by
// their arguments, whatever the table says. What has no rule, numbers of x32 among
// them, answers ENOSYS.
//
// It is a binary search, since the kernel runs it for each number there is when it
// is loaded, to remember those that it need not be asked about, and every cell
// loads it: one comparison after another took 0.2 ms.
func filter(more []syscallEntry, rules map[uint32]func(*bpf)) []byte {
	bodies := make(map[uint32]bpf)
	add := func(number uint32, rule func(*bpf)) {
		if _, decided := bodies[number]; !decided {
			var body bpf
			rule(&body)
			bodies[number] = body
		}
	}
	for number, rule := range rules {
		add(number, rule)
	}
	add(unix.SYS_SOCKETPAIR, allowStreamPairs)
	add(unix.SYS_IOCTL, allowOnly(1, allowedIoctls, actENOTTY))
	for _, call := range slices.Concat(allowedCalls, more) {
		add(call.number, func(p *bpf) { p.answer(actAllow) })
	}
	for _, call := range deniedCalls {
		add(call.number, func(p *bpf) { p.answer(actEPERM) })
	}
	var p bpf
	p.load(offsetArch)
	p.unlessEqual(auditArch, actKill)
	p.load(offsetNumber)
	p = append(p, search(ranges(bodies))...)
	return p.bytes()
}

// numbers is a run of system calls, up to the next one's first, with one body,
// which must answer.
type numbers struct {
	first uint32
	body  bpf
}

// ranges sorts them, and puts those that are alike and side by side together.
func ranges(bodies map[uint32]bpf) []numbers {
	var unknown bpf
	unknown.answer(actENOSYS)
	runs := []numbers{{0, unknown}}
	add := func(first uint32, body bpf) {
		last := &runs[len(runs)-1]
		switch {
		case slices.Equal(last.body, body):
		case last.first == first:
			last.body = body
		default:
			runs = append(runs, numbers{first, body})
		}
	}
	for _, number := range slices.Sorted(maps.Keys(bodies)) {
		add(number, bodies[number])
		if _, next := bodies[number+1]; !next {
			add(number+1, unknown)
		}
	}
	return runs
}

// search finds the run that the number is in, and does as its body says.
func search(runs []numbers) bpf {
	if len(runs) == 1 {
		return runs[0].body
	}
	half := len(runs) / 2
	below, above := search(runs[:half]), search(runs[half:])
	var p bpf
	p.jumpIfAtLeast(runs[half].first, len(below))
	return slices.Concat(p, below, above)
}

// allowStreamPairs allows pairs of Unix sockets that are connected for good. One of
// datagrams takes a name in the network namespace when it sends credentials,
// unix(7), by which cells of one zygote could meet.
func allowStreamPairs(p *bpf) {
	p.load(offsetArgs)
	p.unlessEqual(unix.AF_UNIX, actEPERM)
	p.load(offsetArgs + 8)
	p.and(socketTypes)
	p.ifEqual(unix.SOCK_STREAM, actAllow)
	p.ifEqual(unix.SOCK_SEQPACKET, actAllow)
	p.answer(actEPERM)
}

// socketTypes masks the flags off a socket's type: SOCK_TYPE_MASK of linux/net.h.
const socketTypes = 0xf

// refuseBits allows a call whose first argument has none of the bits.
func refuseBits(bits uint32) func(*bpf) {
	return func(p *bpf) {
		p.load(offsetArgs)
		p.ifAnyBit(bits, actEPERM)
		p.answer(actAllow)
	}
}

// allowOnly allows a call where the argument, counted from 0, is one of values.
func allowOnly(argument uint32, values []uint32, otherwise uint32) func(*bpf) {
	return func(p *bpf) {
		p.load(offsetArgs + 8*argument)
		for _, value := range values {
			p.ifEqual(value, actAllow)
		}
		p.answer(otherwise)
	}
}

// bpf assembles a classic BPF program, networking/filter.rst of the kernel.
type bpf []unix.SockFilter

func (p *bpf) emit(code uint16, k uint32, whenTrue, whenFalse uint8) {
	*p = append(*p, unix.SockFilter{Code: code, Jt: whenTrue, Jf: whenFalse, K: k})
}

func (p *bpf) load(offset uint32)   { p.emit(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, offset, 0, 0) }
func (p *bpf) answer(action uint32) { p.emit(unix.BPF_RET|unix.BPF_K, action, 0, 0) }

func (p *bpf) and(mask uint32) { p.emit(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, mask, 0, 0) }

func (p *bpf) ifEqual(k, action uint32) {
	p.emit(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, k, 0, 1)
	p.answer(action)
}

func (p *bpf) unlessEqual(k, action uint32) {
	p.emit(unix.BPF_JMP|unix.BPF_JEQ|unix.BPF_K, k, 1, 0)
	p.answer(action)
}

func (p *bpf) ifAnyBit(mask, action uint32) {
	p.emit(unix.BPF_JMP|unix.BPF_JSET|unix.BPF_K, mask, 0, 1)
	p.answer(action)
}

// jumpIfAtLeast jumps over so many instructions; far needs a jump of its own.
func (p *bpf) jumpIfAtLeast(k uint32, over int) {
	if over <= math.MaxUint8 {
		p.emit(unix.BPF_JMP|unix.BPF_JGE|unix.BPF_K, k, uint8(over), 0) // #nosec G115 -- checked
		return
	}
	p.emit(unix.BPF_JMP|unix.BPF_JGE|unix.BPF_K, k, 0, 1)
	p.emit(unix.BPF_JMP|unix.BPF_JA, uint32(over), 0, 0) // #nosec G115 -- a program has at most 4096
}

func (p *bpf) bytes() []byte {
	var out bytes.Buffer
	for _, instruction := range *p {
		// A bytes.Buffer does not fail, and the struct is of fixed size.
		_ = binary.Write(&out, binary.LittleEndian, instruction)
	}
	return out.Bytes()
}

// SyscallTable gives the numbers, on this architecture, of the calls that a
// cell may make whatever their arguments, and of those that answer EPERM.
func SyscallTable() (allowed, denied map[string]uint32) {
	allowed, denied = make(map[string]uint32), make(map[string]uint32)
	for _, call := range allowedCalls {
		allowed[call.name] = call.number
	}
	for _, call := range deniedCalls {
		denied[call.name] = call.number
	}
	return allowed, denied
}
