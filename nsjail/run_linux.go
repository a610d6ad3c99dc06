package nsjail

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
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
	verdict, err := c.run(ctx, job, 0)
	if err != nil {
		return Verdict{}, fmt.Errorf("nsjail: run in cell %d: %w", c.id, err)
	}
	verdict.Ended = true
	return verdict, nil
}

// run runs the job: the only one, or in a session that of a call.
func (c *Cell) run(ctx context.Context, job Job, call int) (Verdict, error) {
	if !c.Alive() {
		return Verdict{}, ErrCellLost
	}
	if err := c.applyLimits(job.Limits); err != nil {
		return Verdict{}, fmt.Errorf("set its limits: %w", c.lost(err))
	}
	frames, err := encodeJob(job, protocol.Run{Call: call})
	if err != nil {
		return Verdict{}, err
	}
	if err := c.group.Begin(); err != nil {
		return Verdict{}, fmt.Errorf("begin to count: %w", c.lost(err))
	}

	begin := time.Now()
	watch := startWatch(c, job.Limits)
	defer watch.stop()
	stop := context.AfterFunc(ctx, func() { watch.end(endedByCaller) })
	defer stop()
	full := func() { watch.end(endedByOutput) }
	stdout := c.collect(c.stdout, job.Limits.OutputBytes, full, job.emit(Stdout))
	stderr := c.collect(c.stderr, job.Limits.OutputBytes, full, job.emit(Stderr))
	var said saying
	if _, err = frames.WriteTo(c.channel); err == nil {
		said, err = c.listen(job)
	} else {
		err = errors.Join(ErrCellLost, err)
	}
	result := said.result
	if err != nil && !errors.Is(err, errHungUp) && !errors.Is(err, ErrCellLost) {
		watch.end(endedByProtocol)
	}
	if result == nil {
		watch.waitForEnd() // if it only closed the channel, a limit ends it
	}

	verdict := Verdict{Began: begin, Usage: Usage{Wall: time.Since(begin)}}
	verdict.Stdout, verdict.StdoutTruncated = stdout.finish()
	verdict.Stderr, verdict.StderrTruncated = stderr.finish()
	why := watch.stop()
	if verdict.StdoutTruncated || verdict.StderrTruncated {
		why = max(why, endedByOutput) // found just now, after the result
	}
	if ctx.Err() != nil && why == endedByCaller {
		return Verdict{}, ctx.Err()
	}
	outOfMemory, err2 := c.measure(&verdict.Usage)
	if err2 != nil {
		return Verdict{}, fmt.Errorf("measure: %w", err2)
	}
	if errors.Is(err, ErrCellLost) && why == notEnded && !outOfMemory {
		return Verdict{}, err
	}
	c.judge(&verdict, why, outOfMemory, said, err)
	verdict.Ended = why != notEnded || result == nil
	return verdict, nil
}

// encodeJob is all frames of a job: its files, then run with what the job says.
func encodeJob(job Job, run protocol.Run) (net.Buffers, error) {
	var frames net.Buffers
	for _, file := range job.Files {
		frame, err := protocol.EncodeFile(file, protocol.MaxRunBytes)
		if err != nil {
			return nil, err
		}
		frames = append(frames, frame...)
	}
	run.Script, run.Args, run.Kwargs, run.Stdin, run.Env = job.Script, job.Args, job.Kwargs, job.Stdin, job.Env
	run.ResultBytes = job.Limits.ResultBytes
	if job.LastExpression && run.Call == 0 {
		run.Call = 1 // of a session that has no other
	}
	if len(job.Collect) > 0 {
		run.Collect = &protocol.Collect{Patterns: job.Collect, MaxBytes: job.Limits.FilesBytes, MaxFiles: MaxCollectedFiles, MaxDepth: MaxCollectedDepth}
	}
	frame, err := protocol.EncodeRun(run)
	return append(frames, frame...), err
}

func (j *Job) emit(stream Stream) func([]byte) {
	if j.Output == nil {
		return nil
	}
	return func(data []byte) { j.Output(stream, data) }
}

// lost says of an error before the script's begin that the cell is lost, if
// that is why, or if another one may do better.
func (c *Cell) lost(err error) error {
	if !c.Alive() || passes(err) {
		return fmt.Errorf("%w: %w", ErrCellLost, err)
	}
	return err
}

// passes says that an error is a shortage, such as of descriptors, which is
// neither the script's doing nor a mistake of ours.
func passes(err error) bool {
	return errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE) || errors.Is(err, unix.ENOMEM) || errors.Is(err, unix.ENOSPC)
}

// applyLimits changes what the cell was made with, where this job wants
// something else. It makes nothing: it writes numbers.
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

// saying is what a cell said of its script.
type saying struct {
	result *protocol.Result
	files  []protocol.File
}

// listen reads what a cell may send: the files that were asked for, and one
// RESULT. Every other word from it is an error: hostile, or a bug of ours.
func (c *Cell) listen(job Job) (saying, error) {
	var said saying
	paths := make(map[[sha256.Size]byte]bool) // their sums, since a path may have 4 KiB
	filesLeft, bytesLeft := 0, int64(0)
	if len(job.Collect) > 0 {
		filesLeft, bytesLeft = MaxCollectedFiles, job.Limits.FilesBytes
	}
	for {
		maxResult, maxFile := protocol.MaxHeadBytes+1+job.Limits.ResultBytes, protocol.MaxFileHeadBytes+1+bytesLeft
		kind, payload, err := protocol.ReadFrame(c.channel, int(max(maxResult, maxFile)))
		switch {
		case errors.Is(err, protocol.ErrTooLarge), errors.Is(err, protocol.ErrUnknownType):
			return saying{}, err
		case err != nil:
			return saying{}, errHungUp
		case kind == protocol.TypeResult && int64(len(payload)) <= maxResult:
			result, err := protocol.DecodeResult(payload)
			if err != nil {
				return saying{}, err
			}
			if size := int64(len(result.Value)); result.Status == protocol.StatusOK && size > job.Limits.ResultBytes { // where the head left room in the frame
				return saying{}, fmt.Errorf("a result of %d bytes, at most %d", size, job.Limits.ResultBytes)
			}
			said.result = &result
			return said, nil
		case kind != protocol.TypeFile || int64(len(payload)) > maxFile || filesLeft == 0:
			return saying{}, fmt.Errorf("%s of %d bytes instead of RESULT", kind, len(payload))
		}
		file, err := protocol.DecodeFile(payload)
		if err != nil {
			return saying{}, err
		}
		folded := sha256.Sum256([]byte(protocol.FoldPath(file.Path)))
		if paths[folded] {
			return saying{}, fmt.Errorf("FILE %.100q comes twice, or another that is the same without case", file.Path)
		}
		paths[folded] = true
		filesLeft--
		if bytesLeft -= int64(len(file.Content)); bytesLeft < 0 {
			return saying{}, fmt.Errorf("FILEs of more than %d bytes", job.Limits.FilesBytes)
		}
		if len(payload)-len(file.Content) > largeHead { // else the content would keep it
			file.Content = slices.Clone(file.Content)
		}
		said.files = append(said.files, file)
	}
}

// largeHead is how many bytes of a FILE's head may be held with its content.
const largeHead = 1 << 10

// measure reads what the run used. The cell may be gone; its cgroup is not.
func (c *Cell) measure(usage *Usage) (outOfMemory bool, err error) {
	if usage.CPU, err = c.group.CPUTime(); err != nil {
		return false, err
	}
	if usage.PeakMemoryBytes, err = c.group.PeakMemory(); err != nil {
		return false, err
	}
	return c.group.OutOfMemory()
}

// judge fills in how the run ended. What we saw from outside goes before what
// the cell said; err is what was wrong with that.
func (c *Cell) judge(v *Verdict, why ending, outOfMemory bool, said saying, err error) {
	result := said.result
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
		v.Status, v.Error, v.Limit = result.Status, result.Error, result.Limit
		if v.Status == protocol.StatusOK {
			v.Result = result.Value
		}
		if v.Limit != protocol.LimitFiles {
			v.Files = said.files
			slices.SortStableFunc(v.Files, func(a, b protocol.File) int { return strings.Compare(a.Path, b.Path) })
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
