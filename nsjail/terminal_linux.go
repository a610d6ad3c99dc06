package nsjail

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

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
	job = Job{Script: job.Script, Env: job.Env, Files: job.Files, Limits: job.Limits}
	verdict, err := c.run(ctx, job, protocol.Run{TTY: true}, t)
	verdict.Result = nil
	if !errors.Is(err, ErrCellLost) {
		t.End()
	}
	if err != nil {
		return verdict, fmt.Errorf("nsjail: run a terminal in cell %d: %w", c.id, err)
	}
	return verdict, nil
}
