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

// The reasons why a request does not get a place or bytes.
var (
	ErrFull       = errors.New("the waiting line is full")
	ErrPartyFull  = errors.New("this party's share of the waiting line is full")
	ErrClosed     = errors.New("the line is closed")
	ErrTooLarge   = errors.New("the request needs more memory than it can ever get")
	ErrBytes      = errors.New("other requests hold the memory")
	ErrPartyBytes = errors.New("this party's other requests hold the memory that it may have")
)

// Config has the limits of a line.
type Config struct {
	Places   int   // requests that run at a time
	Waiting  int   // requests that wait at a time
	Bytes    int64 // that all tickets may hold together
	Reserved int64 // bytes that all reservations may hold together

	// Behind is how many requests of those that stay behind all others may run at a
	// time; Beside, how many while others run or wait: see [Line.EnterBehind].
	Behind, Beside int

	// Patience is the longest expected time of a request that is still accepted
	// into the line, unless the request sets its own. 0 means unlimited.
	Patience Patience
}

// A Party shares the line with others. Its maxima are exact: if MaxWaiting is 0, none
// of its requests may wait. The maxima of the party's latest request apply, so they
// may change at any time.
type Party struct {
	Name        string // parties with the same name are the same party
	Weight      uint64 // turns for each turn of a party with weight 1; 0 counts as 1
	MaxRunning  int
	MaxWaiting  int
	MaxBytes    int64
	MaxReserved int64 // bytes
}

// Unbounded returns a party without maxima of its own.
func Unbounded(name string) Party {
	return Party{
		Name: name, Weight: 1, MaxRunning: math.MaxInt, MaxWaiting: math.MaxInt,
		MaxBytes: math.MaxInt64, MaxReserved: math.MaxInt64,
	}
}

// Cost is what a request holds while it runs, besides its place.
type Cost struct {
	Bytes int64
}

// Counts are the current figures of a line or of one of its parties.
type Counts struct {
	Running  int
	Waiting  int
	Bytes    int64 // held by tickets
	Reserved int64 // bytes held by reservations

	Lingering int // answered requests whose work has not ended; not in Running

	Behind        int // that wait behind all others; not in Waiting
	RunningBehind int // those of Running that waited behind all others
}

// A Line gives places and bytes to requests. Its methods are safe for concurrent use.
type Line struct {
	config Config
	now    func() time.Time

	mu      sync.Mutex // guards what follows, and every flow, waiter, ticket and reservation
	counts  Counts
	overdue int              // of the lingering ones: see [Ticket.Linger]
	flows   map[string]*flow // by party name
	clock   uint64           // the last turn given
	latest  uint64           // the latest turn of all flows
	arrived uint64           // waiters so far
	pace    pace             // of all requests
	behind  uint64           // the last turn given to those that stay behind
	full    bool             // there is no place, or there are not enough bytes, for the next request
	holds   int              // unreleased reservations that Close waits for
	closed  bool
	empty   chan struct{} // closed when the line is closed, and nothing runs or is held
}

// flow is the state of one party.
type flow struct {
	party   Party
	counts  Counts
	overdue int // of the lingering ones
	line    []*waiter

	reservations int // unreleased, including those of 0 bytes

	behind     []*waiter // that stay behind the requests of all parties
	behindTurn uint64    // as turn, among them

	turn uint64 // when the next request may be admitted, on the line's clock
	pace pace   // of the party alone, while it has all the places that it may have
}

type waiter struct {
	number   uint64 // order of arrival
	arrived  time.Time
	bound    time.Duration // how long it should wait at most
	cost     Cost
	passed   int           // turns that others had while it was first and its bytes were not free
	answered chan struct{} // closed when it is admitted or refused
	ticket   *Ticket       // nil: refused
}

const (
	// oneTurn is how far the clock advances for a request of a party with weight
	// 1. Dividing it by any weight up to 100 is exact to within a millionth.
	oneTurn = 1 << 27

	anyWait = 1000 * time.Hour

	// maxPassed is how many requests may be admitted ahead of the next one while
	// its bytes are not free. Then the line waits until they are. So small
	// requests do not wait long for a large one, and a large one does not wait
	// forever for small ones.
	maxPassed = 16
)

// New returns an empty line.
func New(config Config) *Line {
	config.Patience = Config{Patience: Patience{anyWait, anyWait}}.patience(config.Patience)
	return &Line{config: config, now: time.Now, flows: make(map[string]*flow), empty: make(chan struct{})}
}

// Enter waits for a place and the bytes. The caller must call [Ticket.Leave]. The
// error is [ErrFull], [ErrPartyFull], [ErrTooLarge] or [ErrClosed], possibly wrapped,
// a [*SlowError], or the cause of ctx.
func (l *Line) Enter(ctx context.Context, party Party, cost Cost) (*Ticket, error) {
	return l.EnterWithin(ctx, party, cost, Patience{})
}

// EnterWithin is Enter for a request that sets its own patience.
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
	case <-w.answered: // even if ctx has ended: an admitted request soon notices
		if w.ticket == nil {
			return nil, ErrClosed
		}
		return w.ticket, nil
	default:
		l.leaveLine(l.flows[party.Name], w)
		return nil, context.Cause(ctx)
	}
}

// leaveLine removes a request that gives up. Others may have waited for it.
func (l *Line) leaveLine(f *flow, w *waiter) {
	now := l.now()
	l.pass(f, now)
	l.remove(f, w)
	l.admit(now)
}

// queue puts a request in line and admits it at once if possible.
func (l *Line) queue(party Party, cost Cost, patience Patience) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, w, err := l.arrive(party, cost)
	if err != nil {
		return nil, err
	}
	f.line = append(f.line, w)
	f.counts.Waiting++
	l.counts.Waiting++
	l.admit(w.arrived)
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

// arrive makes a waiter of a request that the line may take at all. The caller puts it in
// its flow, in the class that it waits in.
func (l *Line) arrive(party Party, cost Cost) (*flow, *waiter, error) {
	if l.closed {
		return nil, nil, ErrClosed
	}
	if most := min(l.config.Bytes, party.MaxBytes); cost.Bytes > most {
		return nil, nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, cost.Bytes, most)
	}
	now := l.now()
	f := l.flowOf(party)
	l.pass(f, now)
	l.arrived++
	w := &waiter{number: l.arrived, arrived: now, cost: cost, answered: make(chan struct{})}
	return f, w, nil
}

// flowOf returns a party's flow, or creates one and deletes those that are over. So
// there are never many more flows than parties with something in line. Of those that
// stayed behind the last turn is forgotten: it may be the latest for good, and is one.
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

// admit gives away the free places. When no request waits any more, it forgets how
// many turns each party has had.
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
	l.admitBehind(now)
}

// take counts places and bytes of tickets; both may be negative.
func (l *Line) take(f *flow, places int, bytes int64) {
	for _, counts := range []*Counts{&l.counts, &f.counts} {
		counts.Running += places
		counts.Bytes += bytes
	}
}

// next returns the flow whose request is admitted next, or nil if none can be. Among
// the flows that wait and may have another place, it is the one whose turn comes
// first; of several with the same turn, the one that has waited longest. If its bytes
// are not free, others may pass it, but only maxPassed times.
//
// Each request advances its flow's turn by oneTurn divided by the weight. While a
// party waits, another therefore has at most as many turns as the quotient of their
// weights, rounded up, plus one, plus maxPassed if bytes are short.
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

// atMost reports whether a flow has everything that its party's maxima allow.
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

// turnOf returns a flow's turn, which is never in the past. A party that had no
// requests for an hour, or had all the places that it may have, saves up no turns.
func (l *Line) turnOf(f *flow) uint64 { return max(f.turn, l.clock) }

// Close refuses waiting requests and all later ones. The returned channel is closed
// when the last ticket has left. New reservations are refused; existing ones only delay
// that if they are held: see [Line.Hold].
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
			l.refuseBehind(f)
		}
		l.settle()
	}
	return l.empty
}

// settle closes empty if the last ticket has left and nothing is held. The caller holds
// mu.
func (l *Line) settle() {
	if l.closed && l.counts.Running == 0 && l.holds == 0 {
		close(l.empty)
	}
}

// Count returns the figures of the line.
func (l *Line) Count() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// CountOf returns the figures of one party.
func (l *Line) CountOf(name string) Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.flows[name]; ok {
		return f.counts
	}
	return Counts{}
}
