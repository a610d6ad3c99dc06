package seccomp_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/seccomp"
)

// What a cell could do by the commands and flags of calls that it may make, before
// these were judged. Each is refused, or answered without the kernel, in the table;
// other tests hold that the filter is the table.
func TestWhatCellsCouldDoByCommandsAndFlagsIsRefused(t *testing.T) {
	const madvCollapse, soPeerPidfd, madvPageout, futexLockPI = 25, 77, 21, 6
	for _, c := range []struct {
		name      string
		number    uint32
		arguments [6]uint64
		want      seccomp.Answer
	}{
		{"filters on sockets fill the machine's memory for them", unix.SYS_SETSOCKOPT, [6]uint64{0, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER}, seccomp.ENOPROTOOPT},
		{"BPF programs on sockets", unix.SYS_SETSOCKOPT, [6]uint64{0, unix.SOL_SOCKET, unix.SO_ATTACH_BPF}, seccomp.ENOPROTOOPT},
		{"filters of reused ports", unix.SYS_SETSOCKOPT, [6]uint64{0, unix.SOL_SOCKET, unix.SO_ATTACH_REUSEPORT_CBPF}, seccomp.ENOPROTOOPT},
		{"credentials give a socket a name", unix.SYS_SETSOCKOPT, [6]uint64{0, unix.SOL_SOCKET, unix.SO_PASSCRED}, seccomp.ENOPROTOOPT},
		{"a pidfd of the supervisor", unix.SYS_GETSOCKOPT, [6]uint64{0, unix.SOL_SOCKET, soPeerPidfd}, seccomp.ENOPROTOOPT},
		{"F_NOTIFY shows and slows what others read", unix.SYS_FCNTL, [6]uint64{0, unix.F_NOTIFY, 1}, seccomp.EPERM},
		{"a lease stops the host's writers", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETLEASE, unix.F_RDLCK}, seccomp.EPERM},
		{"signals for input: which", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETSIG, 40}, seccomp.EPERM},
		{"signals for input: to whom", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETOWN, 1}, seccomp.EPERM},
		{"signals for input: to which thread", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETOWN_EX, 1}, seccomp.EPERM},
		{"signals for input: F_SETFL", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETFL, unix.O_ASYNC}, seccomp.EINVAL},
		{"signals for input: ioctl", unix.SYS_IOCTL, [6]uint64{0, 0x5452}, seccomp.ENOTTY},
		{"pipes of 256 pages", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETPIPE_SZ, 1 << 20}, seccomp.EPERM},
		{"locks by descriptor", unix.SYS_FLOCK, [6]uint64{0, unix.LOCK_SH}, seccomp.Nothing},
		{"POSIX locks", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETLK}, seccomp.Nothing},
		{"POSIX locks that wait", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETLKW}, seccomp.Nothing},
		{"locks of open files", unix.SYS_FCNTL, [6]uint64{0, unix.F_OFD_SETLK}, seccomp.Nothing},
		{"locks of open files that wait", unix.SYS_FCNTL, [6]uint64{0, unix.F_OFD_SETLKW}, seccomp.Nothing},
		{"mincore looks at no signal", unix.SYS_MINCORE, [6]uint64{}, seccomp.ENOSYS},
		{"moves to other processors", unix.SYS_SCHED_SETAFFINITY, [6]uint64{}, seccomp.EPERM},
		{"flushes of the host's disk", unix.SYS_FSYNC, [6]uint64{}, seccomp.Nothing},
		{"flushes by a mapping", unix.SYS_MSYNC, [6]uint64{0, 4096, unix.MS_SYNC}, seccomp.Nothing},
		{"flushes of a range", unix.SYS_SYNC_FILE_RANGE, [6]uint64{}, seccomp.Nothing},
		{"POSIX_FADV_DONTNEED tells what siblings read", unix.SYS_FADVISE64, [6]uint64{0, 0, 0, unix.FADV_DONTNEED}, seccomp.Nothing},
		{"RWF_NOWAIT tells what siblings read", unix.SYS_PREADV2, [6]uint64{5: unix.RWF_NOWAIT}, seccomp.EOPNOTSUPP},
		{"RWF_DONTCACHE evicts what siblings read", unix.SYS_PREADV2, [6]uint64{5: unix.RWF_DONTCACHE}, seccomp.EOPNOTSUPP},
		{"MADV_PAGEOUT evicts what siblings read", unix.SYS_MADVISE, [6]uint64{0, 4096, madvPageout}, seccomp.EINVAL},
		{"O_DIRECT goes past the page cache", unix.SYS_OPENAT, [6]uint64{0, 0, unix.O_DIRECT}, seccomp.EINVAL},
		{"O_DIRECT on an open file", unix.SYS_FCNTL, [6]uint64{0, unix.F_SETFL, unix.O_DIRECT}, seccomp.EINVAL},
		{"huge pages of the host's pool", unix.SYS_MMAP, [6]uint64{0, 2 << 20, 3, unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_HUGETLB}, seccomp.EINVAL},
		{"huge pages in a file", unix.SYS_MEMFD_CREATE, [6]uint64{0, unix.MFD_HUGETLB}, seccomp.EINVAL},
		{"pages that a kernel thread compares", unix.SYS_MADVISE, [6]uint64{0, 4096, unix.MADV_MERGEABLE}, seccomp.EINVAL},
		{"MADV_COLLAPSE drains every processor's lists", unix.SYS_MADVISE, [6]uint64{0, 4096, madvCollapse}, seccomp.EINVAL},
		{"priority inheritance", unix.SYS_FUTEX, [6]uint64{0, futexLockPI | 128}, seccomp.ENOSYS},
		{"out-of-band bytes", unix.SYS_SENDTO, [6]uint64{0, 0, 1, unix.MSG_OOB}, seccomp.EOPNOTSUPP},
		{"out-of-band bytes, received", unix.SYS_RECVMSG, [6]uint64{0, 0, unix.MSG_OOB}, seccomp.EOPNOTSUPP},
		{"pairs that may take a name", unix.SYS_SOCKETPAIR, [6]uint64{unix.AF_UNIX, unix.SOCK_SEQPACKET}, seccomp.EPERM},
		{"file pages in pipes", unix.SYS_SENDFILE, [6]uint64{}, seccomp.ENOSYS},
		{"flags behind a pointer", unix.SYS_OPENAT2, [6]uint64{}, seccomp.ENOSYS},
		{"interrupts of other processors", unix.SYS_MEMBARRIER, [6]uint64{0: 2}, seccomp.ENOSYS},
		{"names of mappings are charged to nobody", unix.SYS_PRCTL, [6]uint64{unix.PR_SET_VMA}, seccomp.EPERM},
		{"a whiteout is a device node", unix.SYS_RENAMEAT2, [6]uint64{4: unix.RENAME_WHITEOUT}, seccomp.EINVAL},
		{"a timer on the list of those that the clock's setting cancels", unix.SYS_TIMERFD_SETTIME, [6]uint64{0, unix.TFD_TIMER_CANCEL_ON_SET}, seccomp.EINVAL},
		{"a pipe of notifications", unix.SYS_PIPE2, [6]uint64{0, unix.O_EXCL}, seccomp.EINVAL},
		{"a walk over the machine's processes", unix.SYS_SETPRIORITY, [6]uint64{unix.PRIO_USER}, seccomp.EPERM},
		{"a parent that is not its own", unix.SYS_CLONE, [6]uint64{unix.CLONE_PARENT}, seccomp.EPERM},
		{"a namespace", unix.SYS_CLONE, [6]uint64{unix.CLONE_NEWUSER}, seccomp.EPERM},
	} {
		if got := seccomp.Decide(c.number, c.arguments); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
