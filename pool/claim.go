package pool

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A Lease is a claimed T. The claimer must call Release when done, whatever
// happened to the T.
type Lease[T any] struct {
	// A lease is allocated together with its T, so that claiming a ready T does
	// not allocate.
	pool     *Pool[T]
	value    T
	made     time.Time
	behind   bool // it was made for a claim of ClaimBehind
	hit      bool
	retiring bool // guarded by pool.mu
	released bool // guarded by pool.mu
	kept     bool // guarded by pool.mu
}

// Value returns the T. Only the claimer may use it, until Release.
func (l *Lease[T]) Value() T { return l.value }

// Hit reports whether the T was ready, so that the claim did not wait.
func (l *Lease[T]) Hit() bool { return l.hit }

// Keep declares that the T will be kept for a long time and be mostly idle.
// Refilling no longer yields to it. It must still be released.
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

// Release destroys the T in the background, without waiting. Releasing a lease
// twice panics, because it means that two owners believe they have the T.
func (l *Lease[T]) Release() {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.released {
		panic("pool: Release of a released lease")
	}
	l.released = true
	p.claimed--
	if l.kept {
		p.kept--
	}
	p.destroy(l)
	p.settle()
}

// A waiter is a claim that found nothing ready. It is answered once, with a lease
// or an error.
type waiter[T any] struct {
	behind   bool // see ClaimBehind
	answered chan struct{}
	lease    *Lease[T]
	err      error
}

// Claim hands out a T: the newest ready one, or else the next one made, in the
// order in which claims arrived. The caller must call [Lease.Release].
//
// If ctx ends first, the error wraps ctx's error, and the T that was being made
// goes to the next waiting claim or is parked. The error is an [UnavailableError]
// if Make keeps failing, and [ErrClosed] if the pool is drained or closed.
func (p *Pool[T]) Claim(ctx context.Context) (*Lease[T], error) { return p.claim(ctx, false) }

// ClaimBehind is Claim for work that all other claims pass. It leaves LowWater of the T
// that are ready to them, and is served when none of them waits, and at the latest after
// maxPassed of them. It does not make the pool larger, since it would take all of it.
// They get what is made for them first, and others get it only if nothing else is ready.
func (p *Pool[T]) ClaimBehind(ctx context.Context) (*Lease[T], error) { return p.claim(ctx, true) }

func (p *Pool[T]) claim(ctx context.Context, behind bool) (*Lease[T], error) {
	if err := ctx.Err(); err != nil {
		return nil, gaveUp(err)
	}
	for {
		l, w, err := p.takeOrQueue(behind)
		switch {
		case err != nil:
			return nil, err
		case w != nil:
			return p.wait(ctx, w)
		case p.cfg.Alive == nil || p.cfg.Alive(l.value):
			if behind {
				p.behindServed.Add(1)
			} else {
				p.hits.Add(1)
			}
			l.hit = true
			return l, nil
		}
		p.bury(l)
	}
}

// takeOrQueue takes a ready lease, or queues for one.
func (p *Pool[T]) takeOrQueue(behind bool) (*Lease[T], *waiter[T], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, nil, ErrClosed
	case len(p.parked) > p.leaves(behind):
		l := p.unpark(p.newest(behind))
		p.claimed++
		if !behind {
			p.pass()
		}
		p.settle()
		return l, nil, nil
	case p.refusing():
		return nil, nil, p.unavailable()
	}
	w := &waiter[T]{behind: behind, answered: make(chan struct{})}
	queue := p.queueOf(w)
	*queue = append(*queue, w)
	p.settle()
	return nil, w, nil
}

func (p *Pool[T]) queueOf(w *waiter[T]) *[]*waiter[T] {
	if w.behind {
		return &p.behind
	}
	return &p.waiters
}

// leaves returns how many of the parked T a claim leaves to others.
func (p *Pool[T]) leaves(behind bool) int {
	if behind {
		return min(p.cfg.LowWater(p.target), p.target)
	}
	return 0
}

// newest returns which of the parked T a claim gets: the newest of those made for its
// kind of claims, or else the newest.
func (p *Pool[T]) newest(behind bool) int {
	for i, l := range slices.Backward(p.parked) {
		if l.behind == behind {
			return i
		}
	}
	return len(p.parked) - 1
}

// serveBehind hands out what the claims that stay behind may take.
func (p *Pool[T]) serveBehind() {
	for len(p.behind) > 0 && len(p.parked) > p.leaves(true) {
		p.claimed++
		p.answerBehind(p.unpark(p.newest(true)))
	}
}

func (p *Pool[T]) answerBehind(l *Lease[T]) {
	p.passed = 0
	p.answer(&p.behind, l, nil)
}

// maxPassed is how many claims pass one that stays behind. With any number of them, work
// that takes all that is made would keep it waiting for ever.
const maxPassed = 3

// pass counts a claim that passes those that stay behind.
func (p *Pool[T]) pass() {
	if len(p.behind) > 0 {
		p.passed++
	}
}

// wait waits for the answer to w or the end of ctx. If both happen, ctx counts,
// because the claimer no longer needs the T; the unused T goes back to the pool.
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
	case ctx.Err() == nil && w.behind:
		p.behindServed.Add(1)
		return w.lease, nil
	case ctx.Err() == nil:
		p.counters.Misses++
		return w.lease, nil
	case w.lease != nil:
		p.claimed--
		p.admit(w.lease)
	default:
		queue := p.queueOf(w)
		i := slices.Index(*queue, w)
		*queue = slices.Delete(*queue, i, i+1)
	}
	p.counters.AbandonedClaims++
	p.settle()
	return nil, gaveUp(ctx.Err())
}

// answer gives l or err to the claim that has waited longest of a queue.
func (p *Pool[T]) answer(queue *[]*waiter[T], l *Lease[T], err error) {
	w := (*queue)[0]
	*queue = slices.Delete(*queue, 0, 1)
	w.lease, w.err = l, err
	close(w.answered)
}

// bury destroys a lease that was taken to be handed out and found dead.
func (p *Pool[T]) bury(l *Lease[T]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claimed--
	p.counters.Died++
	p.destroy(l)
	p.settle()
}

func gaveUp(err error) error { return fmt.Errorf("pool: claim given up: %w", err) }
