package pool_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

func manual(w *works, _ *pool.Config[*cell]) { w.takes = 0 }

func TestPoolMakesNoMoreThanParallelAtOnce(t *testing.T) {
	inBubble(t, 5, manual, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		for ready := range 4 {
			expect(t, p, ready, 2, 0, 0)
			w.end(0, nil)
		}
		expect(t, p, 4, 1, 0, 0)
		w.end(0, nil)
		expect(t, p, 5, 0, 0, 0)
	})
}

func TestPoolMakesHalfAsManyAtOnceWhenEnoughForABurstAreReady(t *testing.T) {
	inBubble(t, 18, manual, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		for ready := range 16 {
			expect(t, p, ready, 2, 0, 0)
			w.end(0, nil)
		}
		expect(t, p, 16, 1, 0, 0)
		a := claim(t, p)
		expect(t, p, 15, 2, 1, 0)
		w.end(0, nil)
		expect(t, p, 16, 1, 1, 0)
		w.end(0, nil)
		w.end(0, nil)
		expect(t, p, 18, 0, 1, 0)
		a.Release()
	})
}

func TestPoolYieldsToRequestsUntilItIsLow(t *testing.T) {
	yield := func(_ *works, c *pool.Config[*cell]) { c.YieldAt, c.LowWater = 1, low(2) }
	inBubble(t, 4, yield, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		a := claim(t, p)
		expect(t, p, 3, 0, 1, 0)
		b := claim(t, p)
		expect(t, p, 2, 0, 2, 0)
		c := claim(t, p) // below low-water: refills up to it
		expect(t, p, 1, 2, 3, 0)
		time.Sleep(w.takes)
		expect(t, p, 3, 0, 3, 0)
		a.Release()
		b.Release()
		expect(t, p, 3, 0, 1, 0)
		c.Release() // nothing is claimed: refills
		expect(t, p, 3, 1, 0, 0)
	})
}

func TestPoolThatIsUsedAndLowMakesCheaply(t *testing.T) {
	yield := func(w *works, c *pool.Config[*cell]) { w.takes, c.YieldAt, c.LowWater, c.Parallel = 0, 1, low(2), 1 }
	inBubble(t, 4, yield, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		cheap := func(want int32) {
			t.Helper()
			synctest.Wait()
			if got := w.cheap.Load(); got != want {
				t.Errorf("%d were to be made cheaply, want %d", got, want)
			}
		}
		for range 4 { // nobody uses it yet
			w.end(0, nil)
		}
		a, b := claim(t, p), claim(t, p)
		cheap(0)
		c := claim(t, p) // one is ready
		cheap(1)
		a.Release()
		b.Release()
		c.Release()
		w.end(0, nil)
		expect(t, p, 2, 1, 0, 0)
		cheap(1)
	})
}

func TestPoolDoesNotYieldToWhatIsKept(t *testing.T) {
	yield := func(_ *works, c *pool.Config[*cell]) { c.YieldAt = 1 }
	inBubble(t, 2, yield, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		kept, used := claim(t, p), claim(t, p)
		expect(t, p, 0, 0, 2, 0)
		kept.Keep()
		kept.Keep() // has no effect
		expect(t, p, 0, 0, 2, 0)
		used.Release()
		expect(t, p, 0, 2, 1, 0)
		time.Sleep(w.takes)
		again := claim(t, p)
		expect(t, p, 1, 0, 2, 0) // this one makes the pool yield
		kept.Release()
		expect(t, p, 1, 0, 1, 0)
		again.Release()
		expect(t, p, 1, 1, 0, 0)
	})
}

func TestPoolTellsMakeWhatSomebodyWaitsFor(t *testing.T) {
	inBubble(t, 1, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		claim(t, p).Release() // it was ready, and nothing waits for its replacement
		synctest.Wait()
		if got := w.awaited.Load(); got != 0 {
			t.Errorf("%d makes were awaited, want none", got)
		}
	})
	inBubble(t, 0, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		claim(t, p).Release()
		if got := w.awaited.Load(); got != 1 {
			t.Errorf("%d makes were awaited, want one", got)
		}
	})
	inBubble(t, 2, manual, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		expect(t, p, 0, 2, 0, 0)
		waiting := begin(p) // for one of those that are being made
		w.end(0, nil)
		w.end(0, nil)
		if got := w.awaited.Load(); got != 1 {
			t.Errorf("%d makes were awaited when a claim came, want one", got)
		}
		waiting.lease.Release()
	})
}

func TestPoolDoesNotYieldWhileSomebodyWaits(t *testing.T) {
	yield := func(_ *works, c *pool.Config[*cell]) { c.YieldAt = 1 }
	inBubble(t, 1, yield, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
		a := claim(t, p)
		expect(t, p, 0, 0, 1, 0)
		b := claim(t, p)
		a.Release()
		b.Release()
	})
}

func TestPoolBacksOffLongerWithEachFailureAndResetsOnSuccess(t *testing.T) {
	edit := func(w *works, c *pool.Config[*cell]) {
		w.takes = 0
		c.BackoffMin, c.BackoffMax = time.Second, 4*time.Second
	}
	inBubble(t, 3, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		w.end(0, errBroken)
		w.end(0, errBroken) // it began before the first failed: not a second failure in a row
		for i, pause := range []time.Duration{1, 2, 4, 4} {
			s := p.Stats()
			if s.ConsecutiveFailures != i+1 || !errors.Is(s.LastError, errBroken) || time.Until(s.RetryAt) != pause*time.Second {
				t.Errorf("%d in a row, last %v, retry in %v; want %d, retry in %ds",
					s.ConsecutiveFailures, s.LastError, time.Until(s.RetryAt), i+1, pause)
			}
			time.Sleep(pause*time.Second - 1)
			expect(t, p, 0, 0, 0, 0)
			time.Sleep(time.Nanosecond)
			expect(t, p, 0, 1, 0, 0) // one at a time, though Parallel is 2
			if i < 3 {
				w.end(0, errBroken)
			}
		}
		w.end(0, nil)
		expect(t, p, 1, 2, 0, 0)
		if s := p.Stats(); s.ConsecutiveFailures != 0 || s.LastError != nil || !s.RetryAt.IsZero() || s.MakeFailures != 5 {
			t.Errorf("after a success: %+v", s)
		}
	})
}

func TestPoolHandsOutWhatIsReadyWhileMakeFails(t *testing.T) {
	inBubble(t, 2, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		w.setBroken(true)
		a := claim(t, p)
		time.Sleep(time.Minute)
		b := claim(t, p)
		if !a.Hit() || !b.Hit() {
			t.Error("not both are hits")
		}
		a.Release()
		b.Release()
	})
}

func TestPoolRefusesWaitersWhenMakeFailedTooOften(t *testing.T) {
	edit := func(w *works, c *pool.Config[*cell]) {
		w.broken = true
		c.BackoffMin = time.Second
	}
	inBubble(t, 0, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		start := time.Now()
		_, err := p.Claim(t.Context()) // waits for three failures, with back-offs of 1 s and 2 s between
		var unavailable *pool.UnavailableError
		if !errors.As(err, &unavailable) || !errors.Is(err, errBroken) {
			t.Fatalf("error %v, want an UnavailableError that wraps the last failure", err)
		}
		if unavailable.Failures != 3 || unavailable.RetryAfter != 4*time.Second {
			t.Errorf("%+v, want 3 failures and 4s", unavailable)
		}
		if took := time.Since(start); took != 3*time.Second+3*w.takes {
			t.Errorf("took %v", took)
		}

		time.Sleep(time.Second)
		if c := begin(p); c.waits() || !errors.As(c.err, &unavailable) || unavailable.RetryAfter != 3*time.Second {
			t.Errorf("during the back-off: %v", c.err)
		}

		time.Sleep(3 * time.Second)
		w.setBroken(false)
		first := begin(p) // the back-off is over: this is the next attempt
		if c := begin(p); !first.waits() || c.waits() || !errors.As(c.err, &unavailable) {
			t.Errorf("while the first tries: %v", c.err)
		}
		time.Sleep(w.takes)
		synctest.Wait()
		if first.waits() || first.err != nil {
			t.Fatalf("the claim that tries ended with %v", first.err)
		}
		first.lease.Release()
		claim(t, p).Release()
	})
}

func TestPoolGrowsAndShrinksWithItsTarget(t *testing.T) {
	inBubble(t, 2, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		if err := p.Resize(5); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * w.takes)
		expect(t, p, 5, 0, 0, 0)
		if err := p.Resize(1); err != nil {
			t.Fatal(err)
		}
		expect(t, p, 1, 0, 0, 0)
		if got := p.Stats().Surplus; got != 4 {
			t.Errorf("surplus %d, want 4", got)
		}
		if l := claim(t, p); l.Value().id != 5 {
			t.Errorf("cell %d is left, want the youngest", l.Value().id)
		} else {
			l.Release()
		}
	})
}

func TestPoolParksNothingAboveATargetThatFellWhileCellsWereMade(t *testing.T) {
	inBubble(t, 4, manual, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		w.end(0, nil)
		w.end(0, nil)
		if err := p.Resize(2); err != nil {
			t.Fatal(err)
		}
		expect(t, p, 2, 2, 0, 0)
		w.end(0, nil)
		w.end(0, nil)
		expect(t, p, 2, 0, 0, 0)
	})
}

func TestPoolRefillsWithoutWaitingForDestroy(t *testing.T) {
	edit := func(_ *works, c *pool.Config[*cell]) {
		destroy := c.Destroy
		c.Destroy = func(c *cell) { time.Sleep(time.Minute); destroy(c) }
		c.YieldAt = 1
	}
	inBubble(t, 2, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		claim(t, p).Release()
		expect(t, p, 1, 1, 0, 0)
		time.Sleep(w.takes)
		expect(t, p, 2, 0, 0, 0)
		p.Discard(all)
		expect(t, p, 0, 2, 0, 0)
		if got := p.Stats().Destroying; got != 3 {
			t.Errorf("destroying %d, want 3", got)
		}
	})
}
