package supervisor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoComesFirstIsAdmittedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 10)
		if err := a.enter(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []int
		for i := range 5 {
			go func() {
				if err := a.enter(t.Context(), nil); err != nil {
					t.Error(err)
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				a.leave(nil)
			}()
			synctest.Wait()
		}
		if running, waiting := a.count(); running != 1 || waiting != 5 {
			t.Errorf("%d run, %d wait", running, waiting)
		}
		a.leave(nil)
		synctest.Wait()
		if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
			t.Errorf("%v", order)
		}
		if running, waiting := a.count(); running != 0 || waiting != 0 {
			t.Errorf("%d run, %d wait", running, waiting)
		}
	})
}

func TestALineThatIsFullRefusesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 1)
		_ = a.enter(t.Context(), nil)
		go func() { _ = a.enter(t.Context(), nil) }()
		synctest.Wait()
		if err := a.enter(t.Context(), nil); !errors.Is(err, errLineFull) {
			t.Errorf("%v", err)
		}
		a.leave(nil)
		synctest.Wait()
		a.leave(nil)
	})
}

func TestAWaitEndsWithItsContextAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 2)
		_ = a.enter(t.Context(), nil)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errWaitedTooLong)
		defer cancel()
		patient := make(chan error)
		began := time.Now()
		go func() {
			time.Sleep(time.Millisecond)
			patient <- a.enter(t.Context(), nil)
		}()
		if err := a.enter(ctx, nil); !errors.Is(err, errWaitedTooLong) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		a.leave(nil)
		if err := <-patient; err != nil { // who stood behind moves up
			t.Error(err)
		}
		a.leave(nil)
	})
}

func TestClosingTurnsAwayWhoWaitsAndWaitsForWhoIsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(2, 2)
		_, _ = a.enter(t.Context(), nil), a.enter(t.Context(), nil)
		waiting := make(chan error)
		go func() { waiting <- a.enter(t.Context(), nil) }()
		synctest.Wait()
		empty := a.close()
		if err := <-waiting; !errors.Is(err, errDraining) {
			t.Errorf("who waited: %v", err)
		}
		if err := a.enter(t.Context(), nil); !errors.Is(err, errDraining) {
			t.Errorf("who comes: %v", err)
		}
		a.leave(nil)
		select {
		case <-empty:
			t.Error("one is still in")
		default:
		}
		a.leave(nil)
		<-empty
		<-a.close() // again
	})
}

// However entering, leaving and giving up fall together, no place is lost.
func TestNoPlaceIsLost(t *testing.T) {
	a := newAdmission(3, 1000)
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%7)*100*time.Microsecond)
			defer cancel()
			if a.enter(ctx, nil) == nil {
				time.Sleep(100 * time.Microsecond)
				a.leave(nil)
			}
		})
	}
	all.Wait()
	if running, waiting := a.count(); running != 0 || waiting != 0 {
		t.Errorf("%d run, %d wait", running, waiting)
	}
	<-a.close()
}

func someKey(name string, share int) *Key {
	return &Key{Name: name, share: share, maxRunning: 1000, maxWaiting: 1000}
}

func TestAKeyWithAThousandRequestsKeepsAnotherWaitingForOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(4, 2000)
		greedy, quiet := someKey("greedy", 1), someKey("quiet", 1)
		run := func(key *Key) (waited time.Duration) {
			began := time.Now()
			if err := a.enter(t.Context(), key); err != nil {
				t.Error(err)
				return
			}
			waited = time.Since(began)
			time.Sleep(time.Second)
			a.leave(key)
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
		if _, waiting := a.countOf(greedy); waiting < 800 {
			t.Errorf("only %d waited all the while", waiting)
		}
		all.Wait()
	})
}

func TestKeysHaveTurnsByTheirShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission(1, 1000)
		_ = a.enter(t.Context(), nil)
		keys := []*Key{someKey("one", 1), someKey("three", 3)}
		var mu sync.Mutex
		var order []*Key
		var all sync.WaitGroup
		for _, key := range keys {
			for range 30 {
				all.Go(func() {
					if err := a.enter(t.Context(), key); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					order = append(order, key)
					mu.Unlock()
					a.leave(key)
				})
			}
		}
		synctest.Wait()
		a.leave(nil)
		all.Wait()
		counts := make(map[*Key]int)
		for _, key := range order[:20] {
			counts[key]++
		}
		if counts[keys[0]] != 5 || counts[keys[1]] != 15 {
			t.Errorf("of 20 turns %d and %d", counts[keys[0]], counts[keys[1]])
		}
	})
}

func TestAKeyThatWasIdleHasSavedUpNoTurns(t *testing.T) {
	a := newAdmission(1, 100)
	busy, idle := someKey("busy", 1), someKey("idle", 1)
	for range 1000 {
		_ = a.enter(t.Context(), busy)
		a.leave(busy)
	}
	_ = a.enter(t.Context(), busy)
	first, _ := a.queue(busy)
	for range 10 {
		_, _ = a.queue(idle)
	}
	a.leave(busy)
	a.leave(idle)
	select {
	case <-first.answered:
	default:
		t.Error("the key that was idle has two turns in a row")
	}
}

func TestKeysThatAreGoneAreForgotten(t *testing.T) {
	a := newAdmission(4, 4)
	for i := range 10_000 {
		key := someKey(fmt.Sprint(i), 1)
		if err := a.enter(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		a.leave(key)
	}
	if len(a.flows) > 10 {
		t.Errorf("%d keys are remembered", len(a.flows))
	}
}
