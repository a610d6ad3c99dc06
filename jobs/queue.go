package jobs

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Queue has what others are to be told of jobs that ended. It is on disk, too.
type Queue struct{ engine *Engine }

// Told implements [Store].
func (e *Engine) Told() *Queue { return &Queue{e} }

// Delivery is one piece of work of a queue.
type Delivery struct {
	Job   Job
	State json.RawMessage // what the last [Delivery.Again] was given; nil: it is new
	Next  time.Time       // when it is due

	msg   jetstream.Msg
	queue *Queue
}

// kept is the message of a delivery.
type kept struct {
	Job   Job             `json:"job"`
	State json.RawMessage `json:"state,omitempty"`
	Next  time.Time       `json:"next,omitzero"`
}

// put adds the end of a job, unless it is there.
func (q *Queue) put(ctx context.Context, job Job) error {
	text, err := json.Marshal(kept{Job: job})
	if err != nil {
		return err
	}
	m := nats.NewMsg(hooksSubject + job.ID)
	m.Data = text
	if _, err = q.engine.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(0)); wasThere(err) {
		return nil
	}
	return refused(err)
}

// Claim waits for a delivery that is due. The caller calls [Delivery.Done] or
// [Delivery.Again] within half a minute, or another claims it.
func (q *Queue) Claim(ctx context.Context) (*Delivery, error) {
	for {
		m, err := q.engine.nextOf(ctx, q.engine.tellers)
		if err != nil {
			return nil, err
		}
		var k kept
		if err := json.Unmarshal(m.Data(), &k); err != nil {
			q.engine.cfg.Log.Error("a message of the queue of webhooks cannot be read", "error", err)
			_ = m.Term()
			continue
		}
		if pause := time.Until(k.Next); pause > 0 {
			_ = m.NakWithDelay(pause)
			continue
		}
		return &Delivery{Job: k.Job, State: k.State, Next: k.Next, msg: m, queue: q}, nil
	}
}

// Done removes the delivery.
func (d *Delivery) Done(ctx context.Context) error { return d.msg.DoubleAck(ctx) }

// Later gives the delivery back as it was, to be claimed again after a pause.
func (d *Delivery) Later(pause time.Duration) error { return d.msg.NakWithDelay(pause) }

// Again keeps the delivery with a new state until it is due. That survives a restart.
func (d *Delivery) Again(ctx context.Context, due time.Time, state json.RawMessage) error {
	text, err := json.Marshal(kept{Job: d.Job, State: state, Next: due})
	if err != nil {
		return err
	}
	_, err = d.queue.engine.js.Publish(ctx, d.msg.Subject(), text) // in place of the old message
	return refused(err)
}
