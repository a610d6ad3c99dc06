package pool

import "time"

// Stats is a snapshot of a pool.
type Stats struct {
	Target     int // what is wanted ready
	Ready      int // parked, those that are being replaced included
	Making     int // Make runs
	Claimed    int // handed out and not released
	Destroying int // Destroy runs
	Waiting    int // claims that wait

	// MakeTime is how long a Make that works takes of late: a moving average,
	// zero while none has worked.
	MakeTime time.Duration

	// The next three are zero when the last Make worked.
	ConsecutiveFailures int       // Make that failed in a row; those that ran at once count as one
	LastError           error     // the last failure
	RetryAt             time.Time // when Make is tried again, if one is needed

	Counters
}

// Counters only grow. A T that was made is counted, when it leaves the pool, by
// one of Hits, Misses, Died, Expired and Surplus.
type Counters struct {
	Hits            uint64 // claims served by a T that was ready
	Misses          uint64 // claims served after waiting
	AbandonedClaims uint64 // claims that gave up while they waited
	Made            uint64 // Make that worked
	MakeFailures    uint64 // Make that failed
	Died            uint64 // parked T found dead on claim, or discarded
	Expired         uint64 // parked T replaced for age or by Replace
	Surplus         uint64 // unclaimed T destroyed by Resize, Drain, or for being one too many
}

// Stats returns a snapshot. It costs little: a lock and a copy.
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
		MakeTime:            p.makeTime,
		ConsecutiveFailures: p.outage.failures,
		LastError:           p.outage.lastErr,
		RetryAt:             p.outage.retryAt,
		Counters:            p.counters,
	}
	s.Hits = p.hits.Load()
	return s
}
