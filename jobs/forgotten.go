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

// sweepTime is how often nodes look for jobs that the engine has forgotten, and how old such a
// job is at least.
func (e *Engine) sweepTime() time.Duration { return 2 * e.cfg.AckWait }

// sweep queues jobs again that no consumer hands out any more: the engine takes all messages up
// to an owner's acknowledgment floor for acknowledged, and a job that is not over has its
// message. Versions of the engine have had such faults, and there the job would wait for ever.
func (e *Engine) sweep(ctx context.Context, owners map[string]*jetstream.ConsumerInfo) error {
	info, err := e.jobs.Info(ctx)
	if err != nil {
		return err
	}
	for token, consumer := range owners {
		for info.State.Msgs > 0 && info.State.FirstSeq <= consumer.AckFloor.Stream {
			if found, err := e.requeue(ctx, token, consumer.AckFloor.Stream); err != nil {
				return fmt.Errorf("queue a forgotten job again: %w", err)
			} else if !found {
				break
			}
		}
	}
	return nil
}

// requeue queues an owner's first job again if its message is acknowledged, and reports whether
// it was.
func (e *Engine) requeue(ctx context.Context, token string, floor uint64) (found bool, err error) {
	m, err := e.jobs.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(jobsSubject+token+".*"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	if err != nil || m.Sequence > floor || time.Since(m.Time) < e.sweepTime() {
		return false, err
	}
	again := nats.NewMsg(m.Subject)
	again.Header.Set(header, m.Header.Get(header))
	again.Header.Set(againHeader, "yes")
	again.Data = m.Data
	_, err = e.js.PublishMsg(ctx, again, jetstream.WithExpectLastSequencePerSubject(m.Sequence)) // in place of the old message
	if wasThere(err) {                                                                           // another node was faster, or the job is over
		return false, nil
	}
	if err != nil {
		return false, refused(err)
	}
	e.cfg.Log.Warn("a job that the engine had forgotten is queued again", "job", m.Subject[len(m.Subject)-idSize:])
	e.fresh(token)
	return true, nil
}
