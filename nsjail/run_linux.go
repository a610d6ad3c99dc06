package nsjail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// Run runs the job and tells how it ended; it may be called once. When ctx
// ends, the cell is killed at once and ctx's error is wrapped. An error that is
// neither that nor [ErrCellLost] is our own fault. The caller still closes the
// cell.
func (c *Cell) Run(ctx context.Context, job Job) (Verdict, error) {
	if !c.used.CompareAndSwap(false, true) {
		panic("nsjail: a cell was given a second script")
	}
	verdict, err := c.run(ctx, job)
	if err != nil {
		return Verdict{}, fmt.Errorf("nsjail: run in cell %d: %w", c.id, err)
	}
	return verdict, nil
}

func (c *Cell) run(ctx context.Context, job Job) (Verdict, error) {
	if !c.Alive() {
		return Verdict{}, ErrCellLost
	}
	if err := c.applyLimits(job.Limits); err != nil {
		return Verdict{}, fmt.Errorf("set its limits: %w", c.lost(err))
	}
	frame, err := protocol.EncodeMessage(protocol.TypeRun, protocol.Run{
		Script: job.Script, Args: job.Args, Kwargs: job.Kwargs, Stdin: job.Stdin, Env: job.Env,
		ResultBytes: job.Limits.ResultBytes,
	}, protocol.MaxRunBytes)
	if err != nil {
		return Verdict{}, err
	}
	if err := c.group.begin(); err != nil {
		return Verdict{}, fmt.Errorf("begin to count: %w", c.lost(err))
	}

	begin := time.Now()
	watch := startWatch(c, job.Limits)
	defer watch.stop()
	stop := context.AfterFunc(ctx, func() { watch.end(endedByCaller) })
	defer stop()
	stdout := collect(c.stdout, job.Limits.OutputBytes, func() { watch.end(endedByOutput) })
	stderr := collect(c.stderr, job.Limits.OutputBytes, func() { watch.end(endedByOutput) })
	var result *protocol.Result
	if _, err = c.channel.Write(frame); err == nil {
		result, err = c.awaitResult(job.Limits.ResultBytes)
	} else {
		err = errors.Join(ErrCellLost, err)
	}
	if err != nil && !errors.Is(err, errHungUp) && !errors.Is(err, ErrCellLost) {
		watch.end(endedByProtocol)
	}
	if result == nil {
		<-c.gone // if it only closed the channel, a limit ends it
	}

	verdict := Verdict{Usage: Usage{Wall: time.Since(begin)}}
	verdict.Stdout, verdict.StdoutTruncated = stdout.finish()
	verdict.Stderr, verdict.StderrTruncated = stderr.finish()
	why := watch.stop()
	if verdict.StdoutTruncated || verdict.StderrTruncated {
		why = max(why, endedByOutput) // found just now, after the result
	}
	if ctx.Err() != nil && why == endedByCaller {
		return Verdict{}, ctx.Err()
	}
	if errors.Is(err, ErrCellLost) && why == notEnded {
		return Verdict{}, err
	}
	outOfMemory, err2 := c.measure(&verdict.Usage)
	if err2 != nil {
		return Verdict{}, fmt.Errorf("measure: %w", err2)
	}
	c.judge(&verdict, why, outOfMemory, result, err)
	return verdict, nil
}

// lost says of an error before the script's begin that the cell is lost, if
// that is why, or if another one may do better.
func (c *Cell) lost(err error) error {
	if !c.Alive() || passes(err) {
		return fmt.Errorf("%w: %w", ErrCellLost, err)
	}
	return err
}

// applyLimits changes what the cell was made with, where this job wants
// something else. It makes nothing: it writes numbers.
func (c *Cell) applyLimits(l Limits) error {
	if l.MemoryBytes != c.limits.MemoryBytes || l.Processes != c.limits.Processes {
		if err := c.group.limit(l.MemoryBytes, l.Processes); err != nil {
			return err
		}
	}
	if l.DiskBytes == c.limits.DiskBytes {
		return nil
	}
	// The tmpfs belongs to the jail's user namespace, whose owner we are.
	fd := int(c.disk.Fd())
	if err := unix.FsconfigSetString(fd, "size", strconv.FormatInt(l.DiskBytes, 10)); err != nil {
		return fmt.Errorf("size of its disk: %w", err)
	}
	if err := unix.FsconfigReconfigure(fd); err != nil {
		return fmt.Errorf("size of its disk: %w", err)
	}
	return nil
}

// errHungUp: the channel ended without a result.
var errHungUp = errors.New("the cell hung up")

// awaitResult reads the one frame that a cell may send. Every other word from
// it is an error: hostile, or a bug of ours.
func (c *Cell) awaitResult(resultBytes int64) (*protocol.Result, error) {
	maxBytes := protocol.MaxHeadBytes + 1 + int(resultBytes)
	kind, payload, err := protocol.ReadFrame(c.channel, maxBytes)
	if err != nil {
		if errors.Is(err, protocol.ErrTooLarge) || errors.Is(err, protocol.ErrUnknownType) {
			return nil, err
		}
		return nil, errHungUp
	}
	if kind != protocol.TypeResult {
		return nil, fmt.Errorf("%s instead of RESULT", kind)
	}
	result, err := protocol.DecodeResult(payload)
	if err != nil {
		return nil, err
	}
	return &result, nil
}

// measure reads what the run used. The cell may be gone; its cgroup is not.
func (c *Cell) measure(usage *Usage) (outOfMemory bool, err error) {
	if usage.CPU, err = c.group.cpuTime(); err != nil {
		return false, err
	}
	if usage.PeakMemoryBytes, err = c.group.peakMemory(); err != nil {
		return false, err
	}
	return c.group.outOfMemory()
}

// judge fills in how the run ended. What we saw from outside goes before what
// the cell said; err is what was wrong with that.
func (c *Cell) judge(v *Verdict, why ending, outOfMemory bool, result *protocol.Result, err error) {
	switch {
	case outOfMemory || why == endedByMemory:
		v.Status, v.Limit = protocol.StatusMemoryLimit, protocol.LimitMemory
	case why == endedByWall:
		v.Status, v.Limit = protocol.StatusTimeout, protocol.LimitWall
	case why == endedByCPU:
		v.Status, v.Limit = protocol.StatusTimeout, protocol.LimitCPU
	case why == endedByOutput:
		v.Status, v.Limit = protocol.StatusOutputLimit, protocol.LimitOutput
	case why == endedByProtocol:
		v.Status, v.Signal = protocol.StatusKilled, "SIGKILL"
		v.Error = &protocol.ScriptError{Type: "ProtocolError", Message: err.Error()}
	case result != nil:
		v.Status, v.Error = result.Status, result.Error
		if v.Status == protocol.StatusOK {
			v.Result = result.Value
		}
		if v.Status == protocol.StatusOutputLimit {
			v.Limit = protocol.LimitResult
		}
	default:
		c.judgeExit(v)
	}
}

func (c *Cell) judgeExit(v *Verdict) {
	exited, ok := c.exit()
	if ok && exited.Signal == 0 {
		v.Status, v.ExitCode = protocol.StatusExited, &exited.Code
		return
	}
	v.Status, v.Signal = protocol.StatusKilled, "SIGKILL"
	if ok {
		v.Signal = unix.SignalName(unix.Signal(exited.Signal))
	}
}
