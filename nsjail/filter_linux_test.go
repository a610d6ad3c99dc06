package nsjail

import (
	"testing"

	"golang.org/x/sys/unix"
)

// run interprets a filter for a call whose arguments are all zero: the part of
// classic BPF that filters are made of.
func run(t *testing.T, program []unix.SockFilter, arch, number uint32) uint32 {
	t.Helper()
	var a uint32
	for at := 0; at < len(program); at++ {
		i := program[at]
		jump := func(taken bool) {
			if taken {
				at += int(i.Jt)
			} else {
				at += int(i.Jf)
			}
		}
		switch i.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = map[uint32]uint32{offsetNumber: number, offsetArch: arch}[i.K]
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= i.K
		case unix.BPF_JMP | unix.BPF_JA:
			at += int(i.K)
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			jump(a == i.K)
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			jump(a >= i.K)
		case unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K:
			jump(a&i.K != 0)
		case unix.BPF_RET | unix.BPF_K:
			return i.K
		default:
			t.Fatalf("instruction %d: code %#x", at, i.Code)
		}
	}
	t.Fatal("it ends without an answer")
	return 0
}

func parse(text []byte) []unix.SockFilter {
	var program []unix.SockFilter
	for ; len(text) > 0; text = text[8:] {
		program = append(program, unix.SockFilter{
			Code: uint16(text[0]) | uint16(text[1])<<8, Jt: text[2], Jf: text[3],
			K: uint32(text[4]) | uint32(text[5])<<8 | uint32(text[6])<<16 | uint32(text[7])<<24,
		})
	}
	return program
}

func TestEveryNumberAnswersAsTheTableSays(t *testing.T) {
	allowed, denied := make(map[uint32]bool), make(map[uint32]bool)
	for _, call := range allowedCalls {
		allowed[call.number] = true
	}
	for _, call := range deniedCalls {
		denied[call.number] = true
	}
	more := make(map[uint32]bool)
	for _, call := range zygoteCalls {
		more[call.number] = true
	}
	for _, c := range []struct {
		name    string
		program []byte
		more    map[uint32]bool
		// with arguments of zero
		special map[uint32]uint32
	}{
		{"cell", cellFilter(), nil, map[uint32]uint32{unix.SYS_CLONE: actAllow, unix.SYS_PRCTL: actEPERM}},
		{"zygote", zygoteFilter(), more, map[uint32]uint32{unix.SYS_CLONE: actAllow, unix.SYS_UNSHARE: actAllow}},
	} {
		program := parse(c.program)
		c.special[unix.SYS_SOCKETPAIR], c.special[unix.SYS_IOCTL] = actEPERM, actENOTTY
		want := func(number uint32) uint32 {
			action, special := c.special[number]
			switch {
			case special:
				return action
			case allowed[number] || c.more[number]:
				return actAllow
			case denied[number]:
				return actEPERM
			}
			return actENOSYS
		}
		var numbers []uint32
		for number := range uint32(4096) {
			numbers = append(numbers, number, number|0x40000000, -number-1) // x32, and negative ones
		}
		for _, number := range numbers {
			if got := run(t, program, auditArch, number); got != want(number) {
				t.Errorf("%s: call %#x answers %#x, want %#x", c.name, number, got, want(number))
			}
		}
		if got := run(t, program, auditArch+1, 0); got != actKill {
			t.Errorf("%s: another architecture's call answers %#x", c.name, got)
		}
		if len(program) > 1024 {
			t.Errorf("%s: %d instructions", c.name, len(program))
		}
		t.Logf("%s: %d instructions", c.name, len(program))
	}
}
