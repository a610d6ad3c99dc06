package pool_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

func all(*cell) bool { return true }

func TestPoolReplacesAnOldCellWithoutADipOfItsLevel(t *testing.T) {
	edit := func(w *works, c *pool.Config[*cell]) {
		w.takes = time.Second
		c.MaxAge, c.Parallel = time.Minute, 1
	}
	inBubble(t, 2, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		// Made at 1 s and 2 s; it is 3 s now.
		time.Sleep(58*time.Second - 1)
		expect(t, p, 2, 0, 0, 0)
		time.Sleep(time.Nanosecond) // 61 s
		expect(t, p, 2, 1, 0, 0)
		if got := w.destroyedIDs(); got != nil {
			t.Errorf("destroyed %v before the replacement was there", got)
		}
		time.Sleep(time.Second) // 62 s: the first is replaced, the second too old
		expect(t, p, 2, 1, 0, 0)
		if got := w.destroyedIDs(); !slices.Equal(got, []int{1}) {
			t.Errorf("destroyed %v, want the oldest", got)
		}
		time.Sleep(time.Second)
		expect(t, p, 2, 0, 0, 0)
		if got := p.Stats().Expired; got != 2 {
			t.Errorf("expired %d, want 2", got)
		}
	})
}

func TestPoolHandsOutAnOldCellWhenItsReplacementFails(t *testing.T) {
	edit := func(_ *works, c *pool.Config[*cell]) { c.MaxAge = time.Minute }
	inBubble(t, 1, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		w.setBroken(true)
		time.Sleep(time.Hour)
		l := claim(t, p)
		if l.Value().id != 1 || !l.Hit() {
			t.Errorf("got cell %d, hit %v", l.Value().id, l.Hit())
		}
		l.Release()
	})
}

func TestPoolOnDemandDropsAnAbandonedCellWhenItIsOld(t *testing.T) {
	edit := func(_ *works, c *pool.Config[*cell]) { c.MaxAge = time.Minute }
	inBubble(t, 0, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		begin(p).giveUp()
		time.Sleep(w.takes)
		expect(t, p, 1, 0, 0, 0)
		time.Sleep(time.Minute)
		expect(t, p, 0, 0, 0, 0)
	})
}

func TestDiscardDestroysParkedCellsAtOnceAndLeavesClaimedOnes(t *testing.T) {
	inBubble(t, 3, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		l := claim(t, p)
		time.Sleep(w.takes)
		if n := p.Discard(func(c *cell) bool { return c.id >= 2 && c.id <= 3 }); n != 1 {
			t.Errorf("discarded %d, want only the parked one", n)
		}
		expect(t, p, 2, 1, 1, 0)
		if got := w.destroyedIDs(); !slices.Equal(got, []int{2}) {
			t.Errorf("destroyed %v, want the second", got)
		}
		l.Release()
	})
}

func TestReplaceKeepsTheOldCellsServingUntilTheNewOnesAreThere(t *testing.T) {
	inBubble(t, 3, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		if n := p.Replace(all); n != 3 {
			t.Errorf("replacing %d, want 3", n)
		}
		if n := p.Replace(all); n != 3 {
			t.Errorf("replacing %d the second time, want 3", n)
		}
		expect(t, p, 3, 2, 0, 0)
		l := claim(t, p) // an old one
		if l.Value().id != 3 {
			t.Errorf("got cell %d, want the third", l.Value().id)
		}
		time.Sleep(2 * w.takes)
		expect(t, p, 3, 0, 1, 0)
		if got := w.destroyedIDs(); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("destroyed %v, want the old ones", got)
		}
		l.Release()
		if s := p.Stats(); s.Expired != 2 || s.Made != 6 {
			t.Errorf("expired %d, made %d; want 2, 6", s.Expired, s.Made)
		}
	})
}

func TestReplaceThenDiscardDropsAnOldGenerationAtOnce(t *testing.T) {
	inBubble(t, 3, nil, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		old := func(c *cell) bool { return c.id <= 3 }
		p.Replace(old)
		time.Sleep(w.takes)
		p.Discard(old)
		synctest.Wait()
		if got := w.destroyedIDs(); !slices.Equal(got, []int{1, 2, 3}) {
			t.Errorf("destroyed %v, want the old ones", got)
		}
	})
}
