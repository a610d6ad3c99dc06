package pool

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Pool keeps values of type T ready and hands each out once. Its methods are
// safe for concurrent use. The caller of [New] must call [Pool.Close].
type Pool[T any] struct {
	cfg Config[T]

	makeCtx     context.Context // given to Make
	cancelMakes context.CancelFunc
	gone        chan struct{} // closed when the pool is closed and every T destroyed
	closeGone   func()        // idempotent

	hits, behindServed atomic.Uint64 // the only counters that are not guarded by mu

	// mu guards everything that follows, and every waiter. Nothing slow happens
	// while it is held: Make, Destroy and Alive are called without it. The
	// functions passed to Discard and Replace are called with it.
	mu sync.Mutex

	target int
	// parked are ready, oldest first. The newest is handed out first, because
	// the memory it touched while it was made is most likely still cached. The
	// oldest are destroyed first when there are too many or they are too old.
	// parked is empty while a claim waits.
	parked   []*Lease[T]
	retiring int          // how many of parked are destroyed once they are not needed
	waiters  []*waiter[T] // longest waiting first
	behind   []*waiter[T] // those of ClaimBehind, likewise
	passed   int          // claims that were served since one of behind was; counts while one waits

	making              []*making // in the order in which they were started
	claimed, destroying int
	kept                int // of the claimed ones: see Keep
	closed              bool
	outage              outage
	makeTime            time.Duration // see [Stats]
	counters            Counters      // all but Hits

	timer  *time.Timer // calls tick
	wakeAt time.Time   // when it fires; zero if it is stopped
}

// New returns a pool and starts to fill it. The error names each invalid field of
// cfg, its value, and what is allowed.
func New[T any](cfg Config[T]) (*Pool[T], error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Pool[T]{cfg: cfg, target: cfg.Target, gone: make(chan struct{})}
	p.closeGone = sync.OnceFunc(func() { close(p.gone) })
	p.makeCtx, p.cancelMakes = context.WithCancel(context.Background())

	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer = time.AfterFunc(time.Hour, p.tick)
	p.timer.Stop()
	p.settle()
	return p, nil
}

// Resize changes how many T are kept ready. Those beyond the new target are
// destroyed, oldest first. Resize returns an error if target is negative.
func (p *Pool[T]) Resize(target int) error {
	if err := notNegative("Target", target); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
	p.settle() // destroys retiring ones first
	for len(p.parked) > target {
		p.counters.Surplus++
		p.destroy(p.unpark(0))
	}
	return nil
}

// admit hands l, which is ready, to the claim that has waited longest, and after maxPassed
// of these to one that stays behind. If none waits it parks l, from where settle may hand
// it to one that stays behind.
// l is surplus only if claimers gave up or the target fell. Up to Parallel surplus
// T are kept for the next burst, however low the target is. So apart from those
// being replaced, at most the larger of Target and Parallel are parked.
func (p *Pool[T]) admit(l *Lease[T]) {
	switch {
	case len(p.behind) > 0 && p.passed >= maxPassed:
		p.claimed++
		p.answerBehind(l)
	case len(p.waiters) > 0:
		p.claimed++
		p.pass()
		p.answer(&p.waiters, l, nil)
	case p.closed, len(p.behind) == 0 && len(p.parked)-p.retiring >= max(p.target, p.cfg.Parallel):
		p.counters.Surplus++
		p.destroy(l)
	default:
		p.parked = append(p.parked, l)
		if l.retiring { // who stayed behind got it late, and gave up
			p.retiring++
		}
	}
}

// unpark removes the i-th from parked.
func (p *Pool[T]) unpark(i int) *Lease[T] {
	l := p.parked[i]
	p.parked = slices.Delete(p.parked, i, i+1)
	if l.retiring {
		p.retiring--
	}
	return l
}

// destroy destroys l in the background.
func (p *Pool[T]) destroy(l *Lease[T]) {
	p.destroying++
	go func() {
		p.cfg.Destroy(l.value)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.destroying--
		p.settle()
	}()
}
