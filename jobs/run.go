package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Run is a job that was claimed.
type Run struct {
	Job

	engine *Engine
	msg    atomic.Pointer[nats.Msg] // the last one that came
	over   chan struct{}            // closed when the job is over, or is no longer ours
	once   sync.Once
}

// keep keeps the run alive until it is over, which it may be when it was claimed.
func (r *Run) keep(changed <-chan struct{}, stop func()) {
	defer stop()
	beat := time.NewTicker(r.engine.cfg.AckWait / 3)
	defer beat.Stop()
	for ended := r.engine.storedEnd; ; {
		ctx, cancel := context.WithTimeout(context.Background(), r.engine.cfg.AckWait/3)
		if job, err := ended(ctx, r.Owner, r.ID); err == nil {
			r.engine.tellHere(job)
			r.stop()
		}
		cancel()
		select {
		case <-r.over:
			return
		case <-beat.C:
			_ = r.msg.Load().InProgress() // if it is lost, the next may arrive; if not, another node runs the job, too
			ended = r.engine.storedEnd    // whoever stored it may not have learned that it was stored
		case <-changed:
			ended = r.engine.ended
		}
	}
}

func (r *Run) stop() {
	r.once.Do(func() {
		close(r.over)
		r.engine.mu.Lock()
		delete(r.engine.runs, r.ID)
		r.engine.mu.Unlock()
		r.engine.turns.leave(token(r.Owner))
	})
}

// Over is closed when the job is over: when somebody has cancelled it, for example.
func (r *Run) Over() <-chan struct{} { return r.over }

// Input returns the job's input. The error may be [ErrNoInput]: then nobody can run it.
func (r *Run) Input(ctx context.Context) ([]byte, error) {
	if r.object == "" {
		return r.msg.Load().Data, nil
	}
	input, _, err := open(ctx, r.engine.inputs, nil, r.object)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil, ErrNoInput
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }()
	return io.ReadAll(input)
}

// Begin writes that the job is begun, and returns when that is on disk: whatever the job
// does to this process then, it counts. The error is [ErrLate] if it is too late.
func (r *Run) Begin(ctx context.Context) error {
	if r.Attempts == 0 && time.Now().After(r.Expires) {
		return ErrLate
	}
	r.Attempts, r.Began, r.Node, r.Status = r.Attempts+1, time.Now(), r.engine.cfg.Node, Running
	if err := r.write(ctx); err != nil {
		return err
	}
	r.engine.tell(r.Job)
	return nil
}

func (r *Run) write(ctx context.Context) error {
	text, err := json.Marshal(mark{r.Node, r.Began, r.Attempts})
	if err != nil {
		return err
	}
	ack, err := r.engine.js.Publish(ctx, marksSubject+of(r.Job), text)
	if err == nil {
		r.marked = ack.Sequence
	}
	return err
}

// giveBackTime is how long giving a job back may take: otherwise others get it when this node
// has been silent for long enough.
const giveBackTime = 3 * time.Second

// GiveBack gives the job to another, or to this node later: an attempt that was begun
// does not count, unless its answer could not be stored.
func (r *Run) GiveBack(ctx context.Context) error {
	r.stop()
	ctx, cancel := context.WithTimeout(ctx, giveBackTime)
	defer cancel()
	if r.Status == Running {
		r.Attempts, r.Began = max(0, r.Attempts-1), time.Time{}
		if err := r.write(ctx); err != nil {
			return err
		}
		r.Status, r.Node = Queued, ""
		r.engine.tell(r.Job)
	}
	if _, err := r.engine.conn.RequestWithContext(ctx, r.msg.Load().Reply, []byte("-NAK")); err != nil {
		return err
	}
	r.engine.fresh(token(r.Owner))
	return nil
}

// Finish stores the answer. first is false if there was an end before, whose status the run
// has then: of another, or of an attempt to store this one.
func (r *Run) Finish(ctx context.Context, answer []byte) (first bool, err error) {
	return r.end(ctx, Done, "", answer)
}

// End ends the job without an answer.
func (r *Run) End(ctx context.Context, status Status, why string) error {
	_, err := r.end(ctx, status, why, nil)
	return err
}

func (r *Run) end(ctx context.Context, status Status, why string, answer []byte) (first bool, err error) {
	r.stop()
	waited := r.Job
	r.Status, r.Reason = status, why
	ended, first, err := r.engine.end(ctx, r.Job, answer)
	if err != nil {
		return false, err
	}
	r.Status, r.Reason = ended.Status, ended.Reason
	return first, r.engine.settle(ctx, ended, waited)
}
