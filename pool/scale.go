package pool

import (
	"context"
	"math"
	"time"
)

// Scaler decides how many T a pool keeps ready, from what was asked of it. It
// is a value: [Scaler.Next] reads no clock and changes nothing.
//
// Two things make the target grow. While claims come at a steady rate, so many
// T are in the making as come in the time that one takes, and as many again are
// kept for when they do not come evenly. And each claim that had to wait is a T
// that was lacking.
//
// It shrinks slowly, since a burst that came once comes again: by a quarter at
// a time, each after less was needed for all of ShrinkAfter.
type Scaler struct {
	Min, Max    int // of the target; a Max below Min counts as Min
	ShrinkAfter time.Duration

	Target int // as decided last

	rate  float64       // claims a second, a moving average
	since time.Duration // for so long less than Target was needed
	least int           // and at most this
}

// Demand is what a pool has seen since the last look.
type Demand struct {
	Elapsed  time.Duration // since then
	Claims   uint64        // that were served
	Lacking  uint64        // claims that waited, or wait now
	MakeTime time.Duration // to make one T
	Failing  bool          // Make does not work: a larger target would not help
}

// Reason says why a target was changed.
type Reason string

// All reasons; new ones may be added.
const (
	ReasonDemand Reason = "demand" // claims come so often, or making takes so long
	ReasonMisses Reason = "misses" // claims found nothing ready
	ReasonIdle   Reason = "idle"   // less was needed for some time
)

// Reasons are all of them.
func Reasons() []Reason { return []Reason{ReasonDemand, ReasonMisses, ReasonIdle} }

const (
	// headRoom is how many T are wanted for each that is replaced right now.
	headRoom = 2
	// memory is after how long two thirds of what was seen are forgotten.
	memory = 10 * time.Second
)

// Next gives the scaler with its next target, and why it differs from the last
// one; empty when it does not.
func (s Scaler) Next(seen Demand) (Scaler, Reason) {
	if seconds := seen.Elapsed.Seconds(); seconds > 0 {
		now := float64(seen.Claims) / seconds
		s.rate += (now - s.rate) * (1 - math.Exp(-seconds/memory.Seconds()))
	}
	s.Target = s.bound(s.Target)
	// A tenth is taken off since an average falls for ever, and never to zero.
	steady := s.bound(int(math.Ceil(min(headRoom*s.rate*seen.MakeTime.Seconds()-0.1, math.MaxInt32))))
	// It doubles at most: claims that wait are seen again when they are served.
	lacked := s.bound(s.Target + int(min(seen.Lacking, uint64(max(s.Target, 1))))) // #nosec G115 -- the smaller is an int
	switch {
	case seen.Failing:
		return s.needs(s.Target), ""
	case lacked > max(s.Target, steady):
		return s.needs(lacked), ReasonMisses
	case steady > s.Target:
		return s.needs(steady), ReasonDemand
	case steady == s.Target || seen.Lacking > 0:
		return s.needs(s.Target), ""
	}
	s.least = max(s.least, steady)
	s.since += seen.Elapsed
	if s.since < s.ShrinkAfter {
		return s, ""
	}
	return s.needs(max(s.least, s.Target-(s.Target+3)/4)), ReasonIdle
}

// needs sets the target, and begins anew to look whether less would do.
func (s Scaler) needs(target int) Scaler {
	s.Target, s.least, s.since = target, 0, 0
	return s
}

func (s Scaler) bound(target int) int { return max(s.Min, min(target, s.Max)) }

// Autoscale looks at the pool every so often and resizes it as s decides, until
// ctx ends. It tells of each change; resized may be nil. Nobody else resizes the
// pool meanwhile.
func (p *Pool[T]) Autoscale(ctx context.Context, s Scaler, every time.Duration, resized func(target int, why Reason)) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	last, at := p.Stats(), time.Now()
	s.Target = last.Target
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		seen, now := p.Stats(), time.Now()
		var why Reason
		s, why = s.Next(Demand{
			Elapsed:  now.Sub(at),
			Claims:   seen.Hits + seen.Misses - last.Hits - last.Misses,
			Lacking:  seen.Misses - last.Misses + uint64(seen.Waiting), // #nosec G115 -- a count
			MakeTime: seen.MakeTime,
			Failing:  seen.ConsecutiveFailures > 0,
		})
		last, at = seen, now
		if why == "" || p.Resize(s.Target) != nil { // the target is never negative
			continue
		}
		if resized != nil {
			resized(s.Target, why)
		}
	}
}
