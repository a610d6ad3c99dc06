package line

import (
	"math"
	"time"
)

// paceMemory is the time constant with which past observations fade.
const paceMemory = 3 * time.Second

// pace measures how many requests leave in a second during which no place is free.
// Other time says nothing about how fast the line moves and does not count.
// Observations fade, so that requests before a pause do not determine what is expected
// of those after it.
type pace struct {
	left float64 // requests
	busy float64 // seconds
	seen time.Time
}

// pass records the time that has passed; busy says whether no place was free.
func (p *pace) pass(now time.Time, busy bool) {
	if p.seen.IsZero() {
		p.seen = now
	}
	took := now.Sub(p.seen)
	fade := math.Exp(-took.Seconds() / paceMemory.Seconds())
	p.left *= fade
	p.busy *= fade
	if busy {
		p.busy += paceMemory.Seconds() * (1 - fade) // took, faded
	}
	p.seen = now
}

// wait returns how long it takes until n requests have left. While little is known,
// the estimate is short: as if a quarter of the places had just become free and one
// more request had left.
func (p *pace) wait(n, places int) time.Duration {
	unknown := 1 - p.busy/paceMemory.Seconds()
	return time.Duration(float64(n) * p.busy / (p.left + 1 + unknown*float64(places)/4) * float64(time.Second))
}
