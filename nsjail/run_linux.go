package nsjail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/output"
	"github.com/hotcell/hotcell/protocol"
)

// Run runs the job and returns how it ended. It may be called once. When ctx ends, it
// kills the cell at once and wraps the cause of ctx. An error that wraps neither that
// nor [ErrCellLost] is a failure of hotcell. The caller still closes the cell.
func (c *Cell) Run(ctx context.Context, job Job) (Verdict, error) {
	if !c.used.CompareAndSwap(false, true) {
		panic("nsjail: a cell was given a second script")
	}
	verdict, err := c.run(ctx, context.Background(), job, protocol.Run{}, nil)
	if err != nil {
		return Verdict{}, fmt.Errorf("nsjail: run in cell %d: %w", c.id, err)
	}
	verdict.Ended = true
	return verdict, nil
}

// run runs every kind of job: the only one of a cell, a call of a session, or one on a
// terminal. message says which; terminal is nil unless the job runs on one. When ctx
// ends the cell is killed; when caller ends, a call is interrupted first. An error wraps
// [ErrCellLost] when no code of the tenant has run and another cell may succeed.
func (c *Cell) run(ctx, caller context.Context, job Job, message protocol.Run, terminal *Terminal) (Verdict, error) {
	frames, err := c.prepare(job, message)
	if err != nil {
		return Verdict{}, err
	}

	begin := time.Now()
	watch := startWatch(c, job.Limits, job.Limits.InterruptGrace*time.Duration(min(message.Call, 1))) // only calls are interrupted
	defer watch.stop()
	c.watching.Store(watch)
	defer context.AfterFunc(ctx, func() { watch.end(endedByCaller) })()
	left := map[bool]ending{true: endedByWall, false: endedByHangUp}
	defer context.AfterFunc(caller, func() { watch.end(left[errors.Is(context.Cause(caller), context.DeadlineExceeded)]) })()
	var written streams
	if terminal == nil {
		c.reading.Lock()
		written = c.collect(job, watch)
	} else {
		terminal.cell.Store(c)
	}
	var said saying
	if err = c.handOver(frames, terminal); err == nil {
		watch.handed()
		said, err = c.listen(job, message.Call)
	}
	switch {
	case err != nil && !errors.Is(err, errHungUp) && !errors.Is(err, ErrCellLost):
		watch.end(endedByProtocol)
	case said.result != nil && terminal != nil:
		watch.end(endedByAnswer) // so that nothing else in it goes on writing
	}
	if said.result == nil || terminal != nil {
		watch.waitForEnd() // a cell that only closed its channel is ended by a limit
	}

	verdict := Verdict{Began: begin, Usage: Usage{Wall: time.Since(begin)}}
	if terminal == nil {
		written.finish(&verdict, said.result == nil || message.Call == 0)
		c.reading.Unlock()
	}
	why := watch.stop()
	if verdict.StdoutTruncated || verdict.StderrTruncated {
		why = max(why, endedByOutput) // found just now, after the result
	}
	if why == endedByCaller && terminal == nil { // nobody waits for the verdict
		return Verdict{}, context.Cause(ctx)
	}
	outOfMemory, err2 := c.measure(&verdict.Usage)
	if err2 != nil {
		return Verdict{}, fmt.Errorf("measure: %w", err2)
	}
	if errors.Is(err, ErrCellLost) && why == notEnded && !outOfMemory {
		return Verdict{}, err
	}
	c.judge(&verdict, job, cmp.Or(why, watch.limitAsked()), outOfMemory, said, err)
	verdict.Ended = why != notEnded || said.result == nil
	if why == endedByCaller {
		return verdict, context.Cause(ctx)
	}
	return verdict, nil
}

// prepare sets the limits of the job, begins to count what it uses, and returns the
// frames to send.
func (c *Cell) prepare(job Job, message protocol.Run) (net.Buffers, error) {
	if !c.Alive() {
		return nil, ErrCellLost
	}
	if err := c.applyLimits(job.Limits); err != nil {
		return nil, fmt.Errorf("set its limits: %w", c.lost(err))
	}
	if job.Limits.MemoryBytes != c.told {
		message.MemoryBytes = job.Limits.MemoryBytes
	}
	if !c.host.ids.Single && message.Call <= 1 {
		message.Tasks = job.Limits.Processes + 1 // so that the cgroup refuses first, and counts it
	}
	frames, err := encodeJob(job, message)
	if err != nil {
		return nil, errors.Join(ErrNotBegun, err)
	}
	if err := c.begin(); err != nil {
		return nil, fmt.Errorf("begin to count: %w", c.lost(err))
	}
	c.told = job.Limits.MemoryBytes
	return frames, nil
}

// begin gives the cell its weight and begins to count.
func (c *Cell) begin() error {
	if err := c.group.Weigh(c.weight); err != nil {
		return err
	}
	return c.group.Begin()
}

// lost wraps ErrCellLost around an error from before the script began, if the cell has
// died or another one may succeed, and ErrNotBegun if this one may, too.
func (c *Cell) lost(err error) error {
	switch {
	case !c.Alive():
		return fmt.Errorf("%w: %w", ErrCellLost, err)
	case kernfs.Short(err):
		return fmt.Errorf("%w: %w: %w", ErrCellLost, ErrNotBegun, err)
	}
	return err
}

// applyLimits changes the cell's limits to those of the job. It only writes numbers,
// and creates nothing while a request waits.
func (c *Cell) applyLimits(l Limits) error {
	if l.MemoryBytes != c.limits.MemoryBytes || l.Processes != c.limits.Processes {
		if err := c.group.Limit(l.MemoryBytes, l.Processes); err != nil {
			return err
		}
	}
	size := c.limits.DiskBytes
	c.limits = l
	if l.DiskBytes == size {
		return nil
	}
	// The tmpfs belongs to the jail's user namespace, which hotcell owns.
	fd := int(c.disk.Fd())
	if err := unix.FsconfigSetString(fd, "size", strconv.FormatInt(l.DiskBytes, 10)); err != nil {
		return fmt.Errorf("set the size of its disk: %w", err)
	}
	if err := unix.FsconfigReconfigure(fd); err != nil {
		return fmt.Errorf("set the size of its disk: %w", err)
	}
	return nil
}

// streams read the output of a script.
type streams struct {
	stdout, stderr *output.Collector
}

// collect begins to read what the script writes. More than the limit ends the script.
func (c *Cell) collect(job Job, watch *watch) streams {
	begin := func(pipe *os.File, log *output.Log, stream Stream) *output.Collector {
		_ = pipe.SetReadDeadline(time.Time{}) // that of the call before
		return output.Collect(pipe, log, job.Limits.OutputBytes, func() { watch.end(endedByOutput) }, job.emit(stream))
	}
	return streams{begin(c.stdout, c.log, Stdout), begin(c.stderr, nil, Stderr)}
}

// finish takes what was written. With last, the cell is dead or about to be.
func (s streams) finish(v *Verdict, last bool) {
	v.Stdout, v.StdoutTruncated = s.stdout.Finish(last)
	v.Stderr, v.StderrTruncated = s.stderr.Finish(last)
}

func (j *Job) emit(stream Stream) func([]byte) {
	if j.Output == nil {
		return nil
	}
	return func(data []byte) { j.Output(stream, data) }
}
