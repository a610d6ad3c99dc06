package line

import (
	"errors"
	"testing"
)

func newBytes(bytes int64) *Line {
	return New(Config{Places: 100, Waiting: 100, Bytes: bytes, Reserved: bytes})
}

func cost(t *testing.T, l *Line, party Party, bytes int64) *waiter {
	t.Helper()
	w, err := l.queue(party, Cost{Bytes: bytes}, Patience{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestARequestWaitsForItsBytes(t *testing.T) {
	l := newBytes(10)
	a, b := cost(t, l, one, 8), cost(t, l, one, 3)
	if a.ticket == nil || b.ticket != nil {
		t.Fatal("there are bytes for the first only")
	}
	a.ticket.Shrink(7)
	if b.ticket == nil {
		t.Error("the first has given back what the second needs, and the second waits")
	}
	a.ticket.Shrink(9) // has no effect
	if counts := l.Count(); counts.Bytes != 10 || counts != l.CountOf("one") {
		t.Errorf("%+v", counts)
	}
	a.ticket.Leave()
	b.ticket.Leave()
	b.ticket.Shrink(0)
	if counts := l.Count(); counts != (Counts{}) {
		t.Errorf("%+v", counts)
	}
}

func TestWhatCanNeverFitIsRefusedAtOnce(t *testing.T) {
	l := newBytes(10)
	small := Unbounded("small")
	small.MaxBytes = 5
	for _, test := range []struct {
		party Party
		bytes int64
		want  error
	}{{one, 10, nil}, {one, 11, ErrTooLarge}, {small, 5, nil}, {small, 6, ErrTooLarge}} {
		if _, err := l.queue(test.party, Cost{Bytes: test.bytes}, Patience{}); !errors.Is(err, test.want) {
			t.Errorf("%s with %d bytes: %v, want %v", test.party.Name, test.bytes, err, test.want)
		}
	}
}

// Small requests pass one that needs many bytes, but not forever: after some time
// they wait until it has got its place.
func TestALargeRequestNeitherBlocksSmallOnesNorStarves(t *testing.T) {
	l := newBytes(10)
	large, small := Unbounded("large"), Unbounded("small")
	running := cost(t, l, small, 5).ticket
	waiting := cost(t, l, large, 8)
	passed := 0
	for waiting.ticket == nil {
		next := cost(t, l, small, 5)
		running.Leave()
		if next.ticket != nil {
			passed++
			running = next.ticket
		}
		if passed > maxPassed {
			t.Fatalf("%d small requests have passed it", passed)
		}
	}
	if passed != maxPassed {
		t.Errorf("%d small requests have passed it, and %d may", passed, maxPassed)
	}
}

func TestGivingUpWhileWaitingForBytesLetsOthersIn(t *testing.T) {
	l := newBytes(10)
	large, small := Unbounded("large"), Unbounded("small")
	cost(t, l, small, 5)
	waiting := cost(t, l, large, 8)
	waiting.passed = maxPassed
	next := cost(t, l, small, 5)
	if next.ticket != nil {
		t.Fatal("a small request has passed more often than it may")
	}
	l.leaveLine(l.flows["large"], waiting)
	if next.ticket == nil {
		t.Error("it waits for somebody who has given up")
	}
}

func TestAPartysBytesDoNotKeepAnotherWaiting(t *testing.T) {
	l := newBytes(10)
	greedy := Unbounded("greedy")
	greedy.MaxBytes = 6
	for range 20 {
		cost(t, l, greedy, 3)
	}
	if counts := l.CountOf("greedy"); counts.Bytes != 6 {
		t.Errorf("%+v", counts)
	}
	if cost(t, l, Unbounded("quiet"), 4).ticket == nil {
		t.Error("there are bytes for it")
	}
}

func TestReservationsTakeBytesAtOnceOrAreRefused(t *testing.T) {
	l := newBytes(10)
	greedy, quiet := Unbounded("greedy"), Unbounded("quiet")
	greedy.MaxReserved = 6
	a, err := l.Reserve(greedy, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Grow(6); err != nil {
		t.Error(err)
	}
	if err := a.Grow(1); !errors.Is(err, ErrPartyBytes) {
		t.Errorf("%v", err)
	}
	if _, err := l.Reserve(greedy, 1); !errors.Is(err, ErrPartyBytes) {
		t.Errorf("%v", err)
	}
	b, err := l.Reserve(quiet, 4)
	if err != nil {
		t.Error(err)
	}
	if err := b.Grow(1); !errors.Is(err, ErrBytes) {
		t.Errorf("%v", err)
	}
	if _, err := l.Reserve(quiet, 1); !errors.Is(err, ErrBytes) {
		t.Errorf("%v", err)
	}
	if cost(t, l, quiet, 10).ticket == nil {
		t.Error("reservations hold the bytes of tickets")
	}
	if counts := l.Count(); counts != (Counts{Running: 1, Bytes: 10, Reserved: 10}) {
		t.Errorf("%+v", counts)
	}
	a.Release()
	a.Release()
	b.Release()
	if err := a.Grow(1); !errors.Is(err, ErrClosed) {
		t.Errorf("a released one grows: %v", err)
	}
	var none *Reservation
	none.Release()
	if counts := l.Count(); counts.Reserved != 0 {
		t.Errorf("%+v", counts)
	}
}
