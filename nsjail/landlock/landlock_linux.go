// Package landlock decides what Landlock allows a cell, landlock(7) and
// userspace-api/landlock.rst of the kernel: a second wall behind the cell's mounts
// and namespaces. The worker makes the calls; nothing here restricts this process.
package landlock

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// ErrUnavailable is wrapped by [ABI] when the kernel has no Landlock that cells
// can use.
var ErrUnavailable = errors.New("no Landlock")

// minABI is the first that lets files be moved between directories. With ABI 1
// (Linux 5.13 to 5.18) every such rename(2) fails, also within a cell's own disk.
const minABI = 2

// ABI reports which version of Landlock the kernel offers. Each adds kinds of access
// that can be restricted.
func ABI() (int, error) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	switch {
	case errno == unix.ENOSYS:
		return 0, fmt.Errorf("%w: the kernel is older than 5.13, or built without CONFIG_SECURITY_LANDLOCK", ErrUnavailable)
	case errno == unix.EOPNOTSUPP:
		return 0, fmt.Errorf("%w: it is turned off at boot (add landlock to the kernel's lsm= parameter)", ErrUnavailable)
	case errno != 0: // a container engine's filter
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

// since says which ABI a kind of access can be restricted from; the others from 1.
var since = []struct {
	abi             int
	fs, net, scoped uint64
}{
	{1, readFiles | list | run | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | create&^unix.LANDLOCK_ACCESS_FS_REFER | devices, 0, 0},
	{2, unix.LANDLOCK_ACCESS_FS_REFER, 0, 0},
	{3, unix.LANDLOCK_ACCESS_FS_TRUNCATE, 0, 0},
	{4, 0, unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, 0},
	{5, ioctl, 0, 0},
	{6, 0, 0, unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL},
}

// silentSince is the ABI from which a refused access is written to the kernel's
// audit log unless told otherwise, which a script could fill.
const silentSince = 7

// Policy gives the rules for cells on a kernel with that ABI, nil for 0. Files below
// readable can be read and run; besides these, cells have the device nodes, the
// names of the directories, and their own disk.
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

// tops shortens paths to the directories that a jail has for nothing else, of which
// there are few: each rule takes time.
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
