package pool

import (
	"context"
	"math"
	"time"
)

// A Scaler decides from past demand how many T a pool keeps ready. It is a value:
// [Scaler.Next] reads no clock and changes nothing.
//
// The target grows for two reasons. First, at a steady rate of claims, as many T
// are being made as are claimed while one is made; the target is twice that
// number, because claims do not arrive evenly. Second, each claim that had to wait
// is a T that was missing.
//
// The target shrinks slowly, because bursts recur: by a quarter at a time, each
// time after less was needed for all of ShrinkAfter.
type Scaler struct {
	Min, Max    int // bounds of the target; a Max below Min counts as Min
	ShrinkAfter time.Duration

	Target int // the last decision

	rate  float64       // claims a second, a moving average
	since time.Duration // for how long less than Target was needed
	least int           // and at most this many
}

// Demand is what a pool observed since the last decision.
type Demand struct {
	Elapsed  time.Duration // since the last decision
	Claims   uint64        // served claims
	Lacking  uint64        // claims that waited or are waiting
	MakeTime time.Duration // the time to make one T
	Failing  bool          // Make fails: a larger target would not help
}

// A Reason says why the target changed.
type Reason string

// All reasons; new ones may be added.
const (
	ReasonDemand Reason = "demand" // the rate of claims or the time to make a T requires it
	ReasonMisses Reason = "misses" // claims had to wait
	ReasonIdle   Reason = "idle"   // less was needed for ShrinkAfter
)

// Reasons returns all reasons.
func Reasons() []Reason { return []Reason{ReasonDemand, ReasonMisses, ReasonIdle} }

const (
	// headRoom is how many T are wanted for each one being made at a steady rate.
	headRoom = 2
	// memory is the time constant of the moving average of the claim rate.
	memory = 10 * time.Second
)

// Next returns the scaler with its next target, and why the target changed. The
// reason is empty if it did not change.
func (s Scaler) Next(seen Demand) (Scaler, Reason) {
	if seconds := seen.Elapsed.Seconds(); seconds > 0 {
		now := float64(seen.Claims) / seconds
		s.rate += (now - s.rate) * (1 - math.Exp(-seconds/memory.Seconds()))
	}
	s.Target = s.bound(s.Target)
	// A tenth is subtracted because a moving average never reaches zero.
	steady := s.bound(int(math.Ceil(min(headRoom*s.rate*seen.MakeTime.Seconds()-0.1, math.MaxInt32))))
	// The target at most doubles: waiting claims are counted again when they are served.
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

// needs sets the target and starts a new period in which less might be enough.
func (s Scaler) needs(target int) Scaler {
	s.Target, s.least, s.since = target, 0, 0
	return s
}

func (s Scaler) bound(target int) int { return max(s.Min, min(target, s.Max)) }

// Autoscale resizes the pool as s decides, at every interval, until ctx ends. It
// calls resized, which may be nil, after each change. Nothing else may resize the
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
