package pool

import "time"

// Stats is a snapshot of a pool.
type Stats struct {
	Target     int // how many should be ready
	Ready      int // parked, including those being replaced
	Making     int // running calls of Make
	Claimed    int // handed out and not released
	Destroying int // running calls of Destroy
	Waiting    int // waiting calls of Claim
	Behind     int // waiting calls of ClaimBehind

	// MakeTime is a moving average of the duration of successful calls of Make;
	// zero before the first.
	MakeTime time.Duration

	// The next three are zero if the last call of Make succeeded.
	ConsecutiveFailures int       // consecutive failures of Make; concurrent ones count as one
	LastError           error     // the last failure
	RetryAt             time.Time // when Make is next called, if a T is needed

	Counters
}

// Counters only grow. When a T leaves the pool, exactly one of Hits, Misses,
// BehindServed, Died, Expired and Surplus counts it.
type Counters struct {
	Hits            uint64 // claims served by a ready T
	Misses          uint64 // claims served after waiting
	BehindServed    uint64 // calls of ClaimBehind that were served
	AbandonedClaims uint64 // claims that gave up while waiting
	Made            uint64 // successful calls of Make
	MakeFailures    uint64 // failed calls of Make
	Died            uint64 // parked T found dead on claim, or discarded
	Expired         uint64 // parked T replaced because of age or by Replace
	Surplus         uint64 // unclaimed T destroyed by Resize or Drain, or because there were too many
}

// Stats returns a snapshot. It is cheap: a lock and a copy.
func (p *Pool[T]) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{
		Target:              p.target,
		Ready:               len(p.parked),
		Making:              len(p.making),
		Claimed:             p.claimed,
		Destroying:          p.destroying,
		Waiting:             len(p.waiters),
		Behind:              len(p.behind),
		MakeTime:            p.makeTime,
		ConsecutiveFailures: p.outage.failures,
		LastError:           p.outage.lastErr,
		RetryAt:             p.outage.retryAt,
		Counters:            p.counters,
	}
	s.Hits, s.BehindServed = p.hits.Load(), p.behindServed.Load()
	return s
}
