// Package capacity says by plain arithmetic, and by a simulation that checks
// it, how many requests a machine holds, how large a pool must be, and what a
// fleet needs.
//
//	queue.go     a pool as a queue: how often a request finds it empty
//	simulate.go  the same, request by request
//	machine.go   which resource ends first
//	page.go      tables of all that
package capacity

import "math"

// Pool is a pool of cells under load. Each claim takes a cell and orders
// another; makers work on the orders. So what is ordered and not yet made is a
// queue with Poisson arrivals and as many servers as there are makers (M/M/k),
// and the pool is empty when as many are ordered as it holds: a base-stock
// inventory.
type Pool struct {
	Rate    float64 // claims a second
	Make    float64 // seconds to make a cell, on average
	Makers  int     // cells that are made at the same time
	Size    int     // cells that are kept ready
	Running float64 // seconds that a cell is in use, on average; only with Yields
	// Yields says that nothing is made while a script runs, as long as at least
	// half of the pool is ready: as hotcell does it. The formula does not know it.
	Yields bool
}

// Load is how many makers are busy on average; the pool holds the rate only if
// it is below Makers.
func (p Pool) Load() float64 { return p.Rate * p.Make }

// Miss is the share of requests that find the pool empty, 0 to 1.
func (p Pool) Miss() float64 {
	load, makers := p.Load(), float64(p.Makers)
	if load >= makers {
		return 1
	}
	// The probability of n orders, relative to that of none: load^n / n! up to
	// the number of makers, and from there on a geometric row.
	below, term := 0.0, 1.0
	for n := 0; n < p.Size; n++ {
		below += term
		term *= load / math.Min(float64(n+1), makers)
	}
	tail := 0.0
	for n := p.Size; n < p.Makers; n++ {
		tail += term
		term *= load / float64(n+1)
	}
	tail += term / (1 - load/makers)
	return tail / (below + tail)
}

// largest is a pool beyond which one does not look.
const largest = 10_000

// SizeFor is the smallest pool that misses at most the share; 0 when none does.
func (p Pool) SizeFor(miss float64) int {
	for p.Size = 1; p.Size <= largest; p.Size++ {
		if p.Miss() <= miss {
			return p.Size
		}
	}
	return 0
}

// Stretch is how much longer work takes than on idle processors, on average,
// when they are busy to the share: the response time of M/M/c, divided by that
// of an idle one. +Inf from 1 on.
func Stretch(processors int, busy float64) float64 {
	if busy >= 1 {
		return math.Inf(1)
	}
	// That all processors are busy when work comes is that c or more are.
	c := float64(processors)
	wait := Pool{Rate: busy * c, Make: 1, Makers: processors, Size: processors}.Miss()
	return 1 + wait/(c*(1-busy))
}
