package landlock

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// ErrUnavailable is wrapped by [ABI] when the kernel has no Landlock that cells can use.
var ErrUnavailable = errors.New("no Landlock")

// minABI is the first version that allows files to be moved between directories. With
// ABI 1 (Linux 5.13 to 5.18) every such rename(2) fails, even on a cell's own disk.
const minABI = 2

// ABI returns the version of Landlock that the kernel has. Each version adds kinds of
// access that can be restricted.
func ABI() (int, error) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	switch {
	case errno == unix.ENOSYS:
		return 0, fmt.Errorf("%w: the kernel is older than 5.13, or built without CONFIG_SECURITY_LANDLOCK", ErrUnavailable)
	case errno == unix.EOPNOTSUPP:
		return 0, fmt.Errorf("%w: it is turned off at boot (add landlock to the kernel's lsm= parameter)", ErrUnavailable)
	case errno != 0: // the seccomp filter of a container engine
		return 0, fmt.Errorf("%w: landlock_create_ruleset: %w", ErrUnavailable, errno)
	case abi < minABI:
		return 0, fmt.Errorf("%w: ABI %d does not allow files to be moved between directories; Linux 5.19 does", ErrUnavailable, abi)
	}
	return int(abi), nil // #nosec G115 -- a small number
}

// Rights to files, by what they are for.
const (
	readFiles = unix.LANDLOCK_ACCESS_FS_READ_FILE
	list      = unix.LANDLOCK_ACCESS_FS_READ_DIR
	run       = unix.LANDLOCK_ACCESS_FS_EXECUTE
	write     = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	create    = unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
	devices = unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK // allowed nowhere
	ioctl   = unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
)

// since has the kinds of access that can be restricted from each ABI on.
var since = []struct {
	abi             int
	fs, net, scoped uint64
}{
	{1, readFiles | list | run | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | create&^unix.LANDLOCK_ACCESS_FS_REFER | devices, 0, 0},
	{2, unix.LANDLOCK_ACCESS_FS_REFER, 0, 0},
	{3, unix.LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0},
	{4, 0, unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 0},
	{5, ioctl, 0, 0},
	{scopeSince, 0, 0, unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL},
}

// scopeSince is the first ABI with which a cell reaches no abstract name of a socket
// outside of its own domain, and sends no signal there.
const scopeSince = 6

// KeepsNamesApart reports whether Landlock of that ABI keeps cells that share a network
// namespace from each other's sockets.
func KeepsNamesApart(abi int) bool { return abi >= scopeSince }

// silentSince is the first ABI with which the kernel writes refused access to its audit
// log unless a flag forbids it. A script could fill the log.
const silentSince = 7

// Policy returns the rules for cells on a kernel with that ABI, or nil for 0. Cells may
// read and run files below the paths readable, list directories, and use the device
// nodes and their own disk.
func Policy(abi int, readable []string) *protocol.Landlock {
	if abi < minABI {
		return nil
	}
	policy := &protocol.Landlock{}
	for _, access := range since {
		if abi >= access.abi {
			policy.FS |= access.fs
			policy.Net |= access.net
			policy.Scoped |= access.scoped
		}
	}
	if abi >= silentSince {
		policy.Flags = unix.LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF | unix.LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF
	}
	rule := func(path string, rights uint64) {
		policy.Rules = append(policy.Rules, protocol.LandlockRule{Path: path, Rights: rights & policy.FS})
	}
	rule("/", list)
	for _, path := range tops(readable) {
		rule(path, readFiles|run)
	}
	rule("/dev", readFiles)
	for _, device := range []string{"null", "zero", "full"} {
		rule("/dev/"+device, unix.LANDLOCK_ACCESS_FS_WRITE_FILE|ioctl)
	}
	policy.Disk = (readFiles | list | write | create) & policy.FS
	return policy
}

// tops replaces paths below /usr and /etc by these: a jail has nothing else there, and
// each rule takes time.
func tops(paths []string) []string {
	var short []string
	for _, path := range paths {
		for _, top := range []string{"/usr", "/etc"} {
			if strings.HasPrefix(path, top+"/") {
				path = top
			}
		}
		short = append(short, path)
	}
	slices.Sort(short)
	return slices.Compact(short)
}
