// Package lease divides the uids of a machine among the instances of hotcell
// that run on it, so that no two of them use the same uid at a time.
//
// A lease is held by listening abstract Unix sockets, one for each block of
// [BlockSize] uids. The kernel lets one process bind a name, and frees it when
// that process ends, however it ends (unix(7)). Abstract names belong to a network
// namespace and not to a directory: instances with different state directories,
// different users and read-only file systems see each other, and instances in
// different containers do not. Any local user can bind a name and so keep uids
// from being leased; the error of [Take] names the process that has them.
package lease

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// BlockSize is how many uids one name stands for.
const BlockSize = 250

// Lease is a run of uids that belongs to this process until Close.
type Lease struct {
	First, Count int
	sockets      []int
}

// patience is how long Take waits for processes to end that have uids of a range
// which nobody leases any more: the kernel ends those of a killed instance soon.
const patience = 5 * time.Second

// Take leases count consecutive uids of those from first to first+total-1. It
// leaves out uids that a process already has as its uid or gid, whoever started
// it, such as a cell of an instance that was killed. The error lists who has what.
func Take(first, total, count int) (*Lease, error) {
	if count < 1 || count > total {
		return nil, fmt.Errorf("lease %d of %d uids", count, total)
	}
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		used := usedIDs()
		lease, busy, err := take(first, total, count, used)
		if lease != nil || err != nil {
			return lease, err
		}
		if !busy || time.Since(begun) > patience {
			return nil, fmt.Errorf("no %d consecutive uids of %d to %d are free: %s", count, first, first+total-1, holders(first, total, used))
		}
	}
}

// take tries each place once. Where it finds none, busy reports whether processes
// without a lease are in the way.
func take(first, total, count int, used ids) (taken *Lease, busy bool, err error) {
	for start := first; start+count <= first+total; {
		if id, pid := used.within(start, count); pid != 0 {
			if _, held := holder(id / BlockSize * BlockSize); !held {
				busy = true
			}
			start = nextBlock(id)
			continue
		}
		lease := &Lease{First: start, Count: count}
		block, err := lease.bind()
		if err == nil {
			return lease, false, nil
		}
		lease.Close()
		if !errors.Is(err, unix.EADDRINUSE) {
			return nil, false, fmt.Errorf("lease uids %d to %d: %w", start, start+count-1, err)
		}
		start = nextBlock(block)
	}
	return nil, busy, nil
}

// Close gives the uids back. No process may have one of them any more.
func (l *Lease) Close() {
	for _, socket := range l.sockets {
		_ = unix.Close(socket)
	}
	l.sockets = nil
}

// bind takes every block that the lease touches. Where one is another process'
// (EADDRINUSE), it gives the first uid of that block.
func (l *Lease) bind() (int, error) {
	for block := l.First / BlockSize * BlockSize; block < l.First+l.Count; block += BlockSize {
		socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return 0, os.NewSyscallError("socket", err)
		}
		l.sockets = append(l.sockets, socket)
		if err := unix.Bind(socket, address(block)); err != nil {
			return block, os.NewSyscallError("bind", err)
		}
		// Listening lets others ask who it is, with SO_PEERCRED. Nobody accepts.
		if err := unix.Listen(socket, 1); err != nil {
			return 0, os.NewSyscallError("listen", err)
		}
	}
	return 0, nil
}

func address(block int) *unix.SockaddrUnix {
	return &unix.SockaddrUnix{Name: fmt.Sprintf("@hotcell-uids/%d", block)}
}

func nextBlock(id int) int { return (id/BlockSize + 1) * BlockSize }

// holder reports whether a process has the block, and which, 0 if it cannot be
// told. A connected socket has the credentials that its listener had, unix(7).
func holder(block int) (pid int, held bool) {
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return 0, false
	}
	defer func() { _ = unix.Close(socket) }()
	if errors.Is(unix.Bind(socket, address(block)), unix.EADDRINUSE) {
		held = true
	}
	if !held || unix.Connect(socket, address(block)) != nil {
		return 0, held
	}
	credentials, err := unix.GetsockoptUcred(socket, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, held
	}
	return int(credentials.Pid), held
}

// ids maps each uid and gid in use to a process that has it.
type ids map[int]int

// usedIDs reads /proc/PID/status of all processes that this one sees.
func usedIDs() ids {
	used := make(ids)
	paths, _ := filepath.Glob("/proc/[0-9]*/status")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		for line := range strings.Lines(string(text)) {
			if values, ok := strings.CutPrefix(line, "Uid:"); ok {
				used.note(values, pid)
			} else if values, ok := strings.CutPrefix(line, "Gid:"); ok {
				used.note(values, pid)
				break
			}
		}
	}
	return used
}

func (u ids) note(values string, pid int) {
	for _, value := range strings.Fields(values) {
		if id, err := strconv.Atoi(value); err == nil {
			u[id] = pid
		}
	}
}

// within gives the last used id of a run, and who has it.
func (u ids) within(start, count int) (id, pid int) {
	for id := start + count - 1; id >= start; id-- {
		if pid := u[id]; pid != 0 {
			return id, pid
		}
	}
	return 0, 0
}

const mostHolders = 5

// holders tells who has which uids, for an error.
func holders(first, total int, used ids) string {
	var said []string
	add := func(first, last, pid int) {
		who := "an unknown process"
		if pid != 0 {
			who = fmt.Sprintf("process %d", pid)
			if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil {
				who += fmt.Sprintf(" (%s)", strings.TrimSpace(string(name)))
			}
		}
		said = append(said, fmt.Sprintf("%s has %d to %d", who, first, last))
	}
	for block := first / BlockSize * BlockSize; block < first+total; {
		pid, held := holder(block)
		if !held {
			if id, pid := used.within(block, BlockSize); pid != 0 {
				add(id, id, pid)
			}
			block += BlockSize
			continue
		}
		last := block
		for {
			last += BlockSize
			if other, held := holder(last); !held || other != pid || last >= first+total {
				break
			}
		}
		add(block, last-1, pid)
		block = last
	}
	if more := len(said) - mostHolders; more > 0 {
		said = append(said[:mostHolders], fmt.Sprintf("%d more", more))
	}
	return strings.Join(said, ", ")
}
