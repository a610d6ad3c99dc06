package supervisor

import (
	"context"
	"errors"
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
