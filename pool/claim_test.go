package pool_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

func TestPoolFillsToItsTargetAndHandsOutTheNewestFirst(t *testing.T) {
	inBubble(t, 3, nil, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		expect(t, p, 3, 0, 0, 0)
		for want := 3; want >= 1; want-- {
			l := claim(t, p)
			if l.Value().id != want || !l.Hit() {
				t.Errorf("got cell %d, hit %v, want cell %d, a hit", l.Value().id, l.Hit(), want)
			}
			l.Release()
		}
		time.Sleep(3 * time.Millisecond)
		expect(t, p, 3, 0, 0, 0)
	})
}

func TestPoolDestroysAReleasedCellAndNeverHandsItOutAgain(t *testing.T) {
	inBubble(t, 1, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		first := claim(t, p)
		first.Release()
		second := claim(t, p)
		second.Release()
		if first.Value() == second.Value() {
			t.Error("the same cell twice")
		}
		synctest.Wait()
		if got := w.destroyedIDs(); len(got) != 2 {
			t.Errorf("destroyed %v, want both", got)
		}
	})
}

func TestPoolGivesTheNextCellWhenAParkedOneDied(t *testing.T) {
	inBubble(t, 3, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		w.cells[2].dead.Store(true)
		w.cells[1].dead.Store(true)
		l := claim(t, p)
		if l.Value().id != 1 || !l.Hit() {
			t.Errorf("got cell %d, hit %v, want the first, a hit", l.Value().id, l.Hit())
		}
		l.Release()
		if s := p.Stats(); s.Died != 2 || s.Hits != 1 {
			t.Errorf("died %d, hits %d; want 2, 1", s.Died, s.Hits)
		}
	})
}

func TestPoolMakesACellForTheClaimerWhenAllParkedOnesDied(t *testing.T) {
	inBubble(t, 2, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		w.cells[0].dead.Store(true)
		w.cells[1].dead.Store(true)
		l := claim(t, p)
		if l.Hit() {
			t.Error("a hit, want a miss")
		}
		l.Release()
	})
}

func TestPoolServesWaitersInTheOrderTheyCame(t *testing.T) {
	manual := func(w *works, _ *pool.Config[*cell]) { w.takes = 0 }
	inBubble(t, 0, manual, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		a, b, c := begin(p), begin(p), begin(p)
		expect(t, p, 0, 2, 0, 3) // Parallel is 2
		w.end(1, nil)
		if a.waits() || !b.waits() || !c.waits() {
			t.Error("the first cell is not for the first waiter")
		}
		w.end(0, nil)
		if b.waits() || !c.waits() {
			t.Error("the second cell is not for the second waiter")
		}
		w.end(0, nil)
		for i, claim := range []*claiming{a, b, c} {
			if claim.err != nil || claim.lease.Hit() || claim.lease.Value().id != i+1 {
				t.Errorf("claim %d ended with %+v", i, claim)
			}
			claim.lease.Release()
		}
		if s := p.Stats(); s.Misses != 3 || s.Hits != 0 {
			t.Errorf("misses %d, hits %d; want 3, 0", s.Misses, s.Hits)
		}
	})
}

func TestPoolOnDemandParksTheCellOfAWaiterWhoGaveUp(t *testing.T) {
	inBubble(t, 0, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		c := begin(p)
		c.giveUp()
		<-c.ended
		if !errors.Is(c.err, context.Canceled) {
			t.Errorf("error %v, want one that wraps context.Canceled", c.err)
		}
		expect(t, p, 0, 1, 0, 0)
		time.Sleep(w.takes)
		expect(t, p, 1, 0, 0, 0)
		l := claim(t, p)
		if !l.Hit() || l.Value().id != 1 {
			t.Errorf("the next claimer got cell %d, hit %v", l.Value().id, l.Hit())
		}
		l.Release()
		if s := p.Stats(); s.AbandonedClaims != 1 || s.Made != 1 {
			t.Errorf("abandoned %d, made %d; want 1, 1", s.AbandonedClaims, s.Made)
		}
	})
}

func TestPoolGivesTheCellOfAWaiterWhoGaveUpToTheNext(t *testing.T) {
	inBubble(t, 0, func(_ *works, c *pool.Config[*cell]) { c.Parallel = 1 }, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		a, b := begin(p), begin(p)
		a.giveUp()
		<-b.ended
		if b.err != nil || b.lease.Value().id != 1 {
			t.Errorf("the next waiter got %+v", b)
		}
		b.lease.Release()
	})
}

// A waiter whose context ended before it could look at its lease must hand the
// cell back. Deadline and make end at the same instant, in either order.
func TestPoolLosesNoCellWhenServingAndGivingUpCoincide(t *testing.T) {
	for range 100 {
		inBubble(t, 0, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
			ctx, cancel := context.WithTimeout(t.Context(), w.takes)
			defer cancel()
			l, err := p.Claim(ctx)
			if err == nil {
				l.Release()
				return
			}
			expect(t, p, 1, 0, 0, 0)
		})
	}
}

func TestPoolRefusesAClaimWhoseContextHasEnded(t *testing.T) {
	inBubble(t, 1, nil, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Claim(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		expect(t, p, 1, 0, 0, 0)
	})
}

func TestReleaseTwicePanics(t *testing.T) {
	inBubble(t, 1, nil, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		l := claim(t, p)
		l.Release()
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		l.Release()
	})
}
