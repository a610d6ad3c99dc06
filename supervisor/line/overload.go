package line

import (
	"fmt"
	"time"
)

// A line that is bounded only in length fails under overload: it is always full,
// every request waits as long as a full line takes, and its client has given up by
// the time it is admitted. So the line is bounded in time:
//
//   - A request is refused at once if it is expected to take longer than it may.
//     The expectation is the number of requests ahead of it, waiting and running,
//     divided by the rate at which requests left in the last seconds. An eighth of
//     the number of places may always wait, unless requests set their own patience:
//     where each request takes long, clients wait long.
//   - If the expectation was wrong because requests suddenly take longer, the line
//     becomes late: its oldest request has waited one and a half times as long as
//     it should. While the line is late, the newest request goes first, because its
//     client is still there. Clients of the oldest are about to give up, and those
//     that do leave the line.
//
// The first follows from Little's law. The second is adaptive LIFO (Maurer:
// "Fail at Scale", ACM Queue 13(8), 2015). A line that is not late is first come,
// first served.

// Patience is the longest expected time of a request that is accepted. A zero field
// means that of [Config].
type Patience struct {
	Place  time.Duration // until it has a place
	Answer time.Duration // until it leaves
}

// A SlowError refuses a request that would take too long.
type SlowError struct {
	Expected time.Duration
	Bound    time.Duration
	Party    bool // the reason is the party's own maximum
}

func (e *SlowError) Error() string {
	return fmt.Sprintf("the expected wait is %v, the maximum is %v", e.Expected.Round(time.Millisecond), e.Bound)
}

// Expect returns the error with which EnterWithin would refuse a request that arrived
// now, or nil. Use it to refuse a request before any work is done for it, such as
// reading its body.
func (l *Line) Expect(party Party, patience Patience) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	now := l.now()
	f := l.flowOf(party)
	l.pass(f, now)
	if !l.full && !f.atMost(now) {
		return nil
	}
	_, err := l.expect(f, 1, patience)
	return err
}

// expect returns how long the last request of a flow will wait for its place, or why
// it may not wait. more is 1 if the request is not in line yet.
func (l *Line) expect(f *flow, more int, patience Patience) (time.Duration, error) {
	inLine := f.counts.Waiting + more // of its party, including itself
	switch {
	case inLine > f.party.MaxWaiting:
		return 0, ErrPartyFull
	case l.counts.Waiting+more > l.config.Waiting:
		return 0, ErrFull
	}
	inLineOfAll := l.ahead(f, inLine) + 1
	few := patience == (Patience{}) && inLineOfAll <= fewOf(l.config.Places)
	place, answer := l.pace.wait(inLineOfAll, l.config.Places), l.pace.wait(inLineOfAll+l.counts.Running, l.config.Places)
	own := false
	if f.noPlace() {
		few = few && inLine <= fewOf(f.party.MaxRunning)
		if alone := f.pace.wait(inLine, f.party.MaxRunning); alone >= place {
			own, place, answer = true, alone, f.pace.wait(inLine+f.counts.Running, f.party.MaxRunning)
		}
	}
	most := l.config.patience(patience)
	switch {
	case answer > most.Answer && !few:
		return 0, &SlowError{Expected: answer, Bound: most.Answer, Party: own}
	case place > most.Place && !few:
		return 0, &SlowError{Expected: place, Bound: most.Place, Party: own}
	}
	return place, nil
}

// fewOf returns how many requests may always wait, given the number of places.
func fewOf(places int) int { return max(1, places/8) }

// patience returns p with zero fields replaced by those of the config.
func (c Config) patience(p Patience) Patience {
	if p.Place == 0 {
		p.Place = c.Patience.Place
	}
	if p.Answer == 0 {
		p.Answer = c.Patience.Answer
	}
	return p
}

// ahead returns how many requests of all parties have their turn before the request
// at a position of a flow.
func (l *Line) ahead(of *flow, place int) int {
	before := place - 1
	turn := l.turnOf(of) + uint64(before)*(oneTurn/of.party.Weight) // #nosec G115 -- not negative
	for _, f := range l.flows {
		if f == of || len(f.line) == 0 || f.noPlace() {
			continue
		}
		if first := l.turnOf(f); first <= turn {
			before += min(len(f.line), int((turn-first)/(oneTurn/f.party.Weight))+1) // #nosec G115 -- the length of a line bounds it
		}
	}
	return before
}

// pass records the time that has passed, before a flow changes.
func (l *Line) pass(f *flow, now time.Time) {
	l.pace.pass(now, l.full)
	f.pass(now)
}

func (f *flow) pass(now time.Time) { f.pace.pass(now, f.noPlace()) }

// leaves counts a request that leaves now.
func (l *Line) leaves(f *flow) {
	if l.full {
		l.pace.left++
	}
	if f.noPlace() {
		f.pace.left++
	}
}

// late reports whether the oldest request of a flow has waited much longer than it
// should.
func (f *flow) late(now time.Time) bool {
	oldest := f.line[0]
	return now.Sub(oldest.arrived) > oldest.bound+oldest.bound/2
}

// first returns the next request of a flow that is not empty.
func (f *flow) first(now time.Time) *waiter {
	if f.late(now) {
		return f.line[len(f.line)-1]
	}
	return f.line[0]
}

// Expected returns how long a request of a party with nothing in line would wait if
// all parties had the same weight.
func (l *Line) Expected() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pace.pass(l.now(), l.full)
	if !l.full {
		return 0
	}
	return l.pace.wait(l.counts.Waiting+1, l.config.Places)
}
