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

	"github.com/hotcell/hotcell/jobs/objects"
)

// Run is a job that was claimed.
type Run struct {
	Job

	engine *Engine
	first  bool                     // as [Engine.isFirst] says
	msg    atomic.Pointer[nats.Msg] // the last one that came
	over   chan struct{}            // closed when the job is over, or is no longer ours
	once   sync.Once
}

// keep keeps the run alive until it is over.
func (r *Run) keep(changed <-chan struct{}, stop func()) {
	defer stop()
	beat := time.NewTicker(r.engine.cfg.AckWait / 3)
	defer beat.Stop()
	for {
		ended := r.engine.ended
		select {
		case <-r.over:
			return
		case <-beat.C:
			_ = r.msg.Load().InProgress() // if it is lost, the next may arrive; if not, another node runs the job, too
			ended = r.engine.storedEnd    // whoever stored it may not have learned that it was stored
		case <-changed:
		}
		ctx, cancel := context.WithTimeout(context.Background(), r.engine.cfg.AckWait/3)
		if job, err := ended(ctx, r.Owner, r.ID); err == nil {
			r.engine.tellHere(job)
			r.stop()
		}
		cancel()
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
	input, _, err := objects.Open(ctx, r.engine.inputs, nil, r.object)
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
// does to this process then, it counts. A job that nobody can have begun before begins while
// that is written, and the caller gives it back if [Run.Begun] tells that it could not be. If
// this process dies earlier, the next one waits: so one attempt at most is not counted. The
// error is [ErrLate] if it is too late.
func (r *Run) Begin(ctx context.Context) error {
	if r.Attempts == 0 && time.Now().After(r.Expires) {
		return ErrLate
	}
	r.Attempts, r.Began, r.Node, r.Status = r.Attempts+1, time.Now(), r.engine.cfg.Node, Running
	r.write(ctx)
	if !r.first {
		if err := r.marking.wait(ctx); err != nil {
			return err
		}
	}
	r.engine.tell(r.Job)
	return nil
}

// Begun returns what waits until it is on disk that the job has begun.
func (r *Run) Begun() (wait func(context.Context) error) { return r.marking.wait }

// marking is a mark that is being written.
type marking struct {
	done     chan struct{} // is closed when what follows is known
	sequence uint64        // of its message
	err      error
}

// wait waits until the mark is on disk.
func (m *marking) wait(ctx context.Context) error {
	select {
	case <-m.done:
		return m.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// write begins to write the job's mark.
func (r *Run) write(ctx context.Context) {
	m := &marking{done: make(chan struct{})}
	r.marking = m
	text, err := json.Marshal(mark{r.Node, r.Began, r.Attempts, true})
	subject := marksSubject + of(r.Job)
	go func() {
		defer close(m.done)
		if m.err = err; err == nil {
			var ack *jetstream.PubAck
			if ack, m.err = r.engine.js.Publish(context.WithoutCancel(ctx), subject, text); m.err == nil {
				m.sequence = ack.Sequence
			}
		}
	}()
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
	if r.Status == Running && r.marking != nil { // begun here: another's attempt still counts
		_ = r.marking.wait(ctx) // the mark that is written last counts
		r.Attempts, r.Began = max(0, r.Attempts-1), time.Time{}
		r.write(ctx)
		if err := r.marking.wait(ctx); err != nil {
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

// Finish stores the answer. It may be called again if it failed. first is false if somebody else
// has ended the job before, whose status the run has then.
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
	// An attempt may have been stored that seemed to fail: that is the end of who began it then.
	first = first || status == Done && ended.Status == Done && !r.Began.IsZero() && ended.Began.Equal(r.Began) && ended.Node == r.Node
	r.Status, r.Reason = ended.Status, ended.Reason
	return first, r.engine.settle(ctx, ended, waited)
}
