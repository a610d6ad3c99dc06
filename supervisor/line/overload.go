package line

import (
	"fmt"
	"time"
)

// A line that is only bounded in length fails when more comes than can be done:
// it is always full, everybody waits for as long as a full line takes, and who
// is let in has given up by then. So a line is bounded in time:
//
//   - A request is refused at once when it is expected to take longer than it may.
//     The expectation is the number of requests before it, in line and at their
//     places, divided by the rate at which requests have left in the last seconds.
//     An eighth as many as may run may always wait, unless they say themselves how
//     long: where each request takes long, so do their clients wait.
//   - Where the expectation was wrong, because requests suddenly take longer, the
//     line becomes late: its oldest request has waited for one and a half times as
//     long as it was to. While it is, the newest request goes first. Its client is still
//     there. Those of the oldest are about to give up, and whoever does leaves
//     the line.
//
// The first follows from Little's law. The second is adaptive LIFO (Maurer:
// "Fail at Scale", ACM Queue 13(8), 2015). A line that is short is first come,
// first served.

// Patience is how long a request may be expected to take. Zero fields are those
// of [Config].
type Patience struct {
	Place  time.Duration // until it has a place
	Answer time.Duration // until it leaves
}

// SlowError refuses a request that would take too long.
type SlowError struct {
	Expected time.Duration
	Bound    time.Duration
	Party    bool // because of the party's own maximum
}

func (e *SlowError) Error() string {
	return fmt.Sprintf("the wait would be about %v, and may be %v", e.Expected.Round(time.Millisecond), e.Bound)
}

// Expect reports whether a request would be refused if it came now: the error is
// that of EnterWithin, or nil. It is for refusing before anything is done for a
// request, such as reading its body.
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

// expect is how long the last request of a flow will wait for its place, or why
// it may not. more is 1 if it is not in line yet.
func (l *Line) expect(f *flow, more int, patience Patience) (time.Duration, error) {
	inLine := f.counts.Waiting + more // of its party, itself included
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

// fewOf is how many may always wait where so many may run.
func fewOf(places int) int { return max(1, places/8) }

// patience is that of a request, with the line's where it says nothing.
func (c Config) patience(p Patience) Patience {
	if p.Place == 0 {
		p.Place = c.Patience.Place
	}
	if p.Answer == 0 {
		p.Answer = c.Patience.Answer
	}
	return p
}

// ahead is how many requests of all parties have their turn before the one at a
// place of a flow.
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

// pass notes that time has gone on, before anything of a flow changes.
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

// late reports whether the oldest request of a flow has waited for much longer
// than it was to.
func (f *flow) late(now time.Time) bool {
	oldest := f.line[0]
	return now.Sub(oldest.arrived) > oldest.bound+oldest.bound/2
}

// first is whoever is next in a flow in which somebody waits.
func (f *flow) first(now time.Time) *waiter {
	if f.late(now) {
		return f.line[len(f.line)-1]
	}
	return f.line[0]
}

// Expected is how long a request of a party that has nothing in line would wait
// if everybody before it had the same weight.
func (l *Line) Expected() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pace.pass(l.now(), l.full)
	if !l.full {
		return 0
	}
	return l.pace.wait(l.counts.Waiting+1, l.config.Places)
}
