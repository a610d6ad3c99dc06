package nsjail

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/protocol"
)

// Cell is one jailed interpreter, used once. The caller closes it.
type Cell struct {
	id         uint64
	generation uint64
	host       *Host
	zygote     *zygote
	ownZygote  bool // spawn mode exec: it goes with the cell

	uid    int
	pid    int // on the host
	pidfd  *os.File
	group  cgroup.Group
	limits Limits // those of its cgroup and disk

	channel        *net.UnixConn
	stdout, stderr *os.File // our ends of its pipes
	disk           *os.File // of fspick(2), to resize its disk

	steps map[string]time.Duration

	alive   atomic.Bool
	gone    chan struct{}        // closed when its process has ended
	exited  chan protocol.Exited // at most one
	used    atomic.Bool
	calls   int // of a session; guarded by calling, which is held while one runs
	calling sync.Mutex
	close   sync.Once
	closed  error
}

// ErrCellLost is wrapped by [Cell.Run] when the cell died, or could not be made
// use of for want of descriptors or memory, before any of the tenant's code
// ran: take another cell and try again.
var ErrCellLost = errors.New("the cell was lost before the script began")

// ID is unique in this process.
func (c *Cell) ID() uint64 { return c.id }

// Generation is that of its jail.
func (c *Cell) Generation() uint64 { return c.generation }

// PID is its process on the host, for measuring. It may be gone.
func (c *Cell) PID() int { return c.pid }

// StartSteps tells how long the steps of its making took: "fork" (in spawn mode
// exec with the imports), "cgroup", "isolate", "rehearse".
func (c *Cell) StartSteps() map[string]time.Duration { return c.steps }

// Alive says whether its process still runs. It costs an atomic load.
func (c *Cell) Alive() bool { return c.alive.Load() }

// Gone is closed when its process is gone.
func (c *Cell) Gone() <-chan struct{} { return c.gone }

// lastWords is how long a dead cell's pipes are read that something keeps open.
const lastWords = 100 * time.Millisecond

// watchPidfd closes gone when the process ends: a pidfd is readable then,
// pidfd_open(2).
func (c *Cell) watchPidfd() {
	raw, err := c.pidfd.SyscallConn()
	if err == nil {
		err = raw.Read(func(fd uintptr) bool {
			poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}} // #nosec G115 -- a descriptor
			n, err := unix.Poll(poll, 0)
			return n > 0 || err != nil && !errors.Is(err, unix.EINTR)
		})
	}
	if err != nil {
		c.host.log.Error("nsjail: watch a cell", "cell", c.id, "error", err)
	}
	c.alive.Store(false)
	close(c.gone)
	// Its descriptors are closed by now; should anything else hold a copy, no
	// reader waits for it.
	c.hearNoMore(time.Now().Add(lastWords))
}

// hearNoMore ends what reads from the cell, at a time.
func (c *Cell) hearNoMore(at time.Time) {
	_ = c.channel.SetReadDeadline(at)
	_ = c.stdout.SetReadDeadline(at)
	_ = c.stderr.SetReadDeadline(at)
}

// kill ends its pid 1, and so everything in its pid namespace.
func (c *Cell) kill() { c.signal(unix.SIGKILL) }

// signal sends a signal to its first process.
func (c *Cell) signal(number unix.Signal) {
	raw, err := c.pidfd.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { _ = unix.PidfdSendSignal(int(fd), number, nil, 0) })
	}
	if err != nil && !errors.Is(err, os.ErrClosed) {
		c.host.log.Error("nsjail: signal a cell", "cell", c.id, "signal", number, "error", err)
	}
}

// Close kills the cell, waits until its first process has ended, and removes its
// cgroup. It takes some milliseconds: call it off the request path. It may be
// called more than once, and while [Cell.Run] runs, which then ends. After an
// error the removal is tried again in the background, see [Host.Unremoved].
func (c *Cell) Close() error {
	c.close.Do(func() {
		c.kill()
		if c.ownZygote {
			c.zygote.kill()
		}
		<-c.gone
		c.zygote.forget(c.id)
		_ = c.disk.Close() // which keeps the disk's contents, and so the cgroup's charge
		err := c.remove()
		_ = c.channel.Close()
		for _, file := range []*os.File{c.stdout, c.stderr, c.pidfd} {
			_ = file.Close()
		}
		if err != nil {
			c.closed = fmt.Errorf("nsjail: close cell %d: %w", c.id, err)
		}
	})
	return c.closed
}

// exit waits for the zygote's word on how the process ended, as long as a
// zygote may take before it counts as hung.
func (c *Cell) exit() (protocol.Exited, bool) {
	select {
	case exited := <-c.exited:
		return exited, true
	case <-c.zygote.silent:
	case <-time.After(answerDeadline):
	}
	select {
	case exited := <-c.exited: // its last word
		return exited, true
	default:
		return protocol.Exited{}, false
	}
}
