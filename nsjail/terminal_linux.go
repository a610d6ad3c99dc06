package nsjail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/pty"
	"github.com/hotcell/hotcell/protocol"
)

// Terminal is our end of a terminal that one cell runs on. The caller closes it,
// after [Cell.RunTerminal] has returned.
type Terminal struct {
	*pty.Terminal
	cell atomic.Pointer[Cell] // which has it
}

// OpenTerminal makes a terminal of that size, for any cell of the host. It is none of
// the host's own terminals: it comes from a devpts that only the jail's maker has, so
// that no other process has a path to it, whatever its mode, and is read-only there.
func (j *Jail) OpenTerminal(columns, rows uint16) (*Terminal, error) {
	opened, err := pty.Open(j.terminals, columns, rows)
	if err != nil {
		return nil, fmt.Errorf("nsjail: open a terminal: %w", err)
	}
	return &Terminal{Terminal: opened}, nil
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
		return t.Press(number)
	}
	if cell := t.cell.Load(); cell != nil {
		cell.signal(number)
	}
	return nil
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
		t.End()
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
	fd, err := t.Slave()
	if err != nil {
		return err
	}
	if _, _, err := c.channel.WriteMsgUnix(frame, unix.UnixRights(fd), nil); err != nil {
		return errors.Join(ErrCellLost, err)
	}
	return t.CloseSlave()
}
