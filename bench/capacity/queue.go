// Package capacity computes how many requests a machine can serve, how large a pool
// must be, and how many machines a fleet needs. A simulation checks the formulas.
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
	// Zygotes make one cell at a time each, and the first Fork seconds of Make are theirs.
	// 0: they are never in the way. Only the simulation takes them into account.
	Zygotes int
	Fork    float64
	// Yields says whether no cell is made while a script runs and at least half of the
	// pool is ready, as hotcell does. Only the simulation takes it into account.
	Yields bool
}

// Load returns how many makers are busy on average. The pool can keep up with the
// rate only if that is below Makers.
func (p Pool) Load() float64 { return p.Rate * p.Make }

// Miss returns the share of requests that find the pool empty, 0 to 1.
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

// largest is the largest pool that SizeFor considers.
const largest = 10_000

// SizeFor returns the smallest pool that misses at most the share; 0: there is none.
func (p Pool) SizeFor(miss float64) int {
	for p.Size = 1; p.Size <= largest; p.Size++ {
		if p.Miss() <= miss {
			return p.Size
		}
	}
	return 0
}

// Stretch returns by which factor work takes longer than on idle processors, on
// average, if they are busy to the share: the response time of M/M/c divided by the
// idle one. It is +Inf from 1 on.
func Stretch(processors int, busy float64) float64 {
	if busy >= 1 {
		return math.Inf(1)
	}
	// Work waits if it finds c or more jobs.
	c := float64(processors)
	wait := Pool{Rate: busy * c, Make: 1, Makers: processors, Size: processors}.Miss()
	return 1 + wait/(c*(1-busy))
}
