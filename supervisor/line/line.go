package line

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"
)

// Why a request does not get a place or bytes.
var (
	ErrFull       = errors.New("the waiting line is full")
	ErrPartyFull  = errors.New("this party's share of the waiting line is full")
	ErrClosed     = errors.New("the line is closed")
	ErrTooLarge   = errors.New("the request needs more memory than it can ever get")
	ErrBytes      = errors.New("other requests hold the memory")
	ErrPartyBytes = errors.New("this party's other requests hold the memory that it may have")
)

// Config has the bounds of a line.
type Config struct {
	Places   int   // requests that run at a time
	Waiting  int   // requests that wait at a time
	Bytes    int64 // that tickets hold together
	Reserved int64 // bytes that reservations hold together

	// Patience is the longest that a request may be expected to take and is still
	// taken into the line, unless it says itself how long. 0: as long as it likes.
	Patience Patience
}

// Party is someone who shares the line with others. Its maxima are exact: 0 of
// MaxWaiting means that none of its requests may wait. Of those that a party's
// requests bear the last counts, so maxima may change at any time.
type Party struct {
	Name        string // two parties with one name are one
	Weight      uint64 // turns that it has where another has one; 0 counts as 1
	MaxRunning  int
	MaxWaiting  int
	MaxBytes    int64
	MaxReserved int64 // bytes
}

// Unbounded is a party that may take all there is.
func Unbounded(name string) Party {
	return Party{
		Name: name, Weight: 1, MaxRunning: math.MaxInt, MaxWaiting: math.MaxInt,
		MaxBytes: math.MaxInt64, MaxReserved: math.MaxInt64,
	}
}

// Cost is what a request holds while it runs, beside its place.
type Cost struct {
	Bytes int64
}

// Counts are what a line or one of its parties has just now.
type Counts struct {
	Running  int
	Waiting  int
	Bytes    int64 // held by tickets
	Reserved int64 // bytes held by reservations

	Lingering int // answered, and their work has not ended; not in Running
}

// Line gives places and bytes to requests. Its methods may be called at any
// time by several goroutines.
type Line struct {
	config Config
	now    func() time.Time

	mu      sync.Mutex // guards what follows, and every flow, waiter, ticket and reservation
	counts  Counts
	overdue int              // of the lingering: see [Ticket.Linger]
	flows   map[string]*flow // by the party's name
	clock   uint64           // the turn that was given last
	latest  uint64           // of all flows' turns
	arrived uint64           // waiters so far
	pace    pace             // of all
	full    bool             // there is no place, or no bytes, for whose turn it is
	closed  bool
	empty   chan struct{} // closed when closed and nobody runs
}

// flow is what one party has in the line.
type flow struct {
	party   Party
	counts  Counts
	overdue int // of the lingering
	line    []*waiter

	reservations int // that are not released, even if they are of no bytes

	turn uint64 // not before this may the next one be let in, on the line's clock
	pace pace   // of the party alone, while it has as many places as it may have
}

type waiter struct {
	number   uint64 // in the order of arrival
	arrived  time.Time
	bound    time.Duration // how long it was to wait at most
	cost     Cost
	passed   int           // turns that others have had while it was first and its bytes were not free
	answered chan struct{} // closed when it is let in or turned away
	ticket   *Ticket       // nil: turned away
}

const (
	// oneTurn is how far the clock goes for a request of a party with a weight
	// of 1. It can be divided by every weight up to 100 to within a millionth.
	oneTurn = 1 << 27

	anyWait = 1000 * time.Hour

	// maxPassed is how many requests may be let in before one whose turn it is
	// and whose bytes are not free. Then the line waits until they are: small
	// requests do not wait long for a large one, and it waits for them not
	// forever.
	maxPassed = 16
)

// New makes a line that is empty.
func New(config Config) *Line {
	config.Patience = Config{Patience: Patience{anyWait, anyWait}}.patience(config.Patience)
	return &Line{config: config, now: time.Now, flows: make(map[string]*flow), empty: make(chan struct{})}
}

// Enter waits for a place and the bytes. The caller calls Leave of the ticket.
// The error is [ErrFull], [ErrPartyFull], [ErrTooLarge] or [ErrClosed], which
// may be wrapped, a [*SlowError], or why ctx ended.
func (l *Line) Enter(ctx context.Context, party Party, cost Cost) (*Ticket, error) {
	return l.EnterWithin(ctx, party, cost, Patience{})
}

// EnterWithin is Enter for a request that says itself how long it may be expected
// to take.
func (l *Line) EnterWithin(ctx context.Context, party Party, cost Cost, patience Patience) (*Ticket, error) {
	w, err := l.queue(party, cost, patience)
	if err != nil {
		return nil, err
	}
	select {
	case <-w.answered:
	case <-ctx.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.answered: // even if ctx has ended: whoever is in notices that soon
		if w.ticket == nil {
			return nil, ErrClosed
		}
		return w.ticket, nil
	default:
		l.leaveLine(l.flows[party.Name], w)
		return nil, context.Cause(ctx)
	}
}

// leaveLine is for whoever gives up: it may have kept others waiting.
func (l *Line) leaveLine(f *flow, w *waiter) {
	now := l.now()
	l.pass(f, now)
	l.remove(f, w)
	l.admit(now)
}

// queue puts a request in line, and lets it in at once where it can be.
func (l *Line) queue(party Party, cost Cost, patience Patience) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	if most := min(l.config.Bytes, party.MaxBytes); cost.Bytes > most {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, cost.Bytes, most)
	}
	now := l.now()
	f := l.flowOf(party)
	l.pass(f, now)
	l.arrived++
	w := &waiter{number: l.arrived, arrived: now, cost: cost, answered: make(chan struct{})}
	f.line = append(f.line, w)
	f.counts.Waiting++
	l.counts.Waiting++
	l.admit(now)
	if w.ticket != nil {
		return w, nil
	}
	expected, err := l.expect(f, 0, patience)
	if err != nil {
		l.remove(f, w)
		return nil, err
	}
	most := l.config.patience(patience)
	w.bound = max(expected, min(most.Place, most.Answer))
	return w, nil
}

// flowOf finds a party's flow, or begins one, and forgets those that are over:
// so there are never many more than there are parties with something in line.
func (l *Line) flowOf(party Party) *flow {
	f, ok := l.flows[party.Name]
	if !ok {
		maps.DeleteFunc(l.flows, func(_ string, f *flow) bool {
			return f.counts == (Counts{}) && f.reservations == 0 && f.turn <= l.clock
		})
		f = new(flow)
		l.flows[party.Name] = f
	}
	f.party = party
	f.party.Weight = max(1, party.Weight)
	return f
}

func (l *Line) remove(f *flow, w *waiter) {
	i := slices.Index(f.line, w)
	f.line = slices.Delete(f.line, i, i+1)
	f.counts.Waiting--
	l.counts.Waiting--
}

// admit gives away the places that are free. When nobody waits any more, who
// has had how many turns is forgotten.
func (l *Line) admit(now time.Time) {
	for f := l.next(now); f != nil; f = l.next(now) {
		w := f.first(now)
		l.remove(f, w)
		w.ticket = &Ticket{line: l, flow: f, cost: w.cost}
		f.pass(now)
		l.take(f, 1, w.cost.Bytes)
		l.clock = l.turnOf(f)
		f.turn = l.clock + oneTurn/f.party.Weight
		l.latest = max(l.latest, f.turn)
		close(w.answered)
	}
	if l.counts.Waiting == 0 {
		l.clock = l.latest
	}
}

// take counts places and bytes of tickets; both may be negative.
func (l *Line) take(f *flow, places int, bytes int64) {
	for _, counts := range []*Counts{&l.counts, &f.counts} {
		counts.Running += places
		counts.Bytes += bytes
	}
}

// next is the flow of whoever is let in next, nil while nobody can be: the one
// whose turn comes first, of those that wait and may have another place; of
// several, that of who has waited longest. If its bytes are not free, another
// one may pass it, but only maxPassed times.
//
// Each request moves its flow's turn on by oneTurn divided by the weight. While
// a party waits, another has therefore no more turns than the quotient of their
// weights, rounded up, and one more, and maxPassed where bytes are short.
func (l *Line) next(now time.Time) *flow {
	if l.noPlace() {
		l.full = true
		return nil
	}
	var first, fitting *flow
	for _, f := range l.flows {
		if len(f.line) == 0 || f.atMost(now) {
			continue
		}
		if first == nil || l.before(f, first) {
			first = f
		}
		if f.first(now).cost.Bytes <= l.config.Bytes-l.counts.Bytes && (fitting == nil || l.before(f, fitting)) {
			fitting = f
		}
	}
	l.full = first != nil && fitting == nil
	if first == fitting || fitting == nil {
		return fitting
	}
	if w := first.first(now); w.passed < maxPassed {
		w.passed++
		return fitting
	}
	l.full = true
	return nil
}

// noPlace reports whether no place is free.
func (l *Line) noPlace() bool {
	return l.counts.Running+l.overdue >= l.config.Places || !mayLinger(l.counts.Lingering, l.config.Places)
}

// noPlace reports whether the party has as many places as it may have.
func (f *flow) noPlace() bool {
	return f.counts.Running+f.overdue >= f.party.MaxRunning || !mayLinger(f.counts.Lingering, f.party.MaxRunning)
}

// atMost reports whether a flow has all that its own party's maxima allow.
func (f *flow) atMost(now time.Time) bool {
	if f.noPlace() {
		return true
	}
	return len(f.line) > 0 && f.first(now).cost.Bytes > f.party.MaxBytes-f.counts.Bytes
}

func (l *Line) before(a, b *flow) bool {
	turnA, turnB := l.turnOf(a), l.turnOf(b)
	return turnA < turnB || turnA == turnB && a.line[0].number < b.line[0].number
}

// turnOf is never in the past: a party that has had no requests for an hour, or
// had all the places that it may have, has saved up no turns by that.
func (l *Line) turnOf(f *flow) uint64 { return max(f.turn, l.clock) }

// Close turns away who waits and who comes. The channel is closed when the last
// ticket has left. Reservations are refused from then on; those that there are
// do not keep the line from being empty.
func (l *Line) Close() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		for _, f := range l.flows {
			for _, w := range slices.Clone(f.line) {
				l.remove(f, w)
				close(w.answered)
			}
		}
		l.settle()
	}
	return l.empty
}

// settle notices that the last has left. mu is held.
func (l *Line) settle() {
	if l.closed && l.counts.Running == 0 {
		close(l.empty)
	}
}

// Count tells what all have.
func (l *Line) Count() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// CountOf tells what one party has.
func (l *Line) CountOf(name string) Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.flows[name]; ok {
		return f.counts
	}
	return Counts{}
}
