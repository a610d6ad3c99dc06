package supervisor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
)

var (
	errLineFull    = errors.New("the waiting line is full")
	errKeyLineFull = errors.New("this key's share of the waiting line is full")
	errDraining    = errors.New("the service is shutting down")
)

// admission lets so many requests in at a time, and others wait in a line of
// bounded length.
//
// The line is fair between keys, and first come first served within one: keys
// take turns, so that a key with one request waits for a turn of each other
// key, and not for the thousand requests that one of them has. A key with a
// share of 3 has three turns where another has one. Without keys everybody is
// one key, and the line is an ordinary one.
//
// How turns are counted is start-time fair queueing with requests as packets
// of one size: see [admission.next].
type admission struct {
	maxRunning, maxWaiting int

	mu      sync.Mutex // guards what follows, and every flow and waiter
	running int
	waiting int
	flows   map[string]*flow // by the key's name
	clock   uint64           // the turn that was given last
	latest  uint64           // of all flows' turns
	arrived uint64           // waiters so far
	closed  bool
	empty   chan struct{} // closed when closed and nobody is in
}

// flow is what one key has in the service.
type flow struct {
	key     *Key // as it was when the last request came: the keys file may change
	running int
	line    []*waiter
	turn    uint64 // not before this may the next one be let in, on admission's clock
}

type waiter struct {
	number   uint64 // in the order of arrival
	answered chan struct{}
	admitted bool // else turned away
}

// oneTurn is how far the clock goes for a request of a key with a share of 1. It
// can be divided by every share to within a millionth.
const oneTurn = 1 << 27

func newAdmission(maxRunning, maxWaiting int) *admission {
	return &admission{maxRunning: maxRunning, maxWaiting: maxWaiting, flows: make(map[string]*flow), empty: make(chan struct{})}
}

// enter waits to be let in; whoever is let in calls leave with the same key,
// which is nil where there are no keys. The error is errLineFull,
// errKeyLineFull, errDraining, or why ctx ended.
func (a *admission) enter(ctx context.Context, key *Key) error {
	w, err := a.queue(key)
	if err != nil {
		return err
	}
	select {
	case <-w.answered:
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-w.answered: // even if ctx has ended: whoever is in notices that soon
		if w.admitted {
			return nil
		}
		return errDraining
	default:
		a.remove(a.flows[key.owner()], w)
		return context.Cause(ctx)
	}
}

// queue puts a request in line, and lets it in at once where it can be.
func (a *admission) queue(key *Key) (*waiter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, errDraining
	}
	f := a.flowOf(key)
	a.arrived++
	w := &waiter{number: a.arrived, answered: make(chan struct{})}
	f.line = append(f.line, w)
	a.waiting++
	a.admit()
	var err error
	switch {
	case w.admitted:
	case key != nil && len(f.line) > key.maxWaiting:
		err = errKeyLineFull
	case a.waiting > a.maxWaiting:
		err = errLineFull
	}
	if err != nil {
		a.remove(f, w)
	}
	return w, err
}

// flowOf finds a key's flow, or begins one, and forgets those that are over: so
// there are never many more than there are keys.
func (a *admission) flowOf(key *Key) *flow {
	f, ok := a.flows[key.owner()]
	if !ok {
		maps.DeleteFunc(a.flows, func(_ string, f *flow) bool {
			return f.running == 0 && len(f.line) == 0 && f.turn <= a.clock
		})
		f = new(flow)
		a.flows[key.owner()] = f
	}
	f.key = key
	return f
}

func (a *admission) remove(f *flow, w *waiter) {
	i := slices.Index(f.line, w)
	f.line = slices.Delete(f.line, i, i+1)
	a.waiting--
}

// admit gives away the places that are free. When nobody waits any more, who
// has had how many turns is forgotten.
func (a *admission) admit() {
	for f := a.next(); f != nil; f = a.next() {
		w := f.line[0]
		f.line = slices.Delete(f.line, 0, 1)
		a.waiting--
		a.running++
		f.running++
		a.clock = a.turnOf(f)
		f.turn = a.clock + oneTurn/f.key.weight()
		a.latest = max(a.latest, f.turn)
		w.admitted = true
		close(w.answered)
	}
	if a.waiting == 0 {
		a.clock = a.latest
	}
}

// next is the flow whose turn comes first, of those that wait and may have
// another place; of several, that of who has waited longest. nil: nobody can be
// let in.
//
// Each request moves its flow's turn on by oneTurn divided by the share. While a
// key waits, another has therefore no more turns than the quotient of their
// shares, rounded up, and one more.
func (a *admission) next() *flow {
	var first *flow
	if a.running >= a.maxRunning {
		return nil
	}
	for _, f := range a.flows {
		if len(f.line) == 0 || f.key != nil && f.running >= f.key.maxRunning {
			continue
		}
		if first == nil || a.turnOf(f) < a.turnOf(first) || a.turnOf(f) == a.turnOf(first) && f.line[0].number < first.line[0].number {
			first = f
		}
	}
	return first
}

// turnOf is never in the past: a key that has had no requests for an hour, or
// had all the places that it may have, has saved up no turns by that.
func (a *admission) turnOf(f *flow) uint64 { return max(f.turn, a.clock) }

// leave gives the place to whose turn it is.
func (a *admission) leave(key *Key) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.flows[key.owner()].running--
	a.running--
	a.admit()
	a.settle()
}

// close turns away who waits and who comes. The channel is closed when the last
// has left.
func (a *admission) close() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.closed = true
		for _, f := range a.flows {
			for _, w := range f.line {
				close(w.answered)
			}
			f.line = nil
		}
		a.waiting = 0
		a.settle()
	}
	return a.empty
}

// settle notices that the last has left. mu is held.
func (a *admission) settle() {
	if a.closed && a.running == 0 {
		close(a.empty)
	}
}

// count tells how many are in, and how many wait.
func (a *admission) count() (running, waiting int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.running, a.waiting
}

// countOf tells the same of one key.
func (a *admission) countOf(key *Key) (running, waiting int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, ok := a.flows[key.owner()]
	if !ok {
		return 0, 0
	}
	return f.running, len(f.line)
}
