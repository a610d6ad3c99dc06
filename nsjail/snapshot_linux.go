package nsjail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/snapshot"
	"github.com/hotcell/hotcell/protocol"
)

// Snapshot returns what its snapshot came to, which is nothing if none was taken.
func (j *Jail) Snapshot() snapshot.Result { return j.snapshot }

// snapshotError is why a zygote's memory could not move. Another zygote is needed.
type snapshotError struct{ error }

func (e *snapshotError) Unwrap() error { return e.error }

// whyNoSnapshot returns why a jail of that profile takes no snapshot, or "".
func (h *Host) whyNoSnapshot(p Profile) string {
	switch {
	case !h.snapshot:
		return notAskedFor
	case p.NoSnapshot != "":
		return p.NoSnapshot
	case p.Mode == protocol.ModeExec:
		return "no cell is forked in spawn mode exec"
	}
	return snapshot.WhyNot()
}

// snapshotDeadline leaves time for a zygote without a snapshot. Four cells run the warm-up script in it.
const snapshotDeadline = time.Minute

func (j *Jail) takeSnapshot(ctx context.Context) (snapshot.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotDeadline)
	defer cancel()
	return snapshot.Take(j.zygote.pid, func(look func(int) error) error { return j.tryCell(ctx, look) },
		func(file *snapshot.File) error { return j.zygote.exchangeSnapshot(ctx, file) })
}

// tryCell runs the warm-up script in a cell, and has it looked at.
func (j *Jail) tryCell(ctx context.Context, look func(pid int) error) error {
	cell, err := j.SpawnFor(ctx, nil, false) // the script runs only once
	if err != nil {
		return err
	}
	defer cell.Close()
	verdict, err := cell.Run(ctx, Job{Script: j.profile.Warmup, Limits: j.profile.Limits})
	if err != nil {
		return err
	}
	if verdict.Status != protocol.StatusOK {
		return fmt.Errorf("it ended with status %s: %+v", verdict.Status, verdict.Error)
	}
	if err := look(cell.pid); err != nil {
		return err
	}
	cell.kill()
	<-cell.gone
	exited, ok := cell.exit()
	// The zygote has waited for it, so that the kernel knows, or never will: Linux 6.13 and 6.14 only answer like later ones.
	if told, known := cell.askExit(0); ok && known && told == exited && j.host.takes(ShortcutLoop) {
		j.zygote.cgroups = cell.cgroups
	}
	return nil
}

// exchangeSnapshot sends SNAPSHOT, with the file if there is one, and waits for the answer.
func (z *zygote) exchangeSnapshot(ctx context.Context, file *snapshot.File) error {
	var message protocol.Snapshot
	var fds []int
	if file != nil {
		message, fds = file.Head(), []int{file.Fd()}
		message.Cgroups = z.cgroups
	}
	packet, err := protocol.EncodeMessage(protocol.TypeSnapshot, message, protocol.MaxControlBytes)
	if err != nil {
		return err
	}
	if _, _, err := z.control.WriteMsgUnix(packet, unix.UnixRights(fds...), nil); err != nil {
		return fmt.Errorf("send SNAPSHOT: %w", err)
	}
	select {
	case err := <-z.moved:
		return err
	case <-z.silent:
		select { // it may have said why
		case err := <-z.moved:
			return err
		default:
			return errors.New("waiting for SNAPSHOT: the zygote has ended")
		}
	case <-ctx.Done():
		return fmt.Errorf("waiting for SNAPSHOT: %w", ctx.Err())
	}
}

// answerSnapshot passes on how the zygote answered. An answer that nobody waits for is lost.
func (z *zygote) answerSnapshot(err error) {
	select {
	case z.moved <- err:
	default:
	}
}
