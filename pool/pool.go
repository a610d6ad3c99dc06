package pool

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Pool keeps T ready and hands each out once. All its methods may be called at
// the same time. Whoever calls [New] calls [Pool.Close].
type Pool[T any] struct {
	cfg Config[T]

	makeCtx     context.Context // given to Make
	cancelMakes context.CancelFunc
	gone        chan struct{} // closed when the pool is closed and every T destroyed
	closeGone   func()        // idempotent

	hits atomic.Uint64 // the one counter that is known outside of mu

	// mu guards all that follows, and every waiter. Nothing slow happens under
	// it: Make, Destroy and Alive are called without it. The functions given to
	// Discard and Replace are called with it, and their comments say so.
	mu sync.Mutex

	target int
	// parked are ready, the oldest first. The newest is handed out first: what
	// it touched when it was made is the likeliest to be in a cache still. The
	// oldest go first when there are too many, or when they are too old.
	// It is empty while anyone waits.
	parked   []*Lease[T]
	retiring int          // how many of parked go as soon as they are not needed
	waiters  []*waiter[T] // who has waited longest first

	making              []*making // the first started first
	claimed, destroying int
	kept                int // of the claimed: see Keep
	closed              bool
	outage              outage
	makeTime            time.Duration // see [Stats]
	counters            Counters      // all but Hits

	timer  *time.Timer // calls tick
	wakeAt time.Time   // when; zero if it does not run
}

// New makes a pool and begins to fill it. The error names each field of cfg
// that is wrong, its value, and what is allowed.
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

// Resize changes how many T are kept ready. What is over the new target is
// destroyed, the oldest first. The error is about a negative target.
func (p *Pool[T]) Resize(target int) error {
	if err := notNegative("Target", target); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
	p.settle() // those that were to go anyway go first
	for len(p.parked) > target {
		p.counters.Surplus++
		p.destroy(p.unpark(0))
	}
	return nil
}

// admit takes in an l that is ready: for who has waited longest, else to be
// parked. There is one too many only after claimers gave up or the target fell,
// and such a T may stay: up to Parallel are kept for the next burst, however
// low the target is. So no more than the larger of Target and Parallel are
// parked, apart from those that are being replaced.
func (p *Pool[T]) admit(l *Lease[T]) {
	switch {
	case len(p.waiters) > 0:
		p.claimed++
		p.answer(l, nil)
	case p.closed, len(p.parked)-p.retiring >= max(p.target, p.cfg.Parallel):
		p.counters.Surplus++
		p.destroy(l)
	default:
		p.parked = append(p.parked, l)
	}
}

// unpark takes the i-th out of parked.
func (p *Pool[T]) unpark(i int) *Lease[T] {
	l := p.parked[i]
	p.parked = slices.Delete(p.parked, i, i+1)
	if l.retiring {
		p.retiring--
	}
	return l
}

// destroy has l destroyed in the background.
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
