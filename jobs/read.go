package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs/objects"
)

// Get implements [Store].
func (e *Engine) Get(ctx context.Context, owner, id string) (Job, error) {
	if !saneID.MatchString(id) {
		return Job{}, ErrNotFound
	}
	// A job has its end before its message goes: so if it has neither, it may just have
	// ended.
	for range 2 {
		if ended, err := e.ended(ctx, owner, id); !errors.Is(err, ErrNotFound) {
			return ended, err
		}
		job, err := e.waiting(ctx, owner, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err == nil && job.Status == Queued && time.Now().After(job.Expires) {
			return e.expire(ctx, job)
		}
		return job, err
	}
	return Job{}, ErrNotFound
}

// ended returns a job that is over.
func (e *Engine) ended(ctx context.Context, owner, id string) (Job, error) {
	if job, ok := e.known(owner, id); ok {
		if !job.Status.Over() {
			return Job{}, ErrNotFound
		}
		return job, nil
	}
	return e.storedEnd(ctx, owner, id)
}

// storedEnd returns a job that is over as the engine has it.
func (e *Engine) storedEnd(ctx context.Context, owner, id string) (Job, error) {
	m, err := last(ctx, e.ends, endsSubject+token(owner)+"."+id)
	if err != nil {
		return Job{}, err
	}
	job, err := description(m.Header)
	job.inline = m.Data
	return job, err
}

// waiting returns a job that is not over.
func (e *Engine) waiting(ctx context.Context, owner, id string) (Job, error) {
	if job, ok := e.known(owner, id); ok {
		return job, nil
	}
	m, err := last(ctx, e.jobs, jobsSubject+token(owner)+"."+id)
	if err != nil {
		return Job{}, err
	}
	job, err := description(m.Header)
	if err != nil {
		return Job{}, err
	}
	job.sequence = m.Sequence
	mark, err := e.mark(ctx, job)
	if err == nil {
		mark.of(&job)
	}
	return job, err
}

// mark says who began a job, and how often.
type mark struct {
	Node     string    `json:"node"`
	Began    time.Time `json:"began,omitzero"` // zero: it was given back
	Attempts int       `json:"attempts"`
	Answers  bool      `json:"answers"` // to those who ask which node has the job, as nodes of earlier versions do not
}

// of tells a job what its mark says.
func (m mark) of(job *Job) {
	job.Attempts = m.Attempts
	if !m.Began.IsZero() {
		job.Status, job.Node, job.Began = Running, m.Node, m.Began
	}
}

// mark returns a job's mark, which is empty if it was never begun.
func (e *Engine) mark(ctx context.Context, job Job) (mark, error) { return e.markOf(ctx, of(job)) }

func (e *Engine) markOf(ctx context.Context, subject string) (found mark, err error) {
	m, err := last(ctx, e.marks, marksSubject+subject)
	if errors.Is(err, ErrNotFound) {
		return mark{}, nil
	}
	if err == nil && json.Unmarshal(m.Data, &found) != nil {
		err = fmt.Errorf("the mark of job %s cannot be read", subject)
	}
	return found, err
}

// last returns the message of a subject, of which there is one at most.
func last(ctx context.Context, stream jetstream.Stream, subject string) (*jetstream.RawStreamMsg, error) {
	m, err := stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, ErrNotFound
	}
	return m, err
}

// Answer implements [Store].
func (e *Engine) Answer(ctx context.Context, job Job) (io.ReadCloser, int64, error) {
	return objects.Open(ctx, e.answers, job.inline, job.object)
}

// Counts implements [Store].
func (e *Engine) Counts(ctx context.Context) (Counts, error) {
	owners, err := e.consumers(ctx)
	if err != nil {
		return Counts{}, err
	}
	jobs, err := e.jobs.Info(ctx)
	if err != nil {
		return Counts{}, err
	}
	hooks, err := e.hooks.Info(ctx)
	if err != nil {
		return Counts{}, err
	}
	account, err := e.js.AccountInfo(ctx)
	if err != nil {
		return Counts{}, err
	}
	c := Counts{Bytes: int64(account.Store), Untold: int(hooks.State.Msgs)} // #nosec G115 -- they fit
	for _, info := range owners {
		c.Claimed += info.NumAckPending
	}
	c.Claimed = min(c.Claimed, int(jobs.State.Msgs))  // #nosec G115 -- some may just have been removed
	c.Queued = max(0, int(jobs.State.Msgs)-c.Claimed) // #nosec G115 -- it fits
	if jobs.State.Msgs > 0 {
		c.Oldest = time.Since(jobs.State.FirstTime)
	}
	return c, nil
}
