package nsjail

import (
	"context"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/protocol"
)

// Call runs a job in a cell that a session keeps: names and files of the calls
// before are there, main may be missing, and where [Verdict.Ended] is false
// another call may follow. Of the limits, memory, disk and processes are for the
// whole session: they must be those of the first call. When ctx ends the cell is
// killed, and ctx's cause is wrapped; an error of any kind means that the cell
// is gone or of no use. Calls come one at a time, and never after [Cell.Run].
func (c *Cell) Call(ctx context.Context, job Job) (Verdict, error) {
	if !c.calling.TryLock() {
		panic("nsjail: two calls of one session at a time")
	}
	defer c.calling.Unlock()
	if c.used.Swap(true) && c.calls == 0 {
		panic("nsjail: a call in a cell that was given a script")
	}
	c.calls++
	verdict, err := c.run(ctx, job, protocol.Run{Call: c.calls}, nil)
	if err != nil {
		return Verdict{}, fmt.Errorf("nsjail: call %d in cell %d: %w", c.calls, c.id, err)
	}
	return verdict, nil
}

// Rest watches a session's cell between calls, where threads and children of its
// scripts may go on. It returns when ctx ends, with false; or when the cell has
// died or been ended for a limit (its CPU time counts from here), with how.
func (c *Cell) Rest(ctx context.Context, limits Limits) (Verdict, bool) {
	if err := c.group.Begin(); err != nil && ctx.Err() == nil {
		c.host.log.Error("nsjail: count in a session's cell", "cell", c.id, "error", err)
	}
	limits.Wall = restWall
	watch := startWatch(c, limits)
	defer watch.stop()
	select {
	case <-ctx.Done():
		return Verdict{}, false
	case <-c.gone:
	case <-watch.overdue:
	}
	if ctx.Err() != nil { // whoever ended the session has the cell removed
		return Verdict{}, false
	}
	verdict := Verdict{Ended: true}
	outOfMemory, err := c.measure(&verdict.Usage)
	if err != nil {
		c.host.log.Error("nsjail: measure a session's cell", "cell", c.id, "error", err)
	}
	c.judge(&verdict, watch.stop(), outOfMemory, saying{}, nil)
	return verdict, true
}

// restWall is longer than any session lives: who keeps one ends it.
const restWall = 1000 * time.Hour
