package line

import (
	"context"
	"slices"
	"time"
)

// Requests that stay behind have a class of their own. All other requests pass them:
// one of them gets a place only if no other request could take it. They use what is
// idle, and never all of it, so that the next request of any party finds a place:
//
//   - at most Config.Behind of them run at a time, and at most Config.Beside while
//     other requests run or wait, since these share the processors with them;
//   - a party that may run several requests keeps one place for its other requests;
//   - while one of them runs, another leaves a quarter of the bytes, of all and of its
//     party, to other requests.
//
// Among themselves they are fair between parties, as the others are, on a clock of
// their own. They are not bounded in time: whoever sends thousands of them knows that
// they wait. Nobody may have many of them in line, though: a batch has one.

// EnterBehind waits, as long as it takes, for a place and bytes that no other request
// could have. The caller must call [Ticket.Leave]. The error is [ErrTooLarge] or
// [ErrClosed], possibly wrapped, or the cause of ctx.
func (l *Line) EnterBehind(ctx context.Context, party Party, cost Cost) (*Ticket, error) {
	w, err := l.queueBehind(party, cost)
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
	case <-w.answered:
		if w.ticket == nil {
			return nil, ErrClosed
		}
		return w.ticket, nil
	default:
		l.removeBehind(l.flows[party.Name], w)
		l.admitBehind(l.now()) // others may have waited for it
		return nil, context.Cause(ctx)
	}
}

func (l *Line) queueBehind(party Party, cost Cost) (*waiter, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, w, err := l.arrive(party, cost)
	if err != nil {
		return nil, err
	}
	f.behind = append(f.behind, w)
	f.counts.Behind++
	l.counts.Behind++
	l.admitBehind(w.arrived)
	return w, nil
}

func (l *Line) removeBehind(f *flow, w *waiter) {
	i := slices.Index(f.behind, w)
	f.behind = slices.Delete(f.behind, i, i+1)
	f.counts.Behind--
	l.counts.Behind--
}

func (l *Line) refuseBehind(f *flow) {
	for _, w := range slices.Clone(f.behind) {
		l.removeBehind(f, w)
		close(w.answered)
	}
}

// takeBehind counts tickets of requests that stay behind.
func (l *Line) takeBehind(f *flow, places int) {
	l.counts.RunningBehind += places
	f.counts.RunningBehind += places
}

// admitBehind gives places that no other request can have to those that stay behind.
func (l *Line) admitBehind(now time.Time) {
	for f := l.nextBehind(); f != nil; f = l.nextBehind() {
		w := f.behind[0]
		l.removeBehind(f, w)
		w.ticket = &Ticket{line: l, flow: f, cost: w.cost, behind: true}
		f.pass(now)
		l.take(f, 1, w.cost.Bytes)
		l.takeBehind(f, 1)
		l.behind = max(f.behindTurn, l.behind)
		f.behindTurn = l.behind + oneTurn/f.party.Weight
		close(w.answered)
	}
}

// nextBehind returns the flow whose request is next of those that stay behind, or nil
// if none may have a place now.
func (l *Line) nextBehind() *flow {
	if l.counts.Behind == 0 || l.full || l.noPlace() || l.counts.RunningBehind >= l.mostBehind() {
		return nil
	}
	var first *flow
	for _, f := range l.flows {
		if len(f.behind) == 0 || f.keepsItsPlaces() || !f.counts.leaves(f.behind[0].cost, f.party.MaxBytes) {
			continue
		}
		if first == nil || l.beforeBehind(f, first) {
			first = f
		}
	}
	if first == nil || !l.counts.leaves(first.behind[0].cost, l.config.Bytes) {
		return nil
	}
	return first
}

// leaves reports whether the bytes of one more request that stays behind are free, and
// enough are left to others. One alone may have all.
func (c Counts) leaves(cost Cost, most int64) bool {
	if c.RunningBehind > 0 {
		most -= most / 4
	}
	return cost.Bytes <= most-c.Bytes
}

// mostBehind returns how many requests that stay behind may run now.
func (l *Line) mostBehind() int {
	if l.counts.Waiting > 0 || l.counts.Running > l.counts.RunningBehind {
		return max(1, l.config.Beside)
	}
	return max(1, l.config.Behind)
}

// keepsItsPlaces reports whether the rest of a party's places is for requests that do
// not stay behind.
func (f *flow) keepsItsPlaces() bool {
	return f.noPlace() || f.party.MaxRunning > 1 && f.counts.RunningBehind >= f.party.MaxRunning-1
}

func (l *Line) beforeBehind(a, b *flow) bool {
	turnA, turnB := max(a.behindTurn, l.behind), max(b.behindTurn, l.behind)
	return turnA < turnB || turnA == turnB && a.behind[0].number < b.behind[0].number
}
