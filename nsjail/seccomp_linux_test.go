package nsjail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/seccomp"
	"github.com/hotcell/hotcell/nsjail/seccomp/uapi"
	"github.com/hotcell/hotcell/protocol"
)

// probe makes one call again and again, with each of the values as one argument. The
// others are such that the kernel refuses the call at once, in another way than the
// filter: so an answer tells who gave it.
type probe struct {
	call      string
	arguments [6]int64
	argument  int
	base      uint64 // ORed to each value
	upTo      uint64 // each number below
	bits      bool   // each of 64 bits
	named     []string
	also      []uint64
	kernel    []unix.Errno // what the kernel answers, when the table lets it
	not       []uint64     // values that the kernel itself refuses as the filter does
}

// memfdFlagsOfLaterKernels lists the flags that this kernel refuses by itself, as the
// filter would: MFD_NOEXEC_SEAL and MFD_EXEC together, and before Linux 6.3 each.
func memfdFlagsOfLaterKernels() (flags []uint64) {
	const either = unix.MFD_NOEXEC_SEAL | unix.MFD_EXEC
	for value := range uint64(64) {
		if _, _, errno := unix.RawSyscall(unix.SYS_MEMFD_CREATE, 0, uintptr(value), 0); value&either != 0 && errno == unix.EINVAL {
			flags = append(flags, value)
		}
	}
	return flags
}

// No process has that many descriptors, nor is there such a process.
const noDescriptor, noProcess = 99_999, 1<<22 - 1

var probes = []probe{
	{call: "fcntl", arguments: [6]int64{noDescriptor}, argument: 1, upTo: 4096, bits: true, named: []string{"F_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "fcntl", arguments: [6]int64{noDescriptor, unix.F_SETFL}, argument: 2, bits: true, named: []string{"O_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "fcntl", arguments: [6]int64{noDescriptor, unix.F_ADD_SEALS}, argument: 2, bits: true, named: []string{"F_SEAL_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "fcntl", arguments: [6]int64{noDescriptor, unix.F_SETPIPE_SZ}, argument: 2, bits: true, also: []uint64{1<<16 - 1, 1<<16 + 1}, kernel: []unix.Errno{unix.EBADF}},
	{call: "setsockopt", arguments: [6]int64{noDescriptor, unix.SOL_SOCKET}, argument: 2, upTo: 256, bits: true, named: []string{"SO_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "fcntl", arguments: [6]int64{noDescriptor, unix.F_SETPIPE_SZ}, argument: 2, bits: true, also: []uint64{1<<16 - 1, 1<<16 + 1}, kernel: []unix.Errno{unix.EBADF}},
	{call: "setsockopt", arguments: [6]int64{noDescriptor, 0, unix.SO_REUSEADDR}, argument: 1, upTo: 512, bits: true, named: []string{"SOL_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "getsockopt", arguments: [6]int64{noDescriptor, unix.SOL_SOCKET}, argument: 2, upTo: 256, bits: true, named: []string{"SO_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "getsockopt", arguments: [6]int64{noDescriptor, 0, unix.SO_TYPE}, argument: 1, upTo: 512, bits: true, named: []string{"SOL_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "ioctl", arguments: [6]int64{noDescriptor}, argument: 1, upTo: 0x10000, bits: true,
		named:  []string{"TIOC", "TC", "FIO", "FS_IOC", "PIDFD_", "NS_", "BLK", "PERF_EVENT_IOC", "RTC_", "TUN", "SIOC", "LOOP_", "FI"},
		kernel: []unix.Errno{unix.EBADF}},
	{call: "prctl", upTo: 256, bits: true, named: []string{"PR_"}, also: []uint64{1<<32 | unix.PR_SET_DUMPABLE}, kernel: []unix.Errno{0, unix.EFAULT}},
	{call: "madvise", arguments: [6]int64{4096, 4096}, argument: 2, upTo: 1024, bits: true, named: []string{"MADV_"}, kernel: []unix.Errno{unix.ENOMEM}},
	{call: "fadvise64", arguments: [6]int64{noDescriptor}, argument: 3, upTo: 256, bits: true, named: []string{"FADV_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "mmap", arguments: [6]int64{0, 4096, unix.PROT_READ, 0, noDescriptor}, argument: 3, base: unix.MAP_PRIVATE, bits: true, named: []string{"MAP_"},
		kernel: []unix.Errno{0, unix.EBADF, unix.EPERM}},
	{call: "mmap", arguments: [6]int64{0, 4096, 0, unix.MAP_PRIVATE, noDescriptor}, argument: 2, bits: true, upTo: 64, named: []string{"PROT_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "mprotect", arguments: [6]int64{4096, 0}, argument: 2, bits: true, upTo: 64, named: []string{"PROT_"}, kernel: []unix.Errno{0}},
	{call: "mremap", arguments: [6]int64{4096, 4096, 4096}, argument: 3, bits: true, upTo: 64, named: []string{"MREMAP_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "memfd_create", argument: 1, bits: true, upTo: 64, named: []string{"MFD_"}, kernel: []unix.Errno{unix.EFAULT},
		not: memfdFlagsOfLaterKernels()},
	{call: "preadv2", arguments: [6]int64{noDescriptor}, argument: 5, bits: true, upTo: 512, named: []string{"RWF_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "pwritev2", arguments: [6]int64{noDescriptor}, argument: 5, bits: true, upTo: 512, named: []string{"RWF_"}, kernel: []unix.Errno{unix.EBADF}},
	// At an address that is not aligned nothing waits.
	{call: "futex", arguments: [6]int64{1}, argument: 1, bits: true, upTo: 1024, named: []string{"FUTEX_"}, kernel: []unix.Errno{unix.EINVAL}},
	{call: "sendto", arguments: [6]int64{noDescriptor}, argument: 3, bits: true, named: []string{"MSG_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "sendmsg", arguments: [6]int64{noDescriptor}, argument: 2, bits: true, named: []string{"MSG_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "recvfrom", arguments: [6]int64{noDescriptor}, argument: 3, bits: true, named: []string{"MSG_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "recvmsg", arguments: [6]int64{noDescriptor}, argument: 2, bits: true, named: []string{"MSG_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "socketpair", arguments: [6]int64{0, unix.SOCK_STREAM}, upTo: 256, bits: true, named: []string{"AF_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "socketpair", arguments: [6]int64{unix.AF_UNIX}, argument: 1, upTo: 64, bits: true, base: unix.SOCK_STREAM, named: []string{"SOCK_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "socketpair", arguments: [6]int64{unix.AF_UNIX}, argument: 1, upTo: 64, bits: true, named: []string{"SOCK_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "socket", arguments: [6]int64{0, unix.SOCK_STREAM, noProcess}, upTo: 256, bits: true, named: []string{"AF_"}, kernel: []unix.Errno{unix.EPROTONOSUPPORT}},
	{call: "socket", arguments: [6]int64{unix.AF_UNIX, 0, noProcess}, argument: 1, upTo: 64, bits: true, named: []string{"SOCK_"}, kernel: []unix.Errno{unix.EPROTONOSUPPORT}},
	{call: "listen", arguments: [6]int64{noDescriptor}, argument: 1, upTo: 256, bits: true, kernel: []unix.Errno{unix.EBADF}},
	{call: "accept4", arguments: [6]int64{noDescriptor}, argument: 3, bits: true, named: []string{"SOCK_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "pipe2", argument: 1, bits: true, named: []string{"O_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "openat", arguments: [6]int64{unix.AT_FDCWD}, argument: 2, base: unix.O_RDWR, bits: true, named: []string{"O_"}, kernel: []unix.Errno{unix.EFAULT},
		not: []uint64{unix.O_RDWR | unix.O_TMPFILE&^unix.O_DIRECTORY}},
	{call: "open", argument: 1, base: unix.O_RDWR, bits: true, named: []string{"O_"}, kernel: []unix.Errno{unix.EFAULT},
		not: []uint64{unix.O_RDWR | unix.O_TMPFILE&^unix.O_DIRECTORY}},
	{call: "fallocate", arguments: [6]int64{noDescriptor, 0, 0, 1}, argument: 1, bits: true, upTo: 512, named: []string{"FALLOC_FL_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "close_range", arguments: [6]int64{noDescriptor, noDescriptor}, argument: 2, bits: true, upTo: 16, named: []string{"CLOSE_RANGE_"}, kernel: []unix.Errno{0}},
	{call: "renameat2", argument: 4, bits: true, named: []string{"RENAME_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "linkat", argument: 4, bits: true, named: []string{"AT_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "execveat", argument: 4, bits: true, named: []string{"AT_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "mknodat", argument: 2, upTo: 1 << 16, bits: true, kernel: []unix.Errno{unix.EFAULT}},
	{call: "mknod", argument: 1, upTo: 1 << 16, bits: true, kernel: []unix.Errno{unix.EFAULT}},
	// CLONE_THREAD without CLONE_SIGHAND, or that without CLONE_VM, makes no process.
	{call: "clone", base: unix.CLONE_THREAD, bits: true, upTo: 256, named: []string{"CLONE_"}, kernel: []unix.Errno{unix.EINVAL}},
	{call: "pidfd_open", arguments: [6]int64{noProcess}, argument: 1, bits: true, named: []string{"PIDFD_"}, kernel: []unix.Errno{unix.ESRCH}},
	{call: "pidfd_send_signal", arguments: [6]int64{noDescriptor}, argument: 3, bits: true, named: []string{"PIDFD_"}, kernel: []unix.Errno{unix.EBADF}},
	{call: "setpriority", upTo: 16, bits: true, named: []string{"PRIO_"}, kernel: []unix.Errno{0, unix.EACCES}}, // the second where the tests run with nice,
	{call: "getpriority", upTo: 16, bits: true, named: []string{"PRIO_"}, kernel: []unix.Errno{0}},
	{call: "clock_nanosleep", upTo: 32, bits: true, named: []string{"CLOCK_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "timer_create", upTo: 32, bits: true, named: []string{"CLOCK_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "timerfd_create", upTo: 32, bits: true, named: []string{"CLOCK_"}, kernel: []unix.Errno{0}},
	{call: "timerfd_settime", arguments: [6]int64{noDescriptor}, argument: 1, bits: true, named: []string{"TFD_"}, kernel: []unix.Errno{unix.EFAULT}},
	{call: "msync", upTo: 8193, bits: true},
	// An address outside of the process is refused as EPERM.
	{call: "arch_prctl", arguments: [6]int64{0, -1}, upTo: 0x8000, bits: true, kernel: []unix.Errno{unix.EPERM}},
}

// values are the arguments that the probe tries.
func (p probe) values(t *testing.T) []uint64 {
	t.Helper()
	values := slices.Clone(p.also)
	for n := range p.upTo {
		values = append(values, p.base|n)
	}
	for bit := range 64 {
		if p.bits {
			values = append(values, p.base|1<<bit)
		}
	}
	constants, err := uapi.Constants(p.named...)
	if errors.Is(err, exec.ErrNotFound) { // in the virtual machine; what else is tried has nearly all of them
		t.Log(err)
	} else if err != nil {
		t.Fatal(err)
	}
	for value := range maps.Values(constants) {
		values = append(values, p.base|value)
	}
	slices.Sort(values)
	return slices.DeleteFunc(slices.Compact(values), func(v uint64) bool { return slices.Contains(p.not, v) })
}

const probeScript = `
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def answers(number, arguments, at, values, close):
    found = []
    words = [ctypes.c_long(a) for a in arguments]
    for first, last in values:
        for value in range(first, last + 1):
            words[at] = ctypes.c_ulong(value)
            ctypes.set_errno(0)
            result = libc.syscall(ctypes.c_long(number), *words)
            errno = ctypes.get_errno() if result == -1 else 0
            if close and result >= 0:
                os.close(result)
            if found and found[-1][0] == errno:
                found[-1][1] += 1
            else:
                found.append([errno, 1])
    return found
def main(*probes):
    return [answers(*probe) for probe in probes]
`

// Every command and flag of the calls that are judged by them is tried in a cell,
// whether the kernel's headers name it or not, and the answer is the table's.
func TestEveryCommandAndFlagInACell(t *testing.T) { bothModes(t, everyCommandAndFlag) }

func everyCommandAndFlag(t *testing.T, mode protocol.Mode) {
	calls, tried := make(map[string]seccomp.Call), make(map[string]map[int]bool)
	for _, call := range callsOf(t, mode) {
		calls[call.Name] = call
		if call.Tests != nil {
			tried[call.Name] = make(map[int]bool)
		}
	}
	// Only amd64 has some, and some are refused where cells share the names of sockets.
	there := slices.DeleteFunc(slices.Clone(probes), func(p probe) bool { return calls[p.call].Tests == nil })
	var values [][]uint64
	var asked []any
	for _, p := range there {
		tried[p.call][p.argument] = true
		values = append(values, p.values(t))
		asked = append(asked, []any{calls[p.call].Number, p.arguments, p.argument, spans(values[len(values)-1]), p.call == "timerfd_create"})
	}
	for i, errnos := range answersTo(t, mode, asked) {
		p, call := there[i], calls[there[i].call]
		if len(errnos) != len(values[i]) {
			t.Fatalf("%s: %d answers to %d calls", p.call, len(errnos), len(values[i]))
		}
		wrong := 0
		for at, errno := range errnos {
			if wrong == 10 {
				break // the rest of them is alike
			}
			arguments := [6]uint64{}
			for i, argument := range p.arguments {
				arguments[i] = uint64(argument)
			}
			arguments[p.argument] = values[i][at]
			switch answer := call.Decide(arguments); {
			case answer == seccomp.Allow && !slices.Contains(p.kernel, errno):
				t.Errorf("%s with %#x as argument %d answers %d (%v), and not what the kernel does: %v", p.call, values[i][at], p.argument, errno, errno, p.kernel)
				wrong++
			case answer != seccomp.Allow && errno != answer.Errno():
				t.Errorf("%s with %#x as argument %d answers %d (%v), want %v", p.call, values[i][at], p.argument, errno, errno, answer)
				wrong++
			}
		}
	}
	for name, arguments := range tried {
		for _, test := range calls[name].Tests {
			if !arguments[int(test.Argument)] {
				t.Errorf("no probe tries the %s of %s", test.Name, name)
			}
		}
	}
}

// callsOf returns the table for the cells of the mode's jail.
func callsOf(t *testing.T, mode protocol.Mode) []seccomp.Call {
	t.Helper()
	return seccomp.Shared{Names: !theJail(t, mode).UnixSockets()}.Calls()
}

// spans are the first and the last of neighbours.
func spans(values []uint64) [][2]uint64 {
	var found [][2]uint64
	for _, value := range values {
		if last := len(found) - 1; last >= 0 && found[last][1]+1 == value {
			found[last][1] = value
		} else {
			found = append(found, [2]uint64{value, value})
		}
	}
	return found
}

// answersTo returns what each value of each probe got in a cell.
func answersTo(t *testing.T, mode protocol.Mode, asked []any) [][]unix.Errno {
	t.Helper()
	arguments, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	long := limits
	long.Wall, long.CPU = 6*limits.Wall, 6*limits.CPU
	got := execute(t, mode, nsjail.Job{Limits: long, Script: probeScript, Args: arguments})
	var runs [][][2]int
	if err := json.Unmarshal(got.Result, &runs); err != nil {
		t.Fatalf("%s %s %+v %v", got.Status, got.Limit, got.Error, err)
	}
	errnos := make([][]unix.Errno, len(runs))
	for i, runs := range runs {
		for _, run := range runs {
			errnos[i] = append(errnos[i], slices.Repeat([]unix.Errno{unix.Errno(run[0])}, run[1])...)
		}
	}
	return errnos
}

// The calls that are refused, or answered without the kernel, whatever their
// arguments: without the filter most would answer EFAULT, EINVAL or EBADF. The same
// goes for those that are in no table.
func TestEveryCallThatIsRefusedInACell(t *testing.T) { bothModes(t, everyRefusedCall) }

func everyRefusedCall(t *testing.T, mode protocol.Mode) {
	want := make(map[uint32]string)
	for number := range uint32(700) {
		want[number] = seccomp.ENOSYS.String()
	}
	for _, n := range bypassed {
		delete(want, n)
	}
	for _, call := range callsOf(t, mode) {
		if call.Tests == nil && call.Answer != seccomp.Allow {
			want[call.Number] = call.Answer.String()
		} else {
			delete(want, call.Number)
		}
	}
	list, err := json.Marshal(slices.Sorted(maps.Keys(want)))
	if err != nil {
		t.Fatal(err)
	}
	got := execute(t, mode, nsjail.Job{Script: fmt.Sprintf(`
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def main():
    answers = {}
    for number in %s:
        ctypes.set_errno(0)
        result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
        answers[number] = errno.errorcode[ctypes.get_errno()] if result == -1 else str(result)
    return answers`, list)})
	var answers map[uint32]string
	if err := json.Unmarshal(got.Result, &answers); err != nil {
		t.Fatalf("%s %+v %v", got.Status, got.Error, err)
	}
	for number, answer := range want {
		if answers[number] != answer {
			t.Errorf("call %d answers %s, want %s", number, answers[number], answer)
		}
	}
	if len(want) < 400 {
		t.Errorf("only %d calls are refused", len(want))
	}
}

// 32-bit and x32 system calls return an error and kill nothing: each process that a
// filter kills is a record in the host's audit log.
func TestAnotherArchitecturesCallsAnswerAnError(t *testing.T) {
	got := execute(t, protocol.ModeFork, nsjail.Job{Script: `
import ctypes, mmap, os
libc = ctypes.CDLL(None, use_errno=True)
def main():
    if os.uname().machine != "x86_64":
        return []
    answers = set()
    code = mmap.mmap(-1, 4096, prot=7)
    for number in range(500):
        code.seek(0)
        code.write(b"\xb8" + number.to_bytes(4, "little") + b"\xcd\x80\xc3")  # mov eax, number; int 0x80; ret
        answers.add(-ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())
        ctypes.set_errno(0)
        libc.syscall(0x40000000 | number, -1, -1, -1, -1, -1, -1)
        answers.add(ctypes.get_errno())
    return sorted(answers)`})
	var answers []int
	if err := json.Unmarshal(got.Result, &answers); err != nil {
		t.Fatalf("%s %+v %v", got.Status, got.Error, err)
	}
	if len(answers) > 0 && !slices.Equal(answers, []int{int(unix.ENOSYS)}) {
		t.Errorf("they answer %v", answers)
	}
}
