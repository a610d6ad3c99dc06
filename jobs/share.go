package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// shares are what owners have in the store: inputs of jobs, and answers. They are counted
// when the store is nearly full only, since that reads a line about each job.
type shares struct {
	mu      sync.Mutex // guards what follows, and is held while they are counted
	counted time.Time
	bytes   map[string]int64 // by the owner's token
}

const (
	// shareTime is how long what was counted is good for.
	shareTime = 10 * time.Second
	// headBytes is about what a job takes besides its input.
	headBytes = 512
	// smallShare is the part of the store that each owner may have while others' answers
	// leave no room for jobs: one 32nd.
	smallShare = 32
)

// mayHave refuses a job of an owner who has so much in the store that there is no room for
// those of others: more than four times what is still free of the half that jobs may
// use. So n owners leave one part in 4n+1 to the next one. Whoever has little may go on
// until three quarters of the store are in use.
func (e *Engine) mayHave(ctx context.Context, owner string, used, size int64) error {
	room := e.cfg.MaxBytes / 2
	switch {
	case owner == "" && used > room, used > room+room/2:
		return fmt.Errorf("%w: %d bytes are in use, and new jobs are taken up to %d", ErrFull, used, room)
	case owner == "", used <= room-room/5:
		return nil
	}
	e.shares.mu.Lock()
	defer e.shares.mu.Unlock()
	if time.Since(e.shares.counted) > shareTime {
		bytes, err := e.weigh(ctx)
		if err != nil {
			return err
		}
		e.shares.bytes, e.shares.counted = bytes, time.Now()
	}
	own, most := e.shares.bytes[token(owner)], max(4*(room-used), e.cfg.MaxBytes/smallShare)
	if own > most {
		return fmt.Errorf("%w: key %q has %d bytes in it, and may have %d while so little is free", ErrShare, owner, own, most)
	}
	e.shares.bytes[token(owner)] = own + e.copies()*(size+headBytes)
	return nil
}

// copies is how often the store has each byte: what it says is in use counts all of them.
func (e *Engine) copies() int64 { return int64(max(1, e.cfg.Replicas)) }

// weigh returns how many bytes each owner has in the store, by the owner's token.
func (e *Engine) weigh(ctx context.Context) (map[string]int64, error) {
	bytes := make(map[string]int64)
	for stream, prefix := range map[string]string{jobsStream: jobsSubject, endsStream: endsSubject} {
		if err := e.weighStream(ctx, stream, prefix, bytes); err != nil {
			return nil, fmt.Errorf("count what keys have in the store: %w", err)
		}
	}
	return bytes, nil
}

func (e *Engine) weighStream(ctx context.Context, stream, prefix string, bytes map[string]int64) error {
	reader, err := e.js.CreateConsumer(ctx, stream, jetstream.ConsumerConfig{
		HeadersOnly: true, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return err
	}
	info := reader.CachedInfo()
	defer func() { _ = e.js.DeleteConsumer(context.WithoutCancel(ctx), stream, info.Name) }()
	for left := int(info.NumPending); left > 0; { // #nosec G115 -- it fits
		messages, err := reader.FetchNoWait(min(left, 1000))
		if err != nil {
			return err
		}
		got := 0
		for m := range messages.Messages() {
			got++
			owner, _, _ := strings.Cut(strings.TrimPrefix(m.Subject(), prefix), ".")
			job, _ := description(m.Headers())
			size, _ := strconv.ParseInt(m.Headers().Get(nats.MsgSize), 10, 64)
			bytes[owner] += e.copies() * (headBytes + size + job.outside)
		}
		if err := messages.Error(); err != nil {
			return err
		}
		if left -= got; got == 0 { // the rest has been removed
			return nil
		}
	}
	return nil
}
