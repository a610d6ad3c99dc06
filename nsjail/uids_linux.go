package nsjail

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// UIDMode says which uids and gids of the host cells run under.
type UIDMode string

// UIDRange gives each cell one of its own, and takes CAP_SETUID and CAP_SETGID.
// UIDSingle gives all of them the supervisor's own, and takes no capability:
// what keeps cells apart then is everything else. UIDAuto is UIDRange where the
// kernel lets it be mapped.
const (
	UIDAuto   UIDMode = "auto"
	UIDRange  UIDMode = "range"
	UIDSingle UIDMode = "single"
)

// ErrNoUserNamespaces says that the host, or what hotcell runs in, lets no user
// namespace be made.
var ErrNoUserNamespaces = errors.New("user namespaces are barred")

// idRange is a run of uids, and of gids with the same numbers, as jails see
// them. On the host they have the same numbers, save a single one, which is the
// supervisor's own.
type idRange struct {
	first, count int
	single       bool
}

// outside gives the numbers on the host that first is mapped to.
func (r idRange) outside() (uid, gid int) {
	if r.single {
		return os.Geteuid(), os.Getegid()
	}
	return r.first, r.first
}

func (r idRange) String() string {
	if r.single {
		return fmt.Sprintf("single: uid %d for all cells", os.Geteuid())
	}
	return fmt.Sprintf("range: %d to %d, one for each cell", r.first, r.first+r.count-1)
}

// chooseIDs takes the range, or the single uid that takes its place.
func chooseIDs(mode UIDMode, ids idRange) (idRange, error) {
	single := idRange{first: ids.first, count: 1, single: true}
	switch {
	case mode == UIDSingle && os.Geteuid() == 0:
		return single, errors.New("uids: single: cells would have root's uid; start hotcell as an ordinary user, or in a container with --user 1000:1000")
	case mode == UIDSingle:
		return single, mapIDs(single)
	}
	err := mapIDs(ids)
	if mode != UIDRange && errors.Is(err, unix.EPERM) && os.Geteuid() != 0 {
		return single, mapIDs(single)
	}
	return ids, err
}

// mapIDs tries the mapping on a process that finds no program to run, which is
// the last step of its start. Writing /proc/PID/uid_map takes CAP_SETUID for all
// but a process' own uid, and gid_map CAP_SETGID, user_namespaces(7).
func mapIDs(ids idRange) error {
	uid, gid := ids.outside()
	try := exec.Command("/proc/self/no-such-program")
	try.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:                 syscall.CLONE_NEWUSER,
		UidMappings:                []syscall.SysProcIDMap{{ContainerID: ids.first, HostID: uid, Size: ids.count}},
		GidMappings:                []syscall.SysProcIDMap{{ContainerID: ids.first, HostID: gid, Size: ids.count}},
		GidMappingsEnableSetgroups: !ids.single,
	}
	err := try.Start()
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	var call *os.PathError
	if errors.As(err, &call) { // the path says nothing
		err = call.Err
	}
	bare := exec.Command(try.Path)
	bare.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER}
	switch {
	case !errors.Is(bare.Start(), unix.ENOENT):
		return fmt.Errorf("clone(CLONE_NEWUSER): %w (%w; in a container: hotcell seccomp > hotcell.json, and --security-opt seccomp=hotcell.json)", err, ErrNoUserNamespaces)
	case ids.single:
		return fmt.Errorf("write the uid_map and gid_map of a user namespace for uid %d alone: %w", uid, err)
	}
	return fmt.Errorf("write the uid_map and gid_map of a user namespace with uids %d to %d: %w"+
		" (it takes CAP_SETUID and CAP_SETGID; an ordinary user does without, with uids: single or auto)", ids.first, ids.first+ids.count-1, err)
}

// uidPool hands out the uids of cells, so that no two live cells share one,
// unless there is but one for all.
type uidPool struct {
	first, count int
	single       bool

	mu   sync.Mutex // guards what follows; nothing slow happens under it
	next int
	used map[int]bool
}

func newUIDPool(ids idRange) *uidPool {
	if ids.single {
		return &uidPool{first: ids.first, count: 1, single: true}
	}
	// The first is the zygotes' own.
	return &uidPool{first: ids.first + 1, count: ids.count - 1, used: make(map[int]bool)}
}

// take gives a free uid: the one that has been free for longest, so that a
// cell's uid is not soon another's.
func (p *uidPool) take() (int, error) {
	if p.single {
		return p.first, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.count {
		uid := p.first + p.next
		p.next = (p.next + 1) % p.count
		if !p.used[uid] {
			p.used[uid] = true
			return uid, nil
		}
	}
	return 0, fmt.Errorf("all %d uids from %d are in use by cells", p.count, p.first)
}

func (p *uidPool) put(uid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, uid)
}
