package kernfs

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pidfdInfo is struct pidfd_info as of Linux 6.15, linux/pidfd.h.
type pidfdInfo struct {
	mask, cgroup uint64
	pid          uint32
	_            [10]uint32 // further ids
	status       int32
}

const (
	pidfdGetInfo  = 3<<30 | 64<<16 | 0xff<<8 | 11 // _IOWR(0xff, 11, struct pidfd_info)
	pidfdInfoExit = 8                             // asks for status, and says that it is there
)

// infoOf asks the kernel for the ids of a pidfd's process, if it has not ended, and for what
// mask names.
func infoOf(pidfd int, mask uint64) (info pidfdInfo, err unix.Errno) {
	info.mask = mask
	_, _, err = unix.Syscall(unix.SYS_IOCTL, uintptr(pidfd), pidfdGetInfo, uintptr(unsafe.Pointer(&info))) // #nosec G103 -- the kernel fills it
	return info, err
}

// ExitOf returns how the process of a pidfd, which has ended, did so. The kernel knows when
// the parent has waited for it, or the kernel has done so in its place, and tells since Linux 6.15.
func ExitOf(pidfd *os.File, patience time.Duration) (status unix.WaitStatus, err error) {
	raw, err := pidfd.SyscallConn()
	if err != nil {
		return 0, err
	}
	for begin := time.Now(); ; time.Sleep(time.Millisecond) {
		var info pidfdInfo
		var number unix.Errno
		err := raw.Control(func(fd uintptr) {
			info, number = infoOf(int(fd), pidfdInfoExit) // #nosec G115 -- a descriptor
		})
		switch {
		case err != nil:
			return 0, err
		case number != 0 && number != unix.ESRCH:
			return 0, fmt.Errorf("ask how a process ended: %w", number)
		case number == 0 && info.mask&pidfdInfoExit != 0:
			return unix.WaitStatus(info.status), nil // #nosec G115 -- its bits
		case time.Since(begin) > patience:
			return 0, errors.New("the kernel does not know how a process ended")
		}
	}
}
