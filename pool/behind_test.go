package pool_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

// keepTwo makes a pool that makes one at a time, when a test says so, and leaves two ready.
func keepTwo(w *works, c *pool.Config[*cell]) {
	w.takes, c.Parallel, c.LowWater, c.YieldAt = 0, 1, low(2), 1
}

func TestClaimsThatStayBehindLeaveWhatBurstsNeed(t *testing.T) {
	inBubble(t, 4, keepTwo, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		for range 4 {
			w.end(0, nil)
		}
		var held []*pool.Lease[*cell]
		first, second, third, fourth := beginBehind(p), beginBehind(p), beginBehind(p), beginBehind(p)
		if first.waits() || second.waits() || !third.waits() || !fourth.waits() {
			t.Fatal("of four that were ready, two are not for claims that stay behind")
		}
		held = append(held, first.lease, second.lease, claim(t, p))
		w.end(0, nil)
		if !third.waits() {
			t.Error("one that stays behind got what others should find ready")
		}
		w.end(0, nil)
		if third.waits() || !fourth.waits() {
			t.Error("the one that has waited longest must get what is more than others need")
		}
		held = append(held, third.lease, claim(t, p), claim(t, p))
		ordinary := begin(p)
		if !ordinary.waits() {
			t.Fatal("nothing was ready")
		}
		w.end(0, nil)
		if ordinary.waits() || !fourth.waits() {
			t.Error("who came last must pass who stays behind")
		}
		held = append(held, ordinary.lease)
		fourth.giveUp()
		synctest.Wait()
		if fourth.waits() || !errors.Is(fourth.err, context.Canceled) {
			t.Errorf("who gave up got %v", fourth.err)
		}
		s := p.Stats()
		if s.Hits != 3 || s.Misses != 1 || s.BehindServed != 3 || s.AbandonedClaims != 1 || s.Behind != 0 {
			t.Errorf("%+v", s)
		}
		for _, l := range held {
			l.Release()
		}
		w.end(0, nil) // which was begun for one that gave up
		synctest.Wait()
	})
}

// What is made for a claim that stays behind is cheap to make, so others get it last.
func TestWhatIsMadeForClaimsThatStayBehindIsForThem(t *testing.T) {
	inBubble(t, 4, keepTwo, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		var held []*pool.Lease[*cell]
		got := func(l *pool.Lease[*cell], id int, cheap int32) {
			t.Helper()
			if l.Value().id != id || w.cheap.Load() != cheap {
				t.Errorf("got cell %d, and %d were to be made cheaply; want %d and %d", l.Value().id, w.cheap.Load(), id, cheap)
			}
			held = append(held, l)
		}
		for range 4 {
			w.end(0, nil)
		}
		got(beginBehind(p).lease, 4, 0)
		got(beginBehind(p).lease, 3, 0)
		third := beginBehind(p)
		got(claim(t, p), 2, 1)
		w.end(0, nil) // 5, for the third: but others should find two ready
		if !third.waits() {
			t.Fatal("who stays behind got what others should find ready")
		}
		w.end(0, nil) // 6, for others
		got(third.lease, 5, 1)
		fourth := beginBehind(p)
		fourth.giveUp()
		w.end(0, nil) // 7, for the fourth
		got(claim(t, p), 6, 2)
		got(claim(t, p), 1, 2)
		got(claim(t, p), 7, 2)
		waiting := begin(p)
		w.end(0, nil)
		got(waiting.lease, 8, 4) // two more, since nothing is ready and nobody stays behind
		for _, l := range held {
			l.Release()
		}
		for p.Stats().Ready < 4 {
			w.end(0, nil)
		}
	})
}

// Where others take all that is made, from the pool or by waiting for it, one in four is
// for those that stay behind.
func TestClaimsThatStayBehindDoNotStarve(t *testing.T) {
	for name, ready := range map[string]int{"others find one ready": 2, "others wait": 0} {
		inBubble(t, 2, keepTwo, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
			w.end(0, nil)
			w.end(0, nil)
			var held []*pool.Lease[*cell]
			for range 2 - ready {
				held = append(held, claim(t, p))
			}
			for range 2 {
				behind := beginBehind(p)
				for passed := range 3 {
					if !behind.waits() {
						t.Fatalf("%s: %d have passed", name, passed)
					}
					other := begin(p)
					w.end(0, nil)
					held = append(held, other.lease)
				}
				fourth := behind
				if ready == 0 {
					fourth = begin(p)
					w.end(0, nil)
				}
				if behind.waits() || ready == 0 && !fourth.waits() {
					t.Fatalf("%s: 4 have passed", name)
				}
				w.end(0, nil)
				held = append(held, behind.lease)
				if ready == 0 {
					held = append(held, fourth.lease)
				}
			}
			for _, l := range held {
				l.Release()
			}
			for p.Stats().Ready < 2 {
				w.end(0, nil)
			}
		})
	}
}

func TestClaimsThatStayBehindAreServedByAnyPool(t *testing.T) {
	for _, target := range []int{0, 1, 3} {
		inBubble(t, target, func(_ *works, c *pool.Config[*cell]) { c.LowWater = low(5) }, func(t *testing.T, _ *works, p *pool.Pool[*cell]) {
			for range 5 {
				l, err := p.ClaimBehind(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				l.Value().claimed.Add(1)
				l.Release()
			}
			time.Sleep(10 * time.Millisecond) // of the bubble
			expect(t, p, target, 0, 0, 0)
		})
	}
}

func TestASmallerPoolServesClaimsThatStayBehindAtOnce(t *testing.T) {
	inBubble(t, 4, func(w *works, c *pool.Config[*cell]) {
		keepTwo(w, c)
		c.LowWater = func(target int) int { return target }
	}, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		for range 4 {
			w.end(0, nil)
		}
		c := beginBehind(p)
		if !c.waits() {
			t.Fatal("the pool leaves all to others")
		}
		if err := p.Resize(3); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if c.waits() {
			t.Fatal("one more is ready than the pool leaves to others")
		}
		c.lease.Release()
		w.end(0, nil) // which had begun
	})
}

// A smaller pool hands out what was parked before, also a cell that is to be replaced.
func TestAnOldCellThatNobodyTookIsStillReplaced(t *testing.T) {
	inBubble(t, 6, func(w *works, c *pool.Config[*cell]) {
		keepTwo(w, c)
		c.LowWater = func(target int) int { return target / 2 }
	}, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		for range 3 {
			w.end(0, nil)
		}
		c := beginBehind(p)
		p.Replace(func(*cell) bool { return true })
		c.ctx.ended.Store(true)
		if err := p.Resize(4); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if c.waits() || !errors.Is(c.err, context.Canceled) {
			t.Fatalf("who gave up got %v", c.err)
		}
		for w.running() > 0 {
			w.end(0, nil)
		}
		expect(t, p, 4, 0, 0, 0)
		if ids := w.destroyedIDs(); !slices.Equal(ids, []int{1, 2, 3}) {
			t.Errorf("destroyed %v, want the old ones", ids)
		}
	})
}

func TestClaimsThatStayBehindEndWithThePool(t *testing.T) {
	inBubble(t, 0, func(w *works, _ *pool.Config[*cell]) { w.takes = 0 }, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		c := beginBehind(p)
		for range 3 { // until claims fail fast
			w.end(0, errBroken)
			time.Sleep(time.Second) // of the bubble
			synctest.Wait()
		}
		var unavailable *pool.UnavailableError
		if c.waits() || !errors.As(c.err, &unavailable) {
			t.Errorf("after three failures: %v", c.err)
		}
		c = beginBehind(p)
		go p.Close()
		synctest.Wait()
		if c.waits() || !errors.Is(c.err, pool.ErrClosed) {
			t.Errorf("after the end: %v", c.err)
		}
	})
}
