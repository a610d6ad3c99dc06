package line

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errGaveUp = errors.New("gave up")

func newLine(places, waiting int) *Line {
	return New(Config{Places: places, Waiting: waiting, Bytes: math.MaxInt64, Reserved: math.MaxInt64})
}

// enter is for requests that must get a place.
func enter(t *testing.T, l *Line, party Party) *Ticket {
	t.Helper()
	ticket, err := l.Enter(t.Context(), party, Cost{})
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

var one = Unbounded("one")

func weighted(name string, weight uint64) Party {
	party := Unbounded(name)
	party.Weight = weight
	return party
}

func TestRequestsAreAdmittedInTheOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 10)
		first := enter(t, l, one)
		var mu sync.Mutex
		var order []int
		for i := range 5 {
			go func() {
				ticket, err := l.Enter(t.Context(), one, Cost{})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				ticket.Leave()
			}()
			synctest.Wait()
		}
		if counts := l.Count(); counts != (Counts{Running: 1, Waiting: 5}) {
			t.Errorf("%+v", counts)
		}
		first.Leave()
		synctest.Wait()
		if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
			t.Errorf("%v", order)
		}
		if counts := l.Count(); counts != (Counts{}) {
			t.Errorf("%+v", counts)
		}
	})
}

func TestALineThatIsFullRefusesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 1)
		first := enter(t, l, one)
		go func() { enter(t, l, one).Leave() }()
		synctest.Wait()
		if _, err := l.Enter(t.Context(), one, Cost{}); !errors.Is(err, ErrFull) {
			t.Errorf("%v", err)
		}
		first.Leave()
	})
}

func TestAWaitEndsWithItsContextAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 2)
		first := enter(t, l, one)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errGaveUp)
		defer cancel()
		patient := make(chan *Ticket)
		began := time.Now()
		go func() {
			time.Sleep(time.Millisecond)
			patient <- enter(t, l, one)
		}()
		if _, err := l.Enter(ctx, one, Cost{}); !errors.Is(err, errGaveUp) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		first.Leave()
		(<-patient).Leave() // the request behind it moves up
	})
}

func TestCloseRefusesWaitingRequestsAndWaitsForRunningOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(2, 2)
		a, b := enter(t, l, one), enter(t, l, one)
		held, err := l.Reserve(one, 10)
		if err != nil {
			t.Fatal(err)
		}
		waiting := make(chan error)
		go func() {
			_, err := l.Enter(t.Context(), one, Cost{})
			waiting <- err
		}()
		synctest.Wait()
		empty := l.Close()
		if err := <-waiting; !errors.Is(err, ErrClosed) {
			t.Errorf("who waited: %v", err)
		}
		if _, err := l.Enter(t.Context(), one, Cost{}); !errors.Is(err, ErrClosed) {
			t.Errorf("who comes: %v", err)
		}
		if _, err := l.Reserve(one, 1); !errors.Is(err, ErrClosed) {
			t.Errorf("who comes with a body: %v", err)
		}
		if err := held.Grow(1); !errors.Is(err, ErrClosed) {
			t.Errorf("whose body grows: %v", err)
		}
		a.Leave()
		a.Leave()
		select {
		case <-empty:
			t.Error("one is still in")
		default:
		}
		b.Leave()
		<-empty
		<-l.Close() // a second time
	})
}

// Whatever the order of entering, leaving and giving up, no place is lost.
func TestNoPlaceIsLost(t *testing.T) {
	l := New(Config{Places: 3, Waiting: 1000, Bytes: 5, Reserved: 1000})
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*100*time.Microsecond)
			defer cancel()
			body, err := l.Reserve(one, 3)
			if err != nil {
				t.Error(err)
			}
			defer body.Release()
			if ticket, err := l.Enter(ctx, one, Cost{Bytes: int64(i % 6)}); err == nil {
				time.Sleep(100 * time.Microsecond)
				ticket.Shrink(1)
				ticket.Leave()
			}
		})
	}
	all.Wait()
	if counts := l.Count(); counts != (Counts{}) {
		t.Errorf("%+v", counts)
	}
	<-l.Close()
}

func TestATicketThatLeavesTwiceGivesOnePlace(t *testing.T) {
	l := newLine(2, 2)
	a, b := enter(t, l, one), enter(t, l, one)
	a.Leave()
	a.Leave()
	if counts := l.Count(); counts.Running != 1 {
		t.Errorf("%+v", counts)
	}
	b.Leave()
	var none *Ticket
	none.Leave()
}

func TestAPartyWithAThousandRequestsKeepsAnotherWaitingForOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(4, 2000)
		greedy, quiet := Unbounded("greedy"), Unbounded("quiet")
		run := func(party Party) (waited time.Duration) {
			began := time.Now()
			ticket, err := l.Enter(t.Context(), party, Cost{})
			if err != nil {
				t.Error(err)
				return
			}
			waited = time.Since(began)
			time.Sleep(time.Second)
			ticket.Leave()
			return waited
		}
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() { run(greedy) })
		}
		synctest.Wait()
		for range 20 {
			time.Sleep(300 * time.Millisecond)
			if waited := run(quiet); waited > time.Second {
				t.Errorf("%v, and each place is taken for a second at a time", waited)
			}
		}
		if waiting := l.CountOf("greedy").Waiting; waiting < 800 {
			t.Errorf("only %d waited all the while", waiting)
		}
		all.Wait()
	})
}

func TestPartiesHaveTurnsByTheirWeights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 1000)
		first := enter(t, l, Unbounded("first"))
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		for _, party := range []Party{weighted("one", 1), weighted("three", 3)} {
			for range 30 {
				all.Go(func() {
					ticket, err := l.Enter(t.Context(), party, Cost{})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					order = append(order, party.Name)
					mu.Unlock()
					ticket.Leave()
				})
			}
		}
		synctest.Wait()
		first.Leave()
		all.Wait()
		counts := make(map[string]int)
		for _, name := range order[:20] {
			counts[name]++
		}
		if counts["one"] != 5 || counts["three"] != 15 {
			t.Errorf("of 20 turns %v", counts)
		}
	})
}

func TestAnIdlePartySavesUpNoTurns(t *testing.T) {
	l := newLine(1, 100)
	busy, idle := Unbounded("busy"), Unbounded("idle")
	for range 1000 {
		enter(t, l, busy).Leave()
	}
	running := enter(t, l, busy)
	first, _ := l.queue(busy, Cost{}, Patience{})
	var others []*waiter
	for range 10 {
		w, _ := l.queue(idle, Cost{}, Patience{})
		others = append(others, w)
	}
	running.Leave()
	others[0].ticket.Leave()
	select {
	case <-first.answered:
	default:
		t.Error("the party that was idle has two turns in a row")
	}
}

func TestPartiesThatAreGoneAreForgotten(t *testing.T) {
	l := newLine(4, 4)
	for i := range 10_000 {
		party := Unbounded(fmt.Sprint(i))
		body, err := l.Reserve(party, 1)
		if err != nil {
			t.Fatal(err)
		}
		enter(t, l, party).Leave()
		body.Release()
	}
	if len(l.flows) > 10 {
		t.Errorf("%d parties are remembered", len(l.flows))
	}
}
