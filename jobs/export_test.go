package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const HeldSubject = heldSubject

// SetMostForgotten has the engine look after so many forgotten jobs at a time.
func SetMostForgotten(e *Engine, most int) { e.mostForgotten = most }

// MarkAs marks a run as a node does that began it, and answers those who ask for it or not.
func MarkAs(ctx context.Context, e *Engine, r *Run, began time.Time, answers bool) error {
	text, err := json.Marshal(mark{"older", began, 1, answers})
	if err == nil {
		_, err = e.js.Publish(ctx, marksSubject+of(r.Job), text)
	}
	return err
}

// SpoilMark makes the mark of a run unreadable.
func SpoilMark(ctx context.Context, e *Engine, r *Run) error {
	_, err := e.js.Publish(ctx, marksSubject+of(r.Job), []byte("{"))
	return err
}

// SetTTL has the engine keep the answers that come for so long.
func SetTTL(e *Engine, ttl time.Duration) { e.cfg.TTL = ttl }

// LookAgain has the engine look at what is in use before it takes the next job.
func LookAgain(e *Engine) {
	e.mu.Lock()
	e.looked = time.Time{}
	e.mu.Unlock()
	e.shares.mu.Lock()
	e.shares.counted = time.Time{}
	e.shares.mu.Unlock()
}

// Forget has the engine take the message of a run for acknowledged, which stays.
func Forget(ctx context.Context, e *Engine, r *Run) error {
	_, err := e.conn.RequestWithContext(ctx, r.msg.Load().Reply, []byte("+ACK"))
	return err
}

// EndUntold stores the end of a job as [Engine.Cancel] does, and tells nobody: as if the
// engine's acknowledgement were lost.
func EndUntold(ctx context.Context, e *Engine, job Job) error {
	job.Status = Cancelled
	_, _, err := e.endUnclaimed(ctx, job)
	return err
}

// SubmitLate stores a job as [Engine.Submit] does that has looked before the job of the same
// key was made, and is done when that has ended.
func SubmitLate(ctx context.Context, e *Engine, job Job, input []byte) error {
	e.fresh(token(job.Owner))
	job.Status = Queued
	m, err := message(jobsSubject+of(job), job, input)
	if err == nil {
		_, err = e.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0))
	}
	return err
}
