package uids

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// Mode says which uids and gids of the host cells have.
type Mode string

// With ModeRange each cell has a uid of its own, which needs CAP_SETUID and CAP_SETGID.
// With ModeSingle all cells have the uid of the supervisor, which needs no capability:
// then everything but the uid keeps cells apart. ModeAuto is ModeRange if the kernel
// allows that mapping, and otherwise ModeSingle.
const (
	ModeAuto   Mode = "auto"
	ModeRange  Mode = "range"
	ModeSingle Mode = "single"
)

// Range is a range of uids, and of gids with the same numbers, as jails see them. They
// have the same numbers on the host, except for a single one, which is the supervisor's
// own there.
type Range struct {
	First, Count int
	Single       bool
}

// Outside returns the uid and the gid on the host that First is mapped to.
func (r Range) Outside() (uid, gid int) {
	if r.Single {
		return os.Geteuid(), os.Getegid()
	}
	return r.First, r.First
}

func (r Range) String() string {
	if r.Single {
		return fmt.Sprintf("single: uid %d for all cells", os.Geteuid())
	}
	return fmt.Sprintf("range: %d to %d, one for each cell", r.First, r.First+r.Count-1)
}

// Choose returns the range, or the single uid that the mode uses instead.
func Choose(mode Mode, ids Range) (Range, error) {
	single := Range{First: ids.First, Count: 1, Single: true}
	switch {
	case mode == ModeSingle && os.Geteuid() == 0:
		return single, errors.New("uids: single: cells would have root's uid; start hotcell as an ordinary user, or in a container with --user 1000:1000")
	case mode == ModeSingle:
		return single, mapIDs(single)
	}
	err := mapIDs(ids)
	if mode != ModeRange && errors.Is(err, unix.EPERM) && os.Geteuid() != 0 {
		return single, mapIDs(single)
	}
	return ids, err
}

// mapIDs tries the mapping with a process whose program does not exist: finding it is the
// last step of a start. Writing /proc/PID/uid_map needs CAP_SETUID for all uids but the
// process's own, and gid_map needs CAP_SETGID (user_namespaces(7)).
func mapIDs(ids Range) error {
	uid, gid := ids.Outside()
	try := exec.Command("/proc/self/no-such-program")
	try.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:                 syscall.CLONE_NEWUSER,
		UidMappings:                []syscall.SysProcIDMap{{ContainerID: ids.First, HostID: uid, Size: ids.Count}},
		GidMappings:                []syscall.SysProcIDMap{{ContainerID: ids.First, HostID: gid, Size: ids.Count}},
		GidMappingsEnableSetgroups: !ids.Single,
	}
	err := try.Start()
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	var call *os.PathError
	if errors.As(err, &call) { // the path does not matter
		err = call.Err
	}
	if errors.Is(err, unix.EMFILE) { // before anything was tried
		return err
	}
	bare := exec.Command(try.Path)
	bare.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER}
	switch {
	case !errors.Is(bare.Start(), unix.ENOENT):
		return fmt.Errorf("clone(CLONE_NEWUSER): %w (user namespaces are barred; in a container: hotcell seccomp > hotcell.json, and --security-opt seccomp=hotcell.json)", err)
	case ids.Single:
		return fmt.Errorf("write the uid_map and gid_map of a user namespace for uid %d alone: %w", uid, err)
	}
	return fmt.Errorf("write the uid_map and gid_map of a user namespace with uids %d to %d: %w"+
		" (this needs CAP_SETUID and CAP_SETGID; without them use uids: single or auto as an ordinary user)", ids.First, ids.First+ids.Count-1, err)
}

// Reachable returns an error unless every directory on the way to path lets others pass:
// the processes of a jail own nothing on the host.
func (r Range) Reachable(path string) error {
	if r.Single {
		_, err := os.Stat(path)
		return err
	}
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("%s has mode %#o: the jail's user cannot pass it to reach %s; use one elsewhere (an interpreter such as /usr/bin/python3), or chmod o+x it",
				at, info.Mode().Perm(), path)
		}
		if at == "/" || at == "." {
			return nil
		}
	}
}
