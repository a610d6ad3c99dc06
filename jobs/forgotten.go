package jobs

import (
	"context"
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

// sweepTime is how often nodes look for jobs that the engine has forgotten, and how old such a
// job is at least.
func (e *Engine) sweepTime() time.Duration { return 2 * e.cfg.AckWait }

// sweep queues jobs again that no consumer hands out any more: the engine takes all messages up
// to an owner's acknowledgment floor for acknowledged, and a job that is not over has its
// message. Versions of the engine have had such faults, and there the job would wait for ever.
func (e *Engine) sweep(ctx context.Context, owners map[string]*jetstream.ConsumerInfo) error {
	info, err := e.jobs.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return err
	}
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
			go func() { // it takes long to know that a node is dead
				if err := e.requeue(context.WithoutCancel(ctx), token, m); err != nil && !e.conn.IsClosed() {
					e.cfg.Log.Warn("a job that the engine has forgotten waits", "job", idOf(m), "error", err)
				}
			}()
		}
	}
	return nil
}

// idOf returns the id of a job's message.
func idOf(m *jetstream.RawStreamMsg) string { return m.Subject[len(m.Subject)-idSize:] }

// requeue queues a job of an owner again whose message is acknowledged, unless it is claimed.
func (e *Engine) requeue(ctx context.Context, token string, m *jetstream.RawStreamMsg) error {
	if held, err := e.held(ctx, idOf(m)); held || err != nil {
		return err
	}
	again := nats.NewMsg(m.Subject)
	again.Header.Set(header, m.Header.Get(header))
	again.Header.Set(againHeader, "yes")
	again.Data = m.Data
	_, err := e.js.PublishMsg(ctx, again, jetstream.WithExpectLastSequencePerSubject(m.Sequence)) // in place of the old message
	if wasThere(err) {                                                                            // another node was faster, or the job is over
		return nil
	}
	if err != nil {
		return refused(err)
	}
	e.cfg.Log.Warn("a job that the engine had forgotten is queued again", "job", idOf(m))
	e.fresh(token)
	return nil
}

// has reports whether a job is claimed here.
func (e *Engine) has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs[id] != nil
}

// held reports whether a node has claimed a job. It may be silent to those who ask for as long
// as to the engine. The job's mark does not tell: it stays when its node dies.
func (e *Engine) held(ctx context.Context, id string) (bool, error) {
	if here := e.has(id); here || e.here != nil { // no other node can have it
		return here, nil
	}
	const times = 3 // as often as the node tells the engine
	for range times {
		ask, cancel := context.WithTimeout(ctx, e.cfg.AckWait/times)
		_, err := e.conn.RequestWithContext(ask, heldSubject+id, nil)
		cancel()
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return false, fmt.Errorf("ask who has the job: %w", err)
		}
	}
	return false, nil
}

// answerHeld answers [Engine.held] of other nodes.
func (e *Engine) answerHeld(m *nats.Msg) {
	if e.has(m.Subject[len(heldSubject):]) {
		_ = m.Respond(nil) // if it is lost, they ask again
	}
}
