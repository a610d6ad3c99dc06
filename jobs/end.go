package jobs

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs/objects"
)

// end stores how a job ended, unless it has ended before: the first end counts. It
// returns the one that does.
func (e *Engine) end(ctx context.Context, job Job, answer []byte) (ended Job, first bool, err error) {
	job.Ended = time.Now()
	inline, object, err := objects.Put(ctx, e.answers, job.ID, answer)
	if err != nil {
		return Job{}, false, refused(err)
	}
	job.object, job.inline, job.outside = object, inline, objects.Size(object, answer)
	m, err := message(endsSubject+of(job), job, inline)
	if err != nil {
		return Job{}, false, err
	}
	_, err = e.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0), jetstream.WithMsgTTL(e.cfg.TTL))
	switch {
	case err == nil:
		return job, true, nil
	case wasThere(err):
		objects.Drop(ctx, e.answers, object)
		ended, err = e.storedEnd(ctx, job.Owner, job.ID) // whoever has stored it may not have told yet
		return ended, false, err
	}
	objects.DropRefused(ctx, e.answers, object, err)
	return Job{}, false, refused(err)
}

// settle does what follows an end: those who asked for it are told, the job's key is kept, and
// its message and input go. It may be done twice.
func (e *Engine) settle(ctx context.Context, ended, waited Job) error {
	e.tell(ended)
	runtime.Gosched() // those who wait go first: what follows keeps a processor busy
	if ended.Webhook != nil {
		if err := e.Told().put(ctx, ended); err != nil {
			return err // the message comes again, and then this is tried again
		}
	}
	kept := e.keepKey(ctx, ended) // until now, the job itself tells that its key was used
	if kept != nil && !errors.Is(kept, ErrFull) {
		return kept
	}
	if err := e.removeMessage(ctx, waited); err != nil {
		return err
	}
	objects.Drop(ctx, e.inputs, waited.object)
	if waited.Attempts > 0 || ended.Attempts > 0 {
		e.removeMark(ctx, waited)
	}
	if kept != nil { // there may be room now; if not, the key is known as long as the answer
		_ = e.keepKey(ctx, ended)
	}
	return nil
}

// keepKey writes that the idempotency key of a job was used, if it had one.
func (e *Engine) keepKey(ctx context.Context, job Job) error {
	if job.Hash == nil {
		return nil
	}
	_, err := e.seen.Put(ctx, job.ID, job.Hash)
	return refused(err)
}

// removeMark removes the mark of a job. If that fails, its age removes it.
func (e *Engine) removeMark(ctx context.Context, job Job) {
	if job.marking != nil && job.marking.wait(ctx) == nil && e.marks.DeleteMsg(ctx, job.marking.sequence) == nil {
		return
	}
	_ = e.marks.Purge(ctx, jetstream.WithPurgeSubject(marksSubject+of(job)))
}

// removeMessage removes a job's message, which thereby is acknowledged, too. It is not purged
// by its subject: with that, the engine takes earlier messages of the owner that are claimed
// to be acknowledged, and one that is given back, or whose node died, never comes again.
func (e *Engine) removeMessage(ctx context.Context, job Job) error {
	err := e.jobs.DeleteMsg(ctx, job.sequence)
	if err == nil {
		return nil
	}
	if m, missed := last(ctx, e.jobs, jobsSubject+of(job)); errors.Is(missed, ErrNotFound) || missed == nil && m.Sequence != job.sequence {
		return nil
	}
	return err
}

// endUnclaimed is end for a job that another may claim at the same time, who then looks
// for its end.
func (e *Engine) endUnclaimed(ctx context.Context, job Job) (ended Job, first bool, err error) {
	e.claimedUpTo(job.sequence)
	return e.end(ctx, job, nil)
}

// endHere ends a job that is not run.
func (e *Engine) endHere(ctx context.Context, job Job, why string) error {
	job.Reason = why
	ended, _, err := e.endUnclaimed(ctx, job)
	if err != nil {
		return err
	}
	return e.settle(ctx, ended, job)
}

// expire ends a job that was not begun in time, if nobody has claimed it meanwhile.
func (e *Engine) expire(ctx context.Context, job Job) (Job, error) {
	job.Status = Expired
	if err := e.endHere(ctx, job, ErrLate.Error()); err != nil {
		return Job{}, err
	}
	return e.ended(ctx, job.Owner, job.ID)
}

// Cancel implements [Store].
func (e *Engine) Cancel(ctx context.Context, owner, id, why string) (Job, error) {
	job, err := e.Get(ctx, owner, id)
	if err != nil {
		return Job{}, err
	}
	if job.Status.Over() {
		return job, ErrOver
	}
	waited := job
	job.Status, job.Reason = Cancelled, why
	ended, first, err := e.endUnclaimed(ctx, job)
	if err != nil {
		return Job{}, err
	}
	if !first {
		return ended, ErrOver
	}
	return ended, e.settle(ctx, ended, waited)
}
