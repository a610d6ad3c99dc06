package line

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// lets reports whether a request of the party gets a place at once.
func lets(t *testing.T, l *Line, party Party) bool {
	t.Helper()
	party.MaxWaiting = 0
	ticket, err := l.Enter(t.Context(), party, Cost{})
	ticket.Leave()
	return err == nil
}

func TestWorkThatEndsSoonAfterItsAnswerKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 0)
		gone := make(chan struct{})
		enter(t, l, one).Linger(gone)
		if counts := l.Count(); counts != (Counts{Lingering: 1}) || !lets(t, l, one) {
			t.Errorf("%+v", counts)
		}
		close(gone)
		synctest.Wait()
		if counts := l.Count(); counts != (Counts{}) {
			t.Errorf("%+v", counts)
		}
	})
}

func TestWorkThatDoesNotEndTakesItsPlaceAgain(t *testing.T) {
	for name, l := range map[string]*Line{"the line's": newLine(1, 0), "the party's": newLine(10, 0)} {
		synctest.Test(t, func(t *testing.T) {
			party := one
			party.MaxRunning = 1
			gone := make(chan struct{})
			ticket := enter(t, l, party)
			ticket.Linger(gone)
			ticket.Linger(gone) // has no effect
			ticket.Leave()
			time.Sleep(LingerGrace + time.Millisecond)
			if counts := l.Count(); counts != (Counts{Lingering: 1}) || lets(t, l, party) {
				t.Errorf("%s place is free: %+v", name, counts)
			}
			if other := Unbounded("other"); lets(t, l, other) != (name == "the party's") {
				t.Errorf("%s: another party's place", name)
			}
			close(gone)
			synctest.Wait()
			if counts := l.Count(); counts != (Counts{}) || !lets(t, l, party) {
				t.Errorf("%s place was not given back: %+v", name, counts)
			}
		})
	}
}

// However short the requests are, lingering work stays within its bound.
func TestWorkThatLingersIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(100, 0)
		party := one
		party.MaxRunning = 3
		gone := make(chan struct{})
		for range 3 + lingerMore {
			enter(t, l, party).Linger(gone)
		}
		if lets(t, l, party) {
			t.Error("one more is let in")
		}
		close(gone)
		synctest.Wait()
		if !lets(t, l, party) {
			t.Error("nobody is let in after the work has ended")
		}
	})
}

func TestWorkThatLingersDoesNotKeepTheLineFromClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 0)
		gone := make(chan struct{})
		ticket := enter(t, l, one)
		empty := l.Close()
		ticket.Linger(gone)
		<-empty
		time.Sleep(2 * LingerGrace)
		close(gone)
		synctest.Wait()
		if counts := l.Count(); counts != (Counts{}) {
			t.Errorf("%+v", counts)
		}
	})
}

// A slow client keeps the bytes of its answer and nobody's place; Close waits for it.
func TestAPlaceMayBeGivenBackBeforeTheBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, lingers := range map[string]bool{"its cell is gone": false, "its cell is not": true} {
			l := newLine(1, 10)
			gone := make(chan struct{})
			if !lingers {
				close(gone)
			}
			ticket, err := l.Enter(t.Context(), one, Cost{Bytes: 8})
			if err != nil {
				t.Fatal(err)
			}
			ticket.Shrink(6)
			ticket.Yield(gone)
			ticket.Yield(gone) // has no effect
			want := Counts{Bytes: 6}
			if lingers {
				want.Lingering = 1
			}
			if counts := l.Count(); counts != want || !lets(t, l, one) {
				t.Errorf("%s: %+v", name, counts)
			}
			ticket.Shrink(5)
			empty := l.Close()
			synctest.Wait()
			select {
			case <-empty:
				t.Errorf("%s: the line is said to be empty", name)
			default:
			}
			ticket.Linger(gone)
			ticket.Leave() // has no effect
			<-empty
			if lingers {
				time.Sleep(2 * LingerGrace)
				close(gone)
			}
			synctest.Wait()
			if counts := l.Count(); counts != (Counts{}) {
				t.Errorf("%s: %+v", name, counts)
			}
		}
	})
}

// So is what is held without a place.
func TestCloseWaitsForWhatIsHeld(t *testing.T) {
	l := newLine(1, 10)
	held, err := l.Hold(one, 0)
	if err != nil {
		t.Fatal(err)
	}
	reserved, err := l.Reserve(one, 0)
	if err != nil {
		t.Fatal(err)
	}
	empty := l.Close()
	if _, err := l.Hold(one, 0); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
	select {
	case <-empty:
		t.Error("the line is said to be empty")
	default:
	}
	held.Release()
	held.Release()
	<-empty
	reserved.Release()
}
