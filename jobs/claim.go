package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// pullTime is how long the engine is asked for a message at a time.
const pullTime = 30 * time.Second

// connected waits until the engine can be asked: a question that is lost may have a
// message as its answer.
func (e *Engine) connected(ctx context.Context) error {
	for !e.conn.IsConnected() {
		select {
		case <-time.After(pause / 10):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// nextOf waits for a message of a work queue.
func (e *Engine) nextOf(ctx context.Context, from jetstream.Consumer) (jetstream.Msg, error) {
	for {
		if err := e.connected(ctx); err != nil {
			return nil, err
		}
		wait, cancel := context.WithTimeout(ctx, pullTime)
		m, err := from.Next(jetstream.FetchContext(wait))
		cancel()
		switch {
		case ctx.Err() != nil:
			if err == nil { // nobody takes it
				_ = m.Nak()
			}
			return nil, context.Cause(ctx)
		case err == nil:
			return m, nil
		case !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, context.DeadlineExceeded):
			return nil, err
		}
	}
}

// Claim implements [Store].
func (e *Engine) Claim(ctx context.Context) (*Run, error) {
	for {
		m, token, err := e.next(ctx)
		if err != nil {
			return nil, err
		}
		run, err := e.look(ctx, m)
		if run != nil {
			return run, nil // which ends its turn
		}
		e.turns.leave(token)
		if err != nil {
			wait := pause
			if ctx.Err() != nil { // others may have it at once
				wait = 0
			}
			_ = m.NakWithDelay(wait)
			time.AfterFunc(wait, func() { e.fresh(token) })
			return nil, err
		}
	}
}

// look looks at a message that was claimed. It returns nil if there is nothing to run: the
// job is over, too old, was begun too often, or runs here.
func (e *Engine) look(ctx context.Context, m *nats.Msg) (*Run, error) {
	about, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	job, err := description(m.Header)
	if err != nil { // not ours: it would come again for ever
		e.cfg.Log.Error("a message of the queue of jobs is not a job", "error", err)
		return nil, errors.Join(m.Term(), e.jobs.DeleteMsg(ctx, about.Sequence.Stream))
	}
	job.sequence = about.Sequence.Stream
	if e.runsHere(job.ID, m) {
		return nil, nil
	}
	changed, stop := e.Watch(job.ID) // before it is looked at: a change after that is seen
	run, err := e.found(ctx, job, m, e.isFirst(about) && m.Header.Get(againHeader) == "")
	if run == nil {
		stop()
		return nil, err
	}
	e.mu.Lock()
	e.runs[job.ID] = run
	if w := e.watchers[job.ID]; e.here != nil && w.known == nil { // nobody else changes it
		known := run.Job
		w.known = &known
	}
	e.mu.Unlock()
	go run.keep(changed, stop)
	return run, nil
}

// runsHere reports whether a job runs here, which then has its new message: it comes again
// if the engine was started again, or if this node was cut off for a while.
func (e *Engine) runsHere(id string, m *nats.Msg) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	run := e.runs[id]
	if run != nil {
		run.msg.Store(m)
	}
	return run != nil
}

// isFirst reports whether nobody can have claimed a job before: the engine in this process
// has handed out its message for the first time, since its consumers were made, and nobody
// has ended a job that came later. Then the job has no mark, and no end unless it has a key.
func (e *Engine) isFirst(about *nats.MsgMetadata) bool {
	return e.here != nil && about.NumDelivered == 1 && about.Sequence.Stream > e.since.Load()
}

// found returns the run of a job that is there to be run. first is as isFirst says.
func (e *Engine) found(ctx context.Context, job Job, m *nats.Msg, first bool) (*Run, error) {
	if !first || job.Hash != nil { // a job of the same key may have ended just before this one was stored
		ended, err := e.storedEnd(ctx, job.Owner, job.ID)
		if err == nil {
			return nil, e.settle(ctx, ended, job)
		}
		if !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	if !first {
		mark, err := e.mark(ctx, job)
		if err != nil {
			return nil, err
		}
		mark.of(&job)
	}
	if job.Attempts >= e.cfg.MaxAttempts {
		job.Status = Lost
		return nil, e.endHere(ctx, job, fmt.Sprintf("the job was begun %d times, and each time the server died or could not store its answer", job.Attempts))
	}
	if job.Attempts == 0 && time.Now().After(job.Expires) {
		job.Status = Expired
		return nil, e.endHere(ctx, job, ErrLate.Error())
	}
	run := &Run{Job: job, engine: e, first: first, over: make(chan struct{})}
	run.msg.Store(m)
	return run, nil
}
