package pool

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Lease is one T and the right to use it. The claimer calls Release when done,
// whatever became of the T.
type Lease[T any] struct {
	// A lease is made together with its T and parked with it, so that claiming
	// a ready one allocates nothing.
	pool     *Pool[T]
	value    T
	made     time.Time
	hit      bool
	retiring bool // guarded by pool.mu
	released bool // guarded by pool.mu
	kept     bool // guarded by pool.mu
}

// Value is the T, the claimer's own until Release.
func (l *Lease[T]) Value() T { return l.value }

// Hit says that the T was ready and the claim did not wait for it.
func (l *Lease[T]) Hit() bool { return l.hit }

// Keep says that the T is kept for long, and mostly idle: refilling does not
// yield to it any more. It is still to be released.
func (l *Lease[T]) Keep() {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.kept || l.released {
		return
	}
	l.kept = true
	p.kept++
	p.settle()
}

// Release ends the use of the T, which is destroyed in the background. It does
// not wait for that. A second Release of one lease panics: it is a mistake
// about who owns the T.
func (l *Lease[T]) Release() {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.released {
		panic("pool: Release of a lease that was released before")
	}
	l.released = true
	p.claimed--
	if l.kept {
		p.kept--
	}
	p.destroy(l)
	p.settle()
}

// waiter is a claim that found nothing ready. It is answered once, with a lease
// or an error.
type waiter[T any] struct {
	answered chan struct{}
	lease    *Lease[T]
	err      error
}

// Claim hands out a T: the newest that is ready, else one that is made now, in
// the order in which the claimers came. The caller calls [Lease.Release].
//
// The error wraps ctx's error when ctx ended first; what was being made then
// goes to the next who waits, or is parked. It is an [UnavailableError] when
// Make keeps failing, and [ErrClosed] when the pool is drained or closed.
func (p *Pool[T]) Claim(ctx context.Context) (*Lease[T], error) {
	if err := ctx.Err(); err != nil {
		return nil, gaveUp(err)
	}
	for {
		l, w, err := p.takeOrQueue()
		switch {
		case err != nil:
			return nil, err
		case w != nil:
			return p.wait(ctx, w)
		case p.cfg.Alive == nil || p.cfg.Alive(l.value):
			p.hits.Add(1)
			l.hit = true
			return l, nil
		}
		p.bury(l)
	}
}

// takeOrQueue takes a ready lease, or gets into the queue for one.
func (p *Pool[T]) takeOrQueue() (*Lease[T], *waiter[T], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, nil, ErrClosed
	case len(p.parked) > 0:
		l := p.unpark(len(p.parked) - 1)
		p.claimed++
		p.settle()
		return l, nil, nil
	case p.refusing():
		return nil, nil, p.unavailable()
	}
	w := &waiter[T]{answered: make(chan struct{})}
	p.waiters = append(p.waiters, w)
	p.settle()
	return nil, w, nil
}

// wait waits for the answer to w, or for the end of ctx. Should both come at
// once ctx counts, since its claimer has no more use for a T; the T is as good
// as new and goes back.
func (p *Pool[T]) wait(ctx context.Context, w *waiter[T]) (*Lease[T], error) {
	select {
	case <-w.answered:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case w.err != nil:
		return nil, w.err
	case ctx.Err() == nil:
		p.counters.Misses++
		return w.lease, nil
	case w.lease != nil:
		p.claimed--
		p.admit(w.lease)
	default:
		i := slices.Index(p.waiters, w)
		p.waiters = slices.Delete(p.waiters, i, i+1)
	}
	p.counters.AbandonedClaims++
	p.settle()
	return nil, gaveUp(ctx.Err())
}

// answer gives l or err to who has waited longest.
func (p *Pool[T]) answer(l *Lease[T], err error) {
	w := p.waiters[0]
	p.waiters = slices.Delete(p.waiters, 0, 1)
	w.lease, w.err = l, err
	close(w.answered)
}

// bury does away with a lease that was taken to be handed out and found dead.
func (p *Pool[T]) bury(l *Lease[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claimed--
	p.counters.Died++
	p.destroy(l)
	p.settle()
}

func gaveUp(err error) error { return fmt.Errorf("pool: claim given up: %w", err) }
