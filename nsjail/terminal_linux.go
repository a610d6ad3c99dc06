package nsjail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// Terminal is our end of a terminal whose other end one cell gets. The kernel
// holds some 70 KiB between the two, and whoever writes more waits for the other
// side: nothing is held here, and nothing that comes out of it is looked at.
//
// One goroutine may read and another write while the cell runs. The caller
// closes it, after [Cell.RunTerminal] has returned.
type Terminal struct {
	master *os.File // non-blocking, and never given away
	slave  *os.File // until a cell has it
	cell   atomic.Pointer[Cell]

	over atomic.Bool // nothing more will be written on the other side
	left int         // how much Read still gives then; the reader's own
}

// lastOutput is more than the kernel holds of what was written before the end.
// Something that a cell has hidden from its end could write for ever.
const lastOutput = 1 << 20

// OpenTerminal makes a terminal of that size, for any cell of the host. It is none of
// the host's own terminals: it comes from a devpts that only the jail's maker has, so
// that no other process has a path to it, whatever its mode, and is read-only there.
func (j *Jail) OpenTerminal(columns, rows uint16) (*Terminal, error) {
	fail := func(err error) (*Terminal, error) { return nil, fmt.Errorf("nsjail: open a terminal: %w", err) }
	raw, err := j.terminals.SyscallConn()
	if err != nil {
		return fail(err)
	}
	master := -1
	var opened error
	err = raw.Control(func(dir uintptr) {
		master, opened = unix.Openat(int(dir), "ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0) // #nosec G115 -- a descriptor
	})
	if err = errors.Join(err, opened); err != nil {
		return fail(fmt.Errorf("ptmx: %w", err))
	}
	t := &Terminal{master: os.NewFile(uintptr(master), "terminal"), left: lastOutput} // #nosec G115 -- a descriptor
	if err := errors.Join(t.control(t.openSlave), t.Resize(columns, rows)); err != nil {
		_ = t.Close()
		return fail(err)
	}
	return t, nil
}

// openSlave opens the other end without a path, ioctl_tty(2).
func (t *Terminal) openSlave(master int) error {
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC) // #nosec G115 -- a descriptor
	if errno != 0 {
		return fmt.Errorf("the other end: %w", errno)
	}
	t.slave = os.NewFile(slave, "terminal")
	return nil
}

// Close ends reads and writes, and hangs up on whoever should still be there.
func (t *Terminal) Close() error {
	t.over.Store(true)
	return errors.Join(t.master.Close(), t.closeSlave())
}

func (t *Terminal) closeSlave() error {
	if t.slave == nil {
		return nil
	}
	slave := t.slave
	t.slave = nil
	return slave.Close()
}

// control calls with the descriptor.
func (t *Terminal) control(call func(fd int) error) error {
	raw, err := t.master.SyscallConn()
	if err != nil {
		return err
	}
	var called error
	if err := raw.Control(func(fd uintptr) { called = call(int(fd)) }); err != nil {
		return err
	}
	return called
}

// Resize tells the terminal its size; what runs in its foreground gets SIGWINCH.
func (t *Terminal) Resize(columns, rows uint16) error {
	return t.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	})
}

// TerminalSignals are those that [Terminal.Signal] sends.
var TerminalSignals = []string{"SIGINT", "SIGQUIT", "SIGTSTP", "SIGHUP", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGKILL"}

// Signal sends one of TerminalSignals: the first three, which terminals have
// keys for, to whatever runs in the foreground, and the others to the cell's
// first process. It is no error when nobody is there. No number of a process is
// used for it, which might be another's by then.
func (t *Terminal) Signal(name string) error {
	number := unix.SignalNum(name)
	switch number {
	case unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP:
		return t.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TIOCSIG, int(number)) }) // pty(7)
	}
	if cell := t.cell.Load(); cell != nil {
		cell.signal(number)
	}
	return nil
}

// Read gives what the cell writes, and io.EOF once that is all.
func (t *Terminal) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	raw, err := t.master.SyscallConn()
	if err != nil {
		return 0, err
	}
	read := func(fd uintptr) bool {
		closed := false
		for {
			n, err = unix.Read(int(fd), p)
			if errors.Is(err, unix.EIO) && !closed {
				// The kernel looks for output first and for the other end then, and
				// both may have come and gone in between: the second time counts.
				closed = true
				continue
			}
			if !errors.Is(err, unix.EINTR) {
				return !errors.Is(err, unix.EAGAIN) || t.over.Load()
			}
		}
	}
	if waited := raw.Read(read); waited != nil { // it is over: what came until then is still there
		if waited = raw.Control(func(fd uintptr) { read(fd) }); waited != nil {
			return 0, io.EOF // closed
		}
	}
	if t.over.Load() && n > 0 {
		t.left -= n
	}
	if err != nil || n <= 0 || t.left < 0 { // EIO: nobody has the other end any more, pty(7)
		return 0, io.EOF
	}
	return n, nil
}

// Write gives p to the cell, and waits while the cell does not read and the
// kernel holds no more.
func (t *Terminal) Write(p []byte) (int, error) {
	written := 0
	for {
		// Every second it looks by itself: not everything that makes room
		// wakes a waiting writer.
		_ = t.master.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := t.master.Write(p[written:])
		written += n
		if !errors.Is(err, os.ErrDeadlineExceeded) || t.over.Load() {
			return written, err
		}
	}
}

// end tells that everything has been written on the other side.
func (t *Terminal) end() {
	t.over.Store(true)
	_ = t.master.SetDeadline(time.Unix(1, 0)) // wakes reader and writer
}

// RunTerminal runs the job on a terminal, which a fresh one must be, and
// without a script an interactive interpreter. It is [Cell.Run] in all else,
// but that args, kwargs, stdin and the limits of output do not apply, and that
// the verdict also tells of the end when ctx is why. When it returns, what was
// written on the terminal can be read to its end. After [ErrCellLost] the
// terminal is as it was, and another cell can have it.
func (c *Cell) RunTerminal(ctx context.Context, job Job, t *Terminal) (Verdict, error) {
	if !c.used.CompareAndSwap(false, true) {
		panic("nsjail: a cell was given a second script")
	}
	verdict, err := c.runTerminal(ctx, job, t)
	if !errors.Is(err, ErrCellLost) {
		t.end()
	}
	if err != nil {
		return verdict, fmt.Errorf("nsjail: run a terminal in cell %d: %w", c.id, err)
	}
	return verdict, nil
}

func (c *Cell) runTerminal(ctx context.Context, job Job, t *Terminal) (Verdict, error) {
	if !c.Alive() {
		return Verdict{}, ErrCellLost
	}
	if err := c.applyLimits(job.Limits); err != nil {
		return Verdict{}, fmt.Errorf("set its limits: %w", c.lost(err))
	}
	job = Job{Script: job.Script, Env: job.Env, Files: job.Files, Limits: job.Limits}
	frames, err := encodeJob(job, protocol.Run{TTY: true})
	if err != nil {
		return Verdict{}, err
	}
	if err := c.group.Begin(); err != nil {
		return Verdict{}, fmt.Errorf("begin to count: %w", err)
	}

	begin := time.Now()
	watch := startWatch(c, job.Limits)
	defer watch.stop()
	stop := context.AfterFunc(ctx, func() { watch.end(endedByCaller) })
	defer stop()
	t.cell.Store(c)
	var said saying
	if err = c.handOver(frames, t); err == nil {
		said, err = c.listen(job)
	}
	if err != nil && !errors.Is(err, errHungUp) && !errors.Is(err, ErrCellLost) {
		watch.end(endedByProtocol)
	}
	if said.result != nil {
		watch.end(endedByAnswer) // so that what else runs in it writes no more
	}
	watch.waitForEnd()

	verdict := Verdict{Began: begin, Usage: Usage{Wall: time.Since(begin)}}
	why := watch.stop()
	outOfMemory, err2 := c.measure(&verdict.Usage)
	if err2 != nil {
		return Verdict{}, fmt.Errorf("measure: %w", err2)
	}
	if errors.Is(err, ErrCellLost) && why == notEnded && !outOfMemory {
		return Verdict{}, err
	}
	c.judge(&verdict, why, outOfMemory, said, err)
	verdict.Result = nil
	if why == endedByCaller {
		return verdict, context.Cause(ctx)
	}
	return verdict, nil
}

// handOver sends a job, and after it the terminal.
func (c *Cell) handOver(frames net.Buffers, t *Terminal) error {
	if _, err := frames.WriteTo(c.channel); err != nil {
		return errors.Join(ErrCellLost, err)
	}
	frame, err := protocol.AppendFrame(nil, protocol.TypeTTY, nil, 0)
	if err != nil {
		return err
	}
	fd := int(t.slave.Fd())
	if err := unix.SetNonblock(fd, false); err != nil {
		return fmt.Errorf("set the terminal to blocking mode: %w", err)
	}
	if _, _, err := c.channel.WriteMsgUnix(frame, unix.UnixRights(fd), nil); err != nil {
		return errors.Join(ErrCellLost, err)
	}
	return t.closeSlave() // else the end of the cell's would not be the end
}
