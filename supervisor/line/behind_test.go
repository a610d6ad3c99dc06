package line

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
)

// behind sends a request that stays behind, and returns a function that reports whether
// it has its place, and its ticket.
func behind(t *testing.T, ctx context.Context, l *Line, party Party, cost Cost) func() (*Ticket, error) {
	t.Helper()
	var ticket *Ticket
	err := errors.New("it waits")
	go func() { ticket, err = l.EnterBehind(ctx, party, cost) }()
	synctest.Wait()
	return func() (*Ticket, error) { synctest.Wait(); return ticket, err }
}

func ticketOf(t *testing.T, of func() (*Ticket, error)) *Ticket {
	t.Helper()
	ticket, err := of()
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestAllOthersPassRequestsThatStayBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 10)
		l.config.Behind = 1
		running := enter(t, l, one)
		late := behind(t, t.Context(), l, one, Cost{})
		var passes *Ticket
		go func() { passes = enter(t, l, Unbounded("other")) }()
		synctest.Wait()
		running.Leave()
		synctest.Wait()
		if _, err := late(); passes == nil || err == nil {
			t.Fatalf("the request that came later: %v, the one that stays behind: %v", passes, err)
		}
		passes.Leave()
		ticketOf(t, late).Leave()
		if counts := l.Count(); counts != (Counts{}) {
			t.Errorf("%+v", counts)
		}
	})
}

func TestRequestsThatStayBehindLeaveBytesToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(8, 10)
		l.config.Behind, l.config.Bytes = 8, 100
		whole := behind(t, t.Context(), l, one, Cost{Bytes: 100}) // alone it may have all
		second := behind(t, t.Context(), l, one, Cost{Bytes: 40})
		ticketOf(t, whole).Leave()
		third := behind(t, t.Context(), l, one, Cost{Bytes: 40})
		ticketOf(t, second)
		if _, err := third(); err == nil {
			t.Fatal("two runs leave less than a quarter to others")
		}
		other, err := l.Enter(t.Context(), Unbounded("other"), Cost{Bytes: 25})
		if err != nil {
			t.Fatal(err)
		}
		ticketOf(t, second).Leave()
		ticketOf(t, third).Leave()
		other.Leave()
		party := Party{Name: "small", Weight: 1, MaxRunning: 8, MaxWaiting: 8, MaxBytes: 40}
		first := behind(t, t.Context(), l, party, Cost{Bytes: 20})
		second = behind(t, t.Context(), l, party, Cost{Bytes: 20})
		ticketOf(t, first)
		if _, err := second(); err == nil {
			t.Fatal("they leave less than a quarter of the party's bytes to its other requests")
		}
		ticketOf(t, first).Leave()
		ticketOf(t, second).Leave()
		if counts := l.Count(); counts != (Counts{}) {
			t.Errorf("%+v", counts)
		}
	})
}

func TestRequestsThatStayBehindLeavePlacesToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(8, 10)
		l.config.Behind, l.config.Beside = 4, 1
		var all []func() (*Ticket, error)
		running := func() (n int) {
			for _, of := range all {
				if _, err := of(); err == nil {
					n++
				}
			}
			return n
		}
		for range 6 {
			all = append(all, behind(t, t.Context(), l, one, Cost{}))
		}
		if n := running(); n != 4 || l.Count().Behind != 2 {
			t.Fatalf("%d run, %+v", n, l.Count())
		}
		other := enter(t, l, Unbounded("other"))
		for _, of := range all[:3] {
			ticketOf(t, of).Leave()
		}
		if counts := l.Count(); counts.RunningBehind != 1 || counts.Behind != 2 {
			t.Errorf("beside another request: %+v", counts)
		}
		other.Leave()
		if counts := l.Count(); counts.RunningBehind != 3 || counts.Behind != 0 {
			t.Errorf("after it: %+v", counts)
		}
	})
}

func TestAPartyKeepsAPlaceForItsOtherRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for most, want := range map[int]int{1: 1, 3: 2} {
			l := newLine(8, 10)
			l.config.Behind = 8
			party := one
			party.MaxRunning = most
			ctx, leave := context.WithCancel(t.Context())
			for range 5 {
				behind(t, ctx, l, party, Cost{})
			}
			if counts := l.Count(); counts.Running != want {
				t.Errorf("of %d places: %+v", most, counts)
			}
			leave()
			synctest.Wait()
			if counts := l.Count(); counts.Behind != 0 {
				t.Errorf("after they gave up: %+v", counts)
			}
		}
	})
}

func TestRequestsThatStayBehindAreFairBetweenParties(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(2, 10)
		l.config.Behind = 1
		first := ticketOf(t, behind(t, t.Context(), l, weighted("many", 1), Cost{}))
		var many []func() (*Ticket, error)
		for range 4 {
			many = append(many, behind(t, t.Context(), l, weighted("many", 1), Cost{}))
		}
		few := behind(t, t.Context(), l, weighted("few", 1), Cost{})
		first.Leave()
		if _, err := few(); err != nil {
			t.Fatalf("a party with one request waits for those of another: %v, %+v", err, l.Count())
		}
		ticketOf(t, few).Leave()
		for _, of := range many {
			ticketOf(t, of).Leave()
		}
	})
}

func TestBytesAreNotTakenFromRequestsThatWaitForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(8, 10)
		l.config.Behind, l.config.Beside, l.config.Bytes = 8, 8, 100
		running, err := l.Enter(t.Context(), one, Cost{Bytes: 60})
		if err != nil {
			t.Fatal(err)
		}
		var large *Ticket
		go func() { large, _ = l.Enter(t.Context(), one, Cost{Bytes: 80}) }()
		synctest.Wait()
		small := behind(t, t.Context(), l, one, Cost{Bytes: 10})
		if _, err := small(); err == nil {
			t.Error("it takes bytes that another request waits for")
		}
		running.Leave()
		synctest.Wait()
		ticketOf(t, small).Leave()
		large.Leave()
		if _, err := l.EnterBehind(t.Context(), one, Cost{Bytes: 101}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%v", err)
		}
	})
}

func TestClosingRefusesRequestsThatStayBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine(1, 10)
		running := enter(t, l, one)
		waits := behind(t, t.Context(), l, one, Cost{})
		empty := l.Close()
		if _, err := waits(); !errors.Is(err, ErrClosed) {
			t.Errorf("%v", err)
		}
		if _, err := l.EnterBehind(t.Context(), one, Cost{}); !errors.Is(err, ErrClosed) {
			t.Errorf("%v", err)
		}
		running.Leave()
		<-empty
	})
}

// Nobody takes a second turn.
func TestPartiesWhoseRequestsStayedBehindAreForgotten(t *testing.T) {
	l := newLine(10, 10)
	for i := range 1000 {
		ticket, err := l.EnterBehind(t.Context(), Unbounded(strconv.Itoa(i)), Cost{})
		if err != nil {
			t.Fatal(err)
		}
		ticket.Leave()
	}
	if len(l.flows) > 10 {
		t.Errorf("%d parties are remembered", len(l.flows))
	}
}
