package lease

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/uids"
)

// blockSize is how many uids one name stands for.
const blockSize = 250

// Lease is a run of uids that belongs to this process until Close.
type Lease struct {
	First, Count int
	sockets      []int
}

// patience is how long Take waits for processes that have uids which nobody leases any
// more: the kernel soon ends the processes of a killed instance.
const patience = 5 * time.Second

// Take leases count consecutive uids out of those from first to first+total-1. It
// leaves out uids that any process has as its uid or gid, such as a cell of an instance
// that was killed. The error lists who has which uids. The caller closes the lease.
func Take(first, total, count int) (*Lease, error) {
	if count < 1 || count > total {
		return nil, fmt.Errorf("lease %d of %d uids: at least 1 and at most all", count, total)
	}
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		used := ids(uids.InUse())
		lease, busy, err := take(first, total, count, used)
		if lease != nil || err != nil {
			return lease, err
		}
		if !busy || time.Since(begun) > patience {
			return nil, fmt.Errorf("no %d consecutive uids of %d to %d are free: %s", count, first, first+total-1, holders(first, total, used))
		}
	}
}

// take tries each position once. If it finds none, busy reports whether processes
// without a lease have uids of the range.
func take(first, total, count int, used ids) (taken *Lease, busy bool, err error) {
	for start := first; start+count <= first+total; {
		if id, pid := used.within(start, count); pid != 0 {
			if _, held := holder(id / blockSize * blockSize); !held {
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

// Close gives the uids back. No process may still have one of them.
func (l *Lease) Close() {
	for _, socket := range l.sockets {
		_ = unix.Close(socket)
	}
	l.sockets = nil
}

// bind takes every block that has uids of the lease. If another process has one
// (EADDRINUSE), it returns the first uid of that block.
func (l *Lease) bind() (int, error) {
	for block := l.First / blockSize * blockSize; block < l.First+l.Count; block += blockSize {
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

func nextBlock(id int) int { return (id/blockSize + 1) * blockSize }

// holder reports whether a process has the block, and which one, or 0 if that cannot be
// found out. A connected socket has the credentials of its listener (unix(7)).
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

// within returns the last used id of a run, and a process that has it.
func (u ids) within(start, count int) (id, pid int) {
	for id := start + count - 1; id >= start; id-- {
		if pid := u[id]; pid != 0 {
			return id, pid
		}
	}
	return 0, 0
}

const mostHolders = 5

// holders describes who has which uids, for an error.
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
	for block := first / blockSize * blockSize; block < first+total; {
		pid, held := holder(block)
		if !held {
			if id, pid := used.within(block, blockSize); pid != 0 {
				add(id, id, pid)
			}
			block += blockSize
			continue
		}
		last := block
		for {
			last += blockSize
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
