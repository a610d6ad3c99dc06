package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// askEvery is how often the engine is asked who has jobs, by those who want one: news of
	// a job may be lost, and nobody tells of those that a dead node had.
	askEvery = 5 * time.Second
	// madeFor is how long an owner's consumer is taken to be there. It is removed when
	// nobody has asked it for idleTime, and made again when it is missed.
	madeFor  = time.Hour
	idleTime = 24 * time.Hour
)

// freshSubject is followed by an owner's token, who has a job that may be claimed. It is
// not stored.
const freshSubject = "hotcell.fresh."

// fresh tells all nodes that an owner has a job that may be claimed.
func (e *Engine) fresh(token string) {
	e.turns.waits(token)
	if e.here == nil {
		_ = e.conn.Publish(freshSubject+token, nil) // if it is lost, they ask
	}
}

// next waits for the next message of the queue of jobs, and returns it with its owner's
// token. The caller ends the turn.
func (e *Engine) next(ctx context.Context) (*nats.Msg, string, error) {
	for {
		if ctx.Err() != nil {
			e.turns.wake() // for another, in case that it was for this one
			return nil, "", context.Cause(ctx)
		}
		if err := e.connected(ctx); err != nil {
			continue
		}
		// Also while there are jobs: those of a dead node may be another owner's.
		var failed error
		if e.turns.due(&e.turns.asked, askEvery) {
			failed = e.ask(ctx)
		}
		o, told, fresh := e.turns.take()
		if o == nil && failed != nil {
			return nil, "", failed
		}
		if o == nil {
			select {
			case <-e.turns.news:
			case <-time.After(askEvery):
			case <-ctx.Done():
			}
			continue
		}
		m, more, err := e.fetch(ctx, o.token, fresh)
		e.turns.found(o, told, m != nil, more || err != nil)
		switch {
		case err != nil:
			return nil, "", err
		case m != nil:
			return m, o.token, nil
		}
	}
}

// fetchTime is how long the engine may take to say what there is; lastTime, after nobody wants
// it any more: what it has sent by then is given back at once, and the rest when this node has
// been silent for long enough.
const (
	fetchTime = 20 * time.Second
	lastTime  = 2 * time.Second
)

// settleTime returns how long a job may take to get from the stream, which has
// acknowledged it, to the owner's consumer, which until then says that there is none. In a
// cluster, another node may have claimed it, and nobody is to wait for it long.
func (e *Engine) settleTime() time.Duration {
	if e.here == nil {
		return 200 * time.Millisecond
	}
	return 2 * time.Second
}

// fetch returns an owner's next message, and whether there may be more; nil if there is
// none. fresh says that there is one that the consumer may not know yet.
func (e *Engine) fetch(ctx context.Context, token string, fresh bool) (m *nats.Msg, more bool, err error) {
	asker := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
	defer cancel()
	defer context.AfterFunc(asker, func() { time.AfterFunc(lastTime, cancel) })()
	for range 2 {
		if err := e.makeConsumer(ctx, token); err != nil {
			return nil, false, err
		}
		m, err := e.pullOne(ctx, token, fresh)
		if errors.Is(err, nats.ErrNoResponders) { // the consumer was removed
			e.turns.forget(token)
			continue
		}
		if err != nil || m == nil {
			return nil, false, err
		}
		about, err := m.Metadata()
		if err != nil {
			return nil, false, err
		}
		return m, about.NumPending > 0 || about.NumDelivered > 1, nil // those that come again are not counted
	}
	return nil, false, nil
}

// pull asks a consumer for messages that are there, or come within wait. The client's
// library is not asked: it takes silence of a second for an answer, and a job that comes
// then would be nobody's. The caller unsubscribes.
func (e *Engine) pull(stream, consumer string, most int, wait time.Duration) (*nats.Subscription, error) {
	inbox := e.conn.NewInbox()
	messages, err := e.conn.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	request := fmt.Appendf(nil, `{"batch":%d,"no_wait":%t,"expires":%d}`, most, wait == 0, wait)
	err = e.conn.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+stream+"."+consumer, inbox, request)
	if err != nil {
		_ = messages.Unsubscribe()
	}
	return messages, err
}

// pullOne returns an owner's next message, or nil if there is none.
func (e *Engine) pullOne(ctx context.Context, token string, fresh bool) (*nats.Msg, error) {
	wait := time.Duration(0)
	if fresh {
		wait = e.settleTime()
	}
	messages, err := e.pull(jobsStream, token, 1, wait)
	if err != nil {
		return nil, err
	}
	defer func() { _ = messages.Unsubscribe() }()
	m, err := messages.NextMsgWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for a job: %w", err)
	}
	switch status := m.Header.Get("Status"); status {
	case "":
		return m, nil
	case "404", "408":
		return nil, nil
	default:
		return nil, fmt.Errorf("ask for a job: %s %s", status, m.Header.Get("Description"))
	}
}

// makeConsumer makes the consumer of an owner's jobs, which all nodes share. It is there
// before the owner's first job is: without one, nobody would find the job.
func (e *Engine) makeConsumer(ctx context.Context, token string) error {
	e.turns.mu.Lock()
	made := e.turns.of(token).made
	e.turns.mu.Unlock()
	if time.Since(made) < madeFor {
		return nil
	}
	if err := e.doubt(ctx); err != nil {
		return err
	}
	cfg := e.shared(token)
	cfg.FilterSubject, cfg.InactiveThreshold = jobsSubject+token+".*", idleTime
	if _, err := e.js.CreateOrUpdateConsumer(ctx, jobsStream, cfg); err != nil {
		return err
	}
	e.turns.mu.Lock()
	defer e.turns.mu.Unlock()
	e.turns.of(token).made = time.Now()
	return nil
}

// doubt says that a consumer may be a new one, which hands out as new what an earlier one
// has handed out: see [Engine.isFirst].
func (e *Engine) doubt(ctx context.Context) error {
	info, err := e.jobs.Info(ctx)
	if err != nil {
		return err
	}
	e.claimedUpTo(info.State.LastSeq)
	return nil
}

// claimedUpTo says that messages up to that one may have been claimed, or ended, before:
// see [Engine.isFirst].
func (e *Engine) claimedUpTo(sequence uint64) {
	e.turns.mu.Lock()
	defer e.turns.mu.Unlock()
	e.since.Store(max(e.since.Load(), sequence))
}

// ask asks the engine who has jobs that may be claimed: new ones, and those that others
// have claimed, who may have died.
func (e *Engine) ask(ctx context.Context) error {
	found, err := e.consumers(ctx)
	if err != nil {
		return fmt.Errorf("ask who has jobs: %w", err)
	}
	if e.turns.due(&e.turns.swept, e.sweepTime()) && e.sweeping.TryLock() {
		go func() { // it takes long to know that a node is dead
			defer e.sweeping.Unlock()
			if err := e.sweep(context.WithoutCancel(ctx), found); err != nil && !e.conn.IsClosed() {
				e.cfg.Log.Warn("jobs that the engine has forgotten wait", "error", err)
			}
		}()
	}
	e.turns.mu.Lock()
	defer e.turns.mu.Unlock()
	for token, info := range found {
		o := e.turns.of(token)
		o.waits = o.waits || info.NumPending > 0 || info.NumAckPending > o.claimed
	}
	for token, o := range e.turns.owners {
		if found[token] == nil && !o.made.IsZero() { // it was removed, perhaps before its last job came
			o.made, o.waits = time.Time{}, true
		}
	}
	return nil
}

// consumers returns the consumers of all owners who have jobs, or had some.
func (e *Engine) consumers(ctx context.Context) (map[string]*jetstream.ConsumerInfo, error) {
	found := make(map[string]*jetstream.ConsumerInfo)
	list := e.jobs.ListConsumers(ctx)
	for info := range list.Info() {
		if info.Config.Durable != "" { // others are of those who list jobs
			found[info.Name] = info
		}
	}
	return found, list.Err()
}

// share makes what is missing for the jobs that are on disk. The engine in this process
// begins with new consumers: nobody else can have a job, and those that the last process
// had are handed out at once.
func (e *Engine) share(ctx context.Context) error {
	e.turns.forget()
	if e.here != nil {
		old, err := e.consumers(ctx)
		if err != nil {
			return err
		}
		for token := range old {
			if err := e.remove(ctx, jobsStream, token); err != nil {
				return err
			}
		}
	}
	info, err := e.jobs.Info(ctx, jetstream.WithSubjectFilter(jobsSubject+"*.*"))
	if err != nil {
		return err
	}
	for subject := range info.State.Subjects {
		token := subject[len(jobsSubject) : len(subject)-len(".")-idSize]
		if err := e.makeConsumer(ctx, token); err != nil {
			return err
		}
		e.turns.waits(token)
	}
	return nil
}
