package nsjail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/undo"
	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/kernfs"
	"github.com/hotcell/hotcell/nsjail/output"
	"github.com/hotcell/hotcell/nsjail/wire"
	"github.com/hotcell/hotcell/protocol"
)

// Spawn makes one cell. When it returns, the cell is isolated and has rehearsed. The
// caller closes it. An error names the step that failed.
func (j *Jail) Spawn(ctx context.Context) (*Cell, error) { return j.SpawnFor(ctx, nil, true) }

// SpawnFor is like Spawn. The channel awaited is closed when a request waits for the
// cell: from then on the cell gets as much of the processors as one that runs a
// script. If it is closed at the start, or rehearse is not set, the cell does not
// rehearse: it is ready sooner and runs slower, which together is faster.
func (j *Jail) SpawnFor(ctx context.Context, awaited <-chan struct{}, rehearse bool) (*Cell, error) {
	deadline := forkDeadline
	if j.profile.Mode == protocol.ModeExec {
		deadline = execDeadline
	}
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	cell, err := j.spawn(ctx, awaited, rehearse)
	if err != nil {
		return nil, fmt.Errorf("nsjail: spawn a cell of %q: %w", j.profile.Name, err)
	}
	return cell, nil
}

func (j *Jail) spawn(ctx context.Context, awaited <-chan struct{}, rehearse bool) (*Cell, error) {
	select {
	case <-j.done:
		return nil, errJailClosed
	default:
	}
	cell := &Cell{
		id: j.host.cells.Add(1), generation: j.generation, host: j.host, zygote: j.zygote, limits: j.profile.Limits, told: j.profile.Limits.MemoryBytes,
		weight: cgroup.WeightFull, steps: make(map[string]time.Duration), gone: make(chan struct{}), exited: make(chan protocol.Exited, 1),
	}
	var back undo.Stack
	defer back.Run()
	begin := time.Now()

	if cell.zygote == nil { // spawn mode exec
		zygote, err := j.startZygote(ctx)
		if err != nil {
			return nil, err
		}
		_ = zygote.terminals.Close() // the jail keeps those of its first zygote
		cell.zygote, cell.ownZygote = zygote, true
		back.Add(zygote.kill)
	}
	var err error
	if cell.uid, err = j.host.uids.Take(); err != nil {
		return nil, err
	}
	back.Add(func() { _ = cell.remove() }) // it is tried again
	far, err := cell.openChannel(&back)
	if err != nil {
		return nil, err
	}
	back.Add(func() { cell.zygote.forget(cell.id) })
	answerCtx := ctx
	if !cell.ownZygote {
		var stop context.CancelFunc
		answerCtx, stop = context.WithTimeoutCause(ctx, answerDeadline, ErrHung)
		defer stop()
	}
	pidfd, err := cell.zygote.spawn(answerCtx, protocol.Spawn{
		Cell: cell.id, UID: cell.uid, DiskBytes: cell.limits.DiskBytes, MemoryBytes: cell.limits.MemoryBytes, Files: CellFiles, Tasks: j.cellTasks(), Rehearse: rehearse && !isClosed(awaited),
	}, cell, []int{far})
	wire.CloseAll([]int{far})
	if err != nil {
		return nil, err
	}
	cell.steps["fork"] = time.Since(begin)
	if err := cell.adopt(pidfd, &back); err != nil {
		return nil, err
	}

	weight := cgroup.WeightLow
	if isClosed(awaited) {
		weight = cgroup.WeightFull
	}
	if cell.group, err = j.host.cgroup.Make(fmt.Sprintf("cell-%d", cell.id), weight); err != nil {
		return nil, fmt.Errorf("make its cgroup: %w", err)
	}
	if err := cell.group.Limit(cell.limits.MemoryBytes, cell.limits.Processes); err != nil {
		return nil, fmt.Errorf("limit its cgroup: %w", err)
	}
	if j.unlimited == nil {
		if err := cell.group.LimitReads(j.reads); err != nil {
			return nil, fmt.Errorf("limit its cgroup: %w", err)
		}
	}
	made := make(chan struct{})
	hastened := make(chan error, 1)
	go func() { hastened <- cell.hasten(awaited, made) }()
	err = cell.goOn(ctx, &back)
	close(made)
	if err = errors.Join(err, <-hastened); err != nil {
		return nil, err
	}
	if err := cell.group.Holds(cell.pid); err != nil {
		return nil, fmt.Errorf("enter its cgroup: %w", err)
	}
	back.Keep()
	return cell, nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// hasten gives the cell its full weight as soon as a request waits for it or it is ready:
// then, and not between a request and its script.
func (c *Cell) hasten(awaited, made <-chan struct{}) error {
	select {
	case <-awaited:
	case <-made:
	}
	return c.group.Weigh(cgroup.WeightFull)
}

// openChannel makes the stream for frames. It returns the cell's end, which the caller
// closes.
func (c *Cell) openChannel(back *undo.Stack) (far int, err error) {
	if c.channel, far, err = wire.Pair(unix.SOCK_STREAM); err == nil {
		back.Add(func() { _ = c.channel.Close() })
	}
	return far, err
}

// take takes over what came with READY: the descriptor of the disk, and the read ends
// of the pipes for output, which have names on that disk, and perhaps a log. The cell has opened them, so
// that hotcell opens no path of a cell's.
func (c *Cell) take(fds []int, back *undo.Stack) error {
	var files [4]*os.File
	for i, fd := range fds {
		if i == 1 || i == 2 {
			if err := receivesPipe(fd); err != nil {
				wire.CloseAll(fds[i:])
				return err
			}
		}
		file := os.NewFile(uintptr(fd), []string{"disk", "stdout", "stderr", "log"}[i])
		files[i] = file
		back.Add(func() { _ = file.Close() })
	}
	c.disk, c.stdout, c.stderr = files[0], files[1], files[2]
	var err error
	if files[3] != nil {
		c.log, err = output.NewLog(files[3])
	}
	return err
}

// receivesPipe checks that a descriptor is the end of a pipe, and makes reading from it
// not wait.
func receivesPipe(fd int) error {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return fmt.Errorf("a pipe of READY: %w", err)
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFIFO {
		return fmt.Errorf("READY came with a file of mode %#o instead of a pipe", stat.Mode)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return fmt.Errorf("a pipe of READY: %w", err)
	}
	return nil
}

// adopt takes over the cell's pidfd and watches it.
func (c *Cell) adopt(pidfd int, back *undo.Stack) error {
	if err := unix.SetNonblock(pidfd, true); err != nil {
		_ = unix.Close(pidfd)
		return fmt.Errorf("pidfd: %w", err)
	}
	c.pidfd = os.NewFile(uintptr(pidfd), "pidfd")
	pid, err := kernfs.PIDOf(pidfd)
	if err != nil {
		_ = c.pidfd.Close()
		return err
	}
	c.pid = pid
	kernfs.Offer(pid, kernfs.KilledFirst)
	c.alive.Store(true)
	go c.watchPidfd()
	back.Add(func() {
		c.kill()
		<-c.gone
		_ = c.pidfd.Close()
	})
	return nil
}

// goOn sends GO, with the files by which the cell enters its cgroup, and waits for READY.
func (c *Cell) goOn(ctx context.Context, back *undo.Stack) error {
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	fail := func(err error) error {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("waiting for READY: %w", err)
	}
	frame, err := protocol.AppendFrame(nil, protocol.TypeGo, nil, 0)
	if err != nil {
		return err
	}
	fds, done, err := c.group.Join(!c.ownZygote)
	if err != nil {
		return fmt.Errorf("enter its cgroup: %w", err)
	}
	_, _, err = c.channel.WriteMsgUnix(frame, unix.UnixRights(fds...), nil)
	c.cgroups = len(fds)
	done()
	if err != nil {
		return fail(err)
	}
	kind, payload, fds, err := wire.ReadFrame(c.channel)
	if err != nil {
		return fail(err)
	}
	if kind == protocol.TypeFailed {
		wire.CloseAll(fds)
		return wire.Failure(payload)
	}
	var ready protocol.Ready
	if kind != protocol.TypeReady || len(fds) != 3 && len(fds) != 4 {
		wire.CloseAll(fds)
		return fmt.Errorf("%s with %d descriptors instead of READY with three or four", kind, len(fds))
	}
	if err := c.take(fds, back); err != nil {
		return err
	}
	if err := protocol.DecodeMessage(kind, payload, &ready); err != nil {
		return err
	}
	for step, microseconds := range ready.StepsUS {
		switch step {
		case "wait for GO": // this is the supervisor's time
			continue
		case "cgroup", "rehearse":
		default:
			step = "isolate"
		}
		c.steps[step] += time.Duration(microseconds) * time.Microsecond
	}
	return nil
}
