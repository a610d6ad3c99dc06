package nsjail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
)

// Call runs a job in a cell that a session keeps. The job finds the names and files of
// the calls before it, and needs no main. Another call may follow if [Verdict.Ended] is
// false. The limits of memory, disk and processes hold for the whole session and must
// be those of the first call. A call that goes over a limit of time, and one whose
// caller is gone because caller ends, is interrupted and then has
// Limits.InterruptGrace to stop, which leaves the session as it is. A deadline of caller
// counts as Limits.Wall. When ctx ends,
// Call kills the cell and wraps the cause of ctx. After any error that does not wrap
// [ErrNotBegun] the cell is gone or cannot be used. Call must not be called while another
// call runs, or after [Cell.Run].
func (c *Cell) Call(ctx, caller context.Context, job Job) (Verdict, error) {
	if !c.calling.TryLock() {
		panic("nsjail: two calls of one session at a time")
	}
	defer c.calling.Unlock()
	if c.used.Swap(true) && !c.session {
		panic("nsjail: a call in a cell that was given a script")
	}
	c.session = true
	call := c.calls + 1
	verdict, err := c.run(ctx, caller, job, protocol.Run{Call: call}, nil)
	if !errors.Is(err, ErrNotBegun) {
		c.calls = call
	}
	if err != nil {
		return Verdict{}, fmt.Errorf("nsjail: call %d in cell %d: %w", call, c.id, err)
	}
	return verdict, nil
}

// Rest watches the cell of a session between two calls, while threads and children of
// its scripts may go on. When ctx ends it returns false. When the cell has died, or a
// limit has ended it, it returns the verdict and true. CPU time counts from here.
func (c *Cell) Rest(ctx context.Context, limits Limits) (Verdict, bool) {
	if err := cgroup.BeginSoon(ctx, c.group, c.gone); err != nil && ctx.Err() == nil {
		c.host.log.Error("nsjail: count in a session's cell", "cell", c.id, "error", err)
	}
	limits.Wall = restWall
	watch := startWatch(c, limits, 0)
	defer watch.stop()
	select {
	case <-ctx.Done():
		return Verdict{}, false
	case <-c.gone:
	case <-watch.overdue:
	}
	if ctx.Err() != nil { // what ended the session also removes the cell
		return Verdict{}, false
	}
	return c.autopsy(watch.stop(), nil), true
}

// autopsy returns the verdict on a cell that ended without a call; err is what was
// wrong with what it sent.
func (c *Cell) autopsy(why ending, err error) Verdict {
	verdict := Verdict{Ended: true}
	outOfMemory, failed := c.measure(&verdict.Usage)
	if failed != nil {
		c.host.log.Error("nsjail: measure a session's cell", "cell", c.id, "error", failed)
	}
	c.judge(&verdict, Job{}, why, outOfMemory, saying{}, err)
	return verdict
}

// Files calls use, which may read and write the files of a session's cell between two
// calls. When ctx ends, the cell is killed. The verdict has Ended set if the cell is
// gone or about to go; then the error wraps [ErrCellLost]. Otherwise it is that of use,
// or wraps [ErrNotBegun].
func (c *Cell) Files(ctx context.Context, limits Limits, use func(*transfer.Files) error) (Verdict, error) {
	if !c.calling.TryLock() {
		panic("nsjail: files of a session while a call runs")
	}
	defer c.calling.Unlock()
	err := c.applyLimits(limits)
	if err = errors.Join(err, c.begin()); err != nil {
		return Verdict{}, fmt.Errorf("nsjail: prepare cell %d for its files: %w", c.id, c.lost(err))
	}
	limits.Wall = restWall
	watch := startWatch(c, limits, 0)
	defer watch.stop()
	defer context.AfterFunc(ctx, func() { watch.end(endedByCaller) })()
	files := transfer.New(c.channel, c.Alive)
	err = use(files)
	if lost := files.Lost(); errors.Is(lost, transfer.ErrHungUp) {
		watch.end(endedByAnswer)
	} else if lost != nil {
		watch.end(endedByProtocol)
	}
	why := watch.stop()
	if why == notEnded {
		return Verdict{}, err
	}
	watch.waitForEnd()
	return c.autopsy(why, files.Lost()), fmt.Errorf("nsjail: files of cell %d: %w", c.id, errors.Join(ErrCellLost, err))
}

// restWall is longer than any session lives: the wall clock does not limit a rest.
const restWall = 1000 * time.Hour
