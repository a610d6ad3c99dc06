package jobs

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// againHeader marks the message of a job that was queued again: it may have been claimed.
const againHeader = "Hotcell-Again"

// heldSubject is followed by a job's id: the node that has claimed the job answers. It is not
// stored.
const heldSubject = "hotcell.held."

// self stands for a job that this process has, when all nodes are asked.
var self = rand.Text()

// olderTime is how long a job is left to a node of an earlier version, which does not answer:
// whether it is dead cannot be known.
const olderTime = time.Hour

// mostForgotten is how many forgotten jobs are looked after at a time.
const mostForgotten = 1000

// sweepTime is how often nodes look for jobs that the engine has forgotten, and how old such a
// job is at least.
func (e *Engine) sweepTime() time.Duration { return 2 * e.cfg.AckWait }

// forgotten is a job that no consumer hands out.
type forgotten struct {
	token, id string
	sequence  uint64
}

// sweep queues jobs again that no consumer hands out any more: the engine takes all messages up
// to an owner's acknowledgment floor for acknowledged, and a job that is not over has its
// message. Versions of the engine have had such faults. An error with one job keeps no other waiting.
func (e *Engine) sweep(ctx context.Context, owners map[string]*jetstream.ConsumerInfo) error {
	info, err := e.jobs.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return err
	}
	var found []forgotten
	for token, consumer := range owners {
		floor := consumer.AckFloor.Stream
		for next := max(1, info.State.FirstSeq); next <= floor; next++ {
			m, err := e.jobs.GetMsg(ctx, next, jetstream.WithGetMsgSubject(jobsSubject+token+".*"))
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				break
			}
			if err != nil {
				return err
			}
			next = m.Sequence
			if next > floor || time.Since(m.Time) < e.sweepTime() {
				break
			}
			found = append(found, forgotten{token, m.Subject[len(m.Subject)-idSize:], next})
			if len(found) == e.mostForgotten {
				if err := e.requeueAll(ctx, found); err != nil {
					return err
				}
				found = nil
			}
		}
	}
	return e.requeueAll(ctx, found)
}

// requeueAll queues those of some jobs again that no node has claimed. It returns the first error.
func (e *Engine) requeueAll(ctx context.Context, found []forgotten) error {
	held, err := e.held(ctx, found) // of all, or of none
	for _, job := range found {
		if is, known := held[job.id]; known && !is && !errors.Is(err, context.DeadlineExceeded) { // nor will it answer about the next one
			err = cmp.Or(err, e.requeue(ctx, job))
		}
	}
	return err
}

// requeue queues a job again whose message is acknowledged, and which no node says to have.
func (e *Engine) requeue(ctx context.Context, job forgotten) error {
	subject := job.token + "." + job.id
	begun, err := e.markOf(ctx, subject)
	if err != nil || !begun.Began.IsZero() && !begun.Answers && time.Since(begun.Began) < olderTime {
		return err
	}
	m, err := e.jobs.GetMsg(ctx, job.sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) { // it is over
		return nil
	}
	if err != nil {
		return err
	}
	again := nats.NewMsg(m.Subject)
	again.Header.Set(header, m.Header.Get(header))
	again.Header.Set(againHeader, "yes")
	again.Data = m.Data
	_, err = e.js.PublishMsg(ctx, again, jetstream.WithExpectLastSequencePerSubject(job.sequence)) // in place of the old message
	if wasThere(err) {                                                                             // another node was faster, or the job is over
		return nil
	}
	if err != nil {
		return refused(err)
	}
	e.cfg.Log.Warn("a job that the engine had forgotten is queued again", "job", job.id)
	e.fresh(job.token)
	return nil
}

// has reports whether a job is claimed here.
func (e *Engine) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs[id] != nil
}

// held returns those of some jobs that a node has claimed. It may be silent to those who ask
// for as long as to the engine. The job's mark does not tell: it stays when its node dies.
func (e *Engine) held(ctx context.Context, jobs []forgotten) (held map[string]bool, err error) {
	held = make(map[string]bool)
	for _, job := range jobs {
		held[job.id] = e.has(job.id)
	}
	if len(jobs) == 0 || e.here != nil { // no other node can have them
		return held, nil
	}
	inbox := e.conn.NewInbox()
	answers, err := e.conn.SubscribeSync(inbox + ".*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = answers.Unsubscribe() }()
	const times = 3 // as often as a node tells the engine
	for range times {
		held[self] = false
		silent := 0
		for id, is := range held {
			if is {
				continue
			}
			silent++
			if err := e.conn.PublishRequest(heldSubject+id, inbox+"."+id, nil); err != nil {
				return nil, err
			}
		}
		wait, cancel := context.WithTimeout(ctx, e.cfg.AckWait/times)
		for silent > 0 {
			m, err := answers.NextMsgWithContext(wait)
			if err != nil {
				break
			}
			if id := m.Subject[len(inbox)+1:]; !held[id] && m.Header.Get("Status") == "" {
				held[id] = true
				silent--
			}
		}
		cancel()
		if !held[self] { // others may not have been asked
			return nil, errors.Join(fmt.Errorf("what nodes ask each other (%s*) does not come back", heldSubject), e.conn.LastError())
		}
	}
	return held, nil
}

// answerHeld answers [Engine.held] of a node.
func (e *Engine) answerHeld(id string, m *nats.Msg) {
	if e.has(id) || id == self {
		_ = m.Respond(nil) // if it is lost, they ask again
	}
}
