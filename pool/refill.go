package pool

import (
	"slices"
	"time"
)

// outage is the state while Make fails; zero if the last call succeeded.
type outage struct {
	failures int // consecutive
	lastErr  error
	backoff  time.Duration
	retryAt  time.Time
}

// settle starts the background work that the current state needs. Code that
// changes the state calls it before unlocking mu.
func (p *Pool[T]) settle() {
	if p.closed {
		if len(p.making)+p.claimed+p.destroying == 0 {
			p.closeGone()
		}
		return
	}
	p.retire()
	p.serveBehind()
	p.refill()
	p.hasten()
}

// making is a running call of Make.
type making struct {
	awaited  chan struct{} // closed when a claim waits for what is being made
	hastened bool          // awaited is closed
	behind   bool          // it is for a claim that stays behind
}

// hasten tells one running Make for each waiting claim that it is awaited,
// beginning with the one that started first and should end first. Claims that stay
// behind hasten nothing.
func (p *Pool[T]) hasten() {
	for _, m := range p.making[:min(len(p.making), len(p.waiters))] {
		if !m.hastened {
			m.hastened = true
			close(m.awaited)
		}
	}
}

// refill starts as many calls of Make as are needed and allowed.
func (p *Pool[T]) refill() {
	for len(p.making) < p.parallel() && p.needed() > 0 && !p.yielding() {
		if p.outage.failures > 0 && time.Now().Before(p.outage.retryAt) {
			p.wakeBy(p.outage.retryAt)
			return
		}
		m := &making{awaited: make(chan struct{}), behind: p.nextIsBehind()}
		order := Order{Awaited: m.awaited, Cheap: m.behind || p.scarce()}
		p.making = append(p.making, m)
		p.hasten() // before Make starts
		go p.makeOne(m, order, p.outage.failures)
	}
}

// plenty is how many T for each of Parallel are enough for a burst of claims. From there on
// half as many are made at a time, so that a claimer of one finds a processor free: a Make
// that runs does not yield.
const plenty = 8

// parallel returns how many calls of Make may run now.
func (p *Pool[T]) parallel() int {
	switch {
	case p.outage.failures > 0:
		return 1 // enough to find out whether it works again
	case len(p.waiters)+len(p.behind) == 0 && len(p.parked)-p.retiring >= plenty*p.cfg.Parallel:
		return max(1, p.cfg.Parallel/2)
	}
	return p.cfg.Parallel
}

// needed returns how many T are missing for the target and the waiting claims. A
// retiring T does not count as ready, but stays until its replacement is.
func (p *Pool[T]) needed() int {
	return p.target + len(p.waiters) + len(p.behind) - (len(p.parked) - p.retiring) - len(p.making)
}

// nextIsBehind reports whether the next T to be made is for a claim that stays behind:
// one waits that none is being made for, and enough are ready or being made for others.
func (p *Pool[T]) nextIsBehind() bool {
	if len(p.behind) == 0 {
		return false
	}
	forBehind, forOthers := 0, 0
	for _, m := range p.making {
		if m.behind {
			forBehind++
		} else {
			forOthers++
		}
	}
	for _, l := range p.parked {
		if !l.behind && !l.retiring {
			forOthers++
		}
	}
	return forBehind < len(p.behind) && forOthers >= len(p.waiters)+p.leaves(true)
}

func (p *Pool[T]) yielding() bool {
	return p.cfg.YieldAt > 0 && p.claimed-p.kept >= p.cfg.YieldAt &&
		len(p.parked) >= p.cfg.LowWater(p.target) && len(p.waiters)+len(p.behind) == 0
}

// scarce reports whether claims take T faster than they are made: then how soon a T is ready
// matters more than how good it is. A pool that fills and is not used is not scarce, nor is
// one whose claims that stay behind take all but LowWater.
func (p *Pool[T]) scarce() bool {
	return p.claimed > p.kept && len(p.behind) == 0 && len(p.parked)-p.retiring < p.cfg.LowWater(p.target)
}

// makeOne makes a T and admits it. failures is the number of consecutive failures
// when it began.
func (p *Pool[T]) makeOne(m *making, order Order, failures int) {
	began := time.Now()
	value, err := p.cfg.Make(p.makeCtx, order)
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.making, m)
	p.making = slices.Delete(p.making, i, i+1)
	switch {
	case err == nil:
		p.counters.Made++
		p.makeTime = smooth(p.makeTime, time.Since(began))
		p.outage = outage{}
		p.admit(&Lease[T]{pool: p, value: value, made: time.Now(), behind: m.behind})
	case !p.closed: // otherwise it failed because its context ended
		p.failed(err, failures)
	}
	p.settle()
}

// smooth moves an average a fifth of the way towards the last value.
func smooth(average, last time.Duration) time.Duration {
	if average == 0 {
		return last
	}
	return average + (last-average)/5
}

// failed records that Make failed. Concurrent calls that fail have the same cause,
// so only the first counts as another consecutive failure. Otherwise a short
// problem would look like a long one.
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
	p.refuse(p.unavailable())
}

// refuse answers all claims that wait.
func (p *Pool[T]) refuse(err error) {
	for _, queue := range []*[]*waiter[T]{&p.waiters, &p.behind} {
		for len(*queue) > 0 {
			p.answer(queue, nil, err)
		}
	}
}

// refusing reports whether a claim that finds nothing ready must not wait: Make has
// failed too often, and either the back-off is running or another call is. The
// first claim after the back-off waits and causes the next attempt; an on-demand
// pool makes no attempt otherwise.
func (p *Pool[T]) refusing() bool {
	return p.outage.failures >= p.cfg.FailFast &&
		(len(p.making) > 0 || time.Now().Before(p.outage.retryAt))
}

// unavailable returns the error for a refused claim.
func (p *Pool[T]) unavailable() error {
	return &UnavailableError{
		Failures:   p.outage.failures,
		RetryAfter: max(time.Until(p.outage.retryAt), p.cfg.BackoffMin),
		Err:        p.outage.lastErr,
	}
}

// wakeBy makes the timer call tick at t or earlier. Calling it too early is
// harmless, so a timer that is set for an earlier time stays.
func (p *Pool[T]) wakeBy(t time.Time) {
	if p.wakeAt.IsZero() || t.Before(p.wakeAt) {
		p.wakeAt = t
		p.timer.Reset(time.Until(t))
	}
}

// tick is called by the timer when a back-off is over or a parked T is too old.
func (p *Pool[T]) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wakeAt = time.Time{}
	p.settle()
}
