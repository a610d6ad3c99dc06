package line

import (
	"math"
	"time"
)

// paceMemory is after which time what was seen counts for 1/e of what is seen now.
const paceMemory = 3 * time.Second

// pace is how many requests leave in a second in which there is no place for
// another one. Other time says nothing of how fast the line moves, and does not
// count. What is known fades, so that after a pause the first requests are not
// judged by those of before it.
type pace struct {
	left float64 // requests
	busy float64 // seconds
	seen time.Time
}

// pass notes that time has gone on; busy is whether there was no place in it.
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

// wait is how long it takes until n requests have left. While little is known it
// is taken to be short: as if a quarter of the places had just become free, and
// one request more than did had left.
func (p *pace) wait(n, places int) time.Duration {
	unknown := 1 - p.busy/paceMemory.Seconds()
	return time.Duration(float64(n) * p.busy / (p.left + 1 + unknown*float64(places)/4) * float64(time.Second))
}
