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
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/output"
	"github.com/hotcell/hotcell/protocol"
)

// Cell is one jailed interpreter, used once. The caller closes it.
type Cell struct {
	id         uint64
	generation uint64
	host       *Host
	zygote     *zygote
	ownZygote  bool // spawn mode exec: the zygote ends with the cell

	uid    int
	pid    int // on the host
	pidfd  *os.File
	group  cgroup.Group
	weight cgroup.Weight // while it runs
	limits Limits        // of its cgroup and disk
	told   int64         // the memory that the cell tells its script of

	channel        *net.UnixConn
	stdout, stderr *os.File    // hotcell's ends of its pipes
	log            *output.Log // before its stdout; nil: none
	reading        sync.Mutex  // held while a run reads them
	disk           *os.File    // of fspick(2), to resize its disk

	steps map[string]time.Duration

	alive    atomic.Bool
	gone     chan struct{}        // closed when its process has ended
	exited   chan protocol.Exited // at most one, then closed: the zygote says nothing more about it
	cgroups  int                  // how many it entered
	used     atomic.Bool
	calls    int  // of a session; guarded by calling, which a running call holds
	session  bool // it was given to a session; guarded by calling
	calling  sync.Mutex
	watching atomic.Pointer[watch] // of the call that runs, or ran last
	close    sync.Once
	closed   error
}

// ErrCellLost is wrapped by [Cell.Run], [Cell.Call] and [Cell.RunTerminal] when the
// cell died, or descriptors or memory ran short, before any code of the tenant ran:
// try again with another cell.
var ErrCellLost = errors.New("the cell was lost before the script began")

// ErrNotBegun is wrapped by [Cell.Call] and [Cell.Files] when the cell lives and was
// given nothing, because descriptors or memory ran short, or because the job is too
// large: the session may go on, and the same may succeed later.
var ErrNotBegun = errors.New("the cell was given nothing")

// ID is unique in this process.
func (c *Cell) ID() uint64 { return c.id }

// Generation is the generation of its jail.
func (c *Cell) Generation() uint64 { return c.generation }

// PID is its process on the host, for measurements. The process may have ended.
func (c *Cell) PID() int { return c.pid }

// StartSteps returns how long each step of its start took: "fork" (in spawn mode exec
// with the imports), "cgroup", "isolate", "rehearse".
func (c *Cell) StartSteps() map[string]time.Duration { return c.steps }

// StayBehind, called before [Cell.Run], makes the cell yield to others while it runs a script.
func (c *Cell) StayBehind() { c.weight = cgroup.WeightBehind }

// Alive reports whether its process still runs. It costs an atomic load.
func (c *Cell) Alive() bool { return c.alive.Load() }

// Gone is closed when its process has ended.
func (c *Cell) Gone() <-chan struct{} { return c.gone }

// lastWords is how long the channel of a dead cell is read when something keeps it open.
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
	// Its descriptors are closed by now. If something else holds a copy, no reader
	// waits for it.
	c.hearNoMore(time.Now().Add(lastWords))
}

// hearNoMore ends the reading of frames from the cell at the given time. Nobody waits
// for the end of its output, see [output.Collector].
func (c *Cell) hearNoMore(at time.Time) { _ = c.channel.SetReadDeadline(at) }

// kill ends process 1 of its pid namespace, and so everything in the namespace.
func (c *Cell) kill() { c.signal(unix.SIGKILL) }

// signal sends a signal to its first process.
func (c *Cell) signal(number unix.Signal) {
	_ = c.signalWith(number, 0) // fails only if it has ended
}

// signalWith sends a signal to what its pidfd stands for with these flags,
// pidfd_send_signal(2).
func (c *Cell) signalWith(number unix.Signal, flags int) (failed error) {
	raw, err := c.pidfd.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) { failed = unix.PidfdSendSignal(int(fd), number, nil, flags) })
	}
	if err != nil && !errors.Is(err, os.ErrClosed) {
		c.host.log.Error("nsjail: signal a cell", "cell", c.id, "signal", number, "error", err)
	}
	return failed
}

// Close kills the cell, waits until its first process has ended, and removes its
// cgroup. It takes some milliseconds: do not call it while a request waits. It may be
// called more than once, and while [Cell.Run] runs, which then ends. The
// error wraps [ErrRemovedLater].
func (c *Cell) Close() error {
	c.close.Do(func() {
		c.kill()
		if c.ownZygote {
			c.zygote.kill()
		}
		<-c.gone
		c.zygote.forget(c.id)
		// These keep the disk's contents in memory, which the cgroup is charged with.
		_ = c.disk.Close()
		if c.reading.TryLock() { // otherwise a run still takes what is in the pipes
			c.closePipes()
			c.reading.Unlock()
		}
		err := c.remove()
		c.closePipes()
		_ = c.channel.Close()
		_ = c.pidfd.Close()
		if err != nil {
			c.closed = fmt.Errorf("nsjail: close cell %d: %w", c.id, err)
		}
	})
	return c.closed
}

func (c *Cell) closePipes() {
	_ = c.stdout.Close()
	_ = c.stderr.Close()
	_ = c.log.Close()
}

// exit returns how the process ended, which the zygote reports, or the kernel if the zygote
// loops. It waits for as long as a zygote may take before it counts as hung.
func (c *Cell) exit() (protocol.Exited, bool) {
	if c.zygote.loops.Load() {
		return c.askExit(answerDeadline)
	}
	select {
	case exited, known := <-c.exited:
		return exited, known
	case <-time.After(answerDeadline):
		return protocol.Exited{}, false
	}
}

// askExit asks the kernel instead, for so long. The process has ended.
func (c *Cell) askExit(patience time.Duration) (protocol.Exited, bool) {
	status, err := kernfs.ExitOf(c.pidfd, patience)
	return protocol.Exited{Cell: c.id, Code: max(status.ExitStatus(), 0), Signal: max(int(status.Signal()), 0)}, err == nil
}
