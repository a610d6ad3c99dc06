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

// Terminal is hotcell's end of a terminal that one cell runs on. The caller closes it
// after [Cell.RunTerminal] has returned.
type Terminal struct {
	*pty.Terminal
	cell atomic.Pointer[Cell] // the cell that has the other end
}

// OpenTerminal makes a terminal of that size for any cell of the host. It is not one of
// the host's own terminals: it comes from a read-only devpts that no process has a path
// to, so that nobody can open it, whatever its mode.
func (j *Jail) OpenTerminal(columns, rows uint16) (*Terminal, error) {
	opened, err := pty.Open(j.terminals, columns, rows)
	if err != nil {
		return nil, fmt.Errorf("nsjail: open a terminal: %w", err)
	}
	return &Terminal{Terminal: opened}, nil
}

// TerminalSignals are the signals that [Terminal.Signal] sends.
var TerminalSignals = []string{"SIGINT", "SIGQUIT", "SIGTSTP", "SIGHUP", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGKILL"}

// Signal sends one of TerminalSignals. The first three, for which terminals have keys,
// go to what runs in the foreground, the others to the first process of the cell. It
// is no error if there is none. It uses no process number: another process might have
// that number by then.
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

// RunTerminal runs the job on a new terminal; without a script it runs an interactive
// interpreter. It differs from [Cell.Run] in three ways: args, kwargs, stdin and the
// limits of output do not apply; the verdict has no result; and when ctx ends, it
// returns the verdict together with the error. When it returns, what was written on
// the terminal can be read to its end. After [ErrCellLost] the terminal is unchanged,
// and another cell can have it.
func (c *Cell) RunTerminal(ctx context.Context, job Job, t *Terminal) (Verdict, error) {
	if !c.used.CompareAndSwap(false, true) {
		panic("nsjail: a cell was given a second script")
	}
	job = Job{Script: job.Script, Env: job.Env, Files: job.Files, Limits: job.Limits}
	verdict, err := c.run(ctx, context.Background(), job, protocol.Run{TTY: true}, t)
	verdict.Result = nil
	if !errors.Is(err, ErrCellLost) {
		t.End()
	}
	if err != nil {
		return verdict, fmt.Errorf("nsjail: run a terminal in cell %d: %w", c.id, err)
	}
	return verdict, nil
}
