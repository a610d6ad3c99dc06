package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Subjects. Each is followed by an owner's token, where jobs are an owner's, and an id.
const (
	jobsSubject  = "hotcell.jobs."
	marksSubject = "hotcell.marks."
	endsSubject  = "hotcell.ends."
	hooksSubject = "hotcell.hooks."
	newsSubject  = "hotcell.news." // not stored: a job of that id has changed
)

// Streams.
const (
	jobsStream  = "HOTCELL_JOBS"
	marksStream = "HOTCELL_MARKS"
	endsStream  = "HOTCELL_ENDS"
	hooksStream = "HOTCELL_HOOKS"
)

const (
	// ackWait is how long a job may be out of its claimer's hands before another gets
	// it, if nothing else is configured. Claimers say three times as often that they still have it.
	ackWait = 30 * time.Second
	// idempotencyTTL is how long an idempotency key is remembered.
	idempotencyTTL = 24 * time.Hour
	// slack is how much longer than it may be needed something is kept that is normally
	// removed.
	slack = 24 * time.Hour
	// hooksAge is the longest time for which a webhook is tried.
	hooksAge = 7 * 24 * time.Hour
)

// prepare makes the streams, or brings those that are there to this configuration.
func (e *Engine) prepare(ctx context.Context) error {
	replicas := max(1, e.cfg.Replicas)
	stream := func(into *jetstream.Stream, cfg jetstream.StreamConfig) error {
		cfg.Replicas, cfg.MaxMsgsPerSubject = replicas, 1
		cfg.AllowDirect = replicas == 1 // a replica that is behind would say that there is no such job
		made, err := e.js.CreateOrUpdateStream(ctx, cfg)
		*into = made
		return err
	}
	bucket := func(into *jetstream.ObjectStore, name string, ttl time.Duration) (err error) {
		*into, err = e.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name, TTL: ttl, Replicas: replicas})
		return err
	}
	err := errors.Join(
		stream(&e.jobs, jetstream.StreamConfig{
			Name: jobsStream, Subjects: []string{jobsSubject + "*.*"}, Discard: jetstream.DiscardNew, MaxAge: e.cfg.MaxAge + slack,
		}),
		stream(&e.marks, jetstream.StreamConfig{Name: marksStream, Subjects: []string{marksSubject + "*.*"}, MaxAge: e.cfg.MaxAge + slack}),
		stream(&e.ends, jetstream.StreamConfig{Name: endsStream, Subjects: []string{endsSubject + "*.*"}, AllowMsgTTL: true}),
		stream(&e.hooks, jetstream.StreamConfig{
			Name: hooksStream, Subjects: []string{hooksSubject + "*"}, Retention: jetstream.WorkQueuePolicy, MaxAge: hooksAge,
		}),
		bucket(&e.inputs, "hotcell-inputs", e.cfg.MaxAge+slack),
		bucket(&e.answers, "hotcell-answers", e.cfg.TTL+slack),
	)
	if err != nil {
		return err
	}
	e.seen, err = e.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "hotcell-idempotency", TTL: idempotencyTTL, Replicas: replicas})
	if err != nil {
		return err
	}
	return e.consume(ctx)
}

// consume makes the consumers.
func (e *Engine) consume(ctx context.Context) error {
	if err := e.share(ctx); err != nil {
		return err
	}
	tellers, err := e.consumer(ctx, hooksStream)
	if err == nil && e.tellers == nil { // the one that is known goes by the same name
		e.tellers = tellers
	}
	return err
}

// consumer returns the one consumer of a work queue, which all nodes share. The engine in
// this process begins with a new one, as [Engine.share] does.
func (e *Engine) consumer(ctx context.Context, stream string) (jetstream.Consumer, error) {
	const name = "workers"
	if e.here != nil {
		if err := e.remove(ctx, stream, name); err != nil {
			return nil, err
		}
	}
	cfg := e.shared(name)
	cfg.AckWait = max(ackWait, cfg.AckWait) // those who deliver do not say that they still have it
	return e.js.CreateOrUpdateConsumer(ctx, stream, cfg)
}

// shared returns the configuration of a consumer that all nodes share.
func (e *Engine) shared(name string) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable: name, AckPolicy: jetstream.AckExplicitPolicy, AckWait: e.cfg.AckWait,
		MaxDeliver: -1, MaxAckPending: -1, // attempts are counted by marks, and bounded by those who claim
		MaxWaiting: 8192, MemoryStorage: e.here != nil,
	}
}

func (e *Engine) remove(ctx context.Context, stream, consumer string) error {
	if err := e.js.DeleteConsumer(ctx, stream, consumer); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return err
	}
	return nil
}
