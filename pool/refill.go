package pool

import (
	"slices"
	"time"
)

// outage is what is known while Make fails; zero when the last one worked.
type outage struct {
	failures int // in a row
	lastErr  error
	backoff  time.Duration
	retryAt  time.Time
}

// settle makes what runs in the background fit the state. Whoever has changed
// the state calls it before mu is unlocked.
func (p *Pool[T]) settle() {
	if p.closed {
		if len(p.making)+p.claimed+p.destroying == 0 {
			p.closeGone()
		}
		return
	}
	p.retire()
	p.refill()
	p.hasten()
}

// making is one call of Make that runs.
type making struct {
	awaited  chan struct{} // closed when a claim waits for what is being made
	hastened bool          // it is closed
}

// hasten tells as many Make as claims wait that they are awaited: those that
// were started first, which will be the first to end.
func (p *Pool[T]) hasten() {
	for _, m := range p.making[:min(len(p.making), len(p.waiters))] {
		if !m.hastened {
			m.hastened = true
			close(m.awaited)
		}
	}
}

// refill starts as many Make as are needed and allowed.
func (p *Pool[T]) refill() {
	limit := p.cfg.Parallel
	if p.outage.failures > 0 {
		limit = 1 // enough to learn whether it works again
	}
	for len(p.making) < limit && p.needed() > 0 && !p.yielding() {
		if p.outage.failures > 0 && time.Now().Before(p.outage.retryAt) {
			p.wakeBy(p.outage.retryAt)
			return
		}
		m := &making{awaited: make(chan struct{})}
		p.making = append(p.making, m)
		p.hasten() // before it starts
		go p.makeOne(m, p.outage.failures)
	}
}

// needed is how many T the target and the waiters lack. One that is retiring
// does not count as there, but stays until its replacement is.
func (p *Pool[T]) needed() int {
	return p.target + len(p.waiters) - (len(p.parked) - p.retiring) - len(p.making)
}

func (p *Pool[T]) yielding() bool {
	return p.cfg.YieldAt > 0 && p.claimed-p.kept >= p.cfg.YieldAt &&
		len(p.parked) >= p.cfg.LowWater(p.target) && len(p.waiters) == 0
}

// makeOne makes a T and takes it in. failures is how many Make had failed in a
// row when it began.
func (p *Pool[T]) makeOne(m *making, failures int) {
	began := time.Now()
	value, err := p.cfg.Make(p.makeCtx, m.awaited)
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.making, m)
	p.making = slices.Delete(p.making, i, i+1)
	switch {
	case err == nil:
		p.counters.Made++
		p.makeTime = smooth(p.makeTime, time.Since(began))
		p.outage = outage{}
		p.admit(&Lease[T]{pool: p, value: value, made: time.Now()})
	case !p.closed: // else it failed because its context ended
		p.failed(err, failures)
	}
	p.settle()
}

// smooth moves an average by a fifth of the way to what was seen last.
func smooth(average, last time.Duration) time.Duration {
	if average == 0 {
		return last
	}
	return average + (last-average)/5
}

// failed notes that a Make failed. When several that ran at once fail, they met
// the same trouble: only the first of them counts as one more in a row, so that
// a short trouble is not taken for a long one.
func (p *Pool[T]) failed(err error, failuresBefore int) {
	p.counters.MakeFailures++
	o := &p.outage
	o.lastErr = err
	if o.failures != failuresBefore {
		return
	}
	o.failures++
	o.backoff = min(max(2*o.backoff, p.cfg.BackoffMin), p.cfg.BackoffMax)
	o.retryAt = time.Now().Add(o.backoff)
	if o.failures < p.cfg.FailFast {
		return
	}
	for len(p.waiters) > 0 {
		p.answer(nil, p.unavailable())
	}
}

// refusing says that a claim which finds nothing ready shall not wait: Make has
// failed too often, and either the back-off runs or somebody tries already. The
// claim that comes when the back-off is over waits, and is itself the reason to
// try again: an on-demand pool has no other.
func (p *Pool[T]) refusing() bool {
	return p.outage.failures >= p.cfg.FailFast &&
		(len(p.making) > 0 || time.Now().Before(p.outage.retryAt))
}

// unavailable is the error for a claim that is refused.
func (p *Pool[T]) unavailable() error {
	return &UnavailableError{
		Failures:   p.outage.failures,
		RetryAfter: max(time.Until(p.outage.retryAt), p.cfg.BackoffMin),
		Err:        p.outage.lastErr,
	}
}

// wakeBy has tick called at t or before. Too early does no harm, so a timer
// that is set for an earlier time stays.
func (p *Pool[T]) wakeBy(t time.Time) {
	if p.wakeAt.IsZero() || t.Before(p.wakeAt) {
		p.wakeAt = t
		p.timer.Reset(time.Until(t))
	}
}

// tick is called by the timer, when a back-off is over or a parked T too old.
func (p *Pool[T]) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wakeAt = time.Time{}
	p.settle()
}
