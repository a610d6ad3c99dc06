package pool_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

// TestPoolKeepsItsPromisesUnderConcurrentUse is for the race detector, and checks
// what holds in any order of events: each cell is handed out at most once and
// destroyed once, and no goroutine is left.
func TestPoolKeepsItsPromisesUnderConcurrentUse(t *testing.T) {
	edit := func(w *works, c *pool.Config[*cell]) {
		c.Parallel, c.YieldAt, c.LowWater = 4, 6, low(2)
		c.MaxAge = 5 * time.Millisecond
		c.BackoffMin, c.BackoffMax = time.Microsecond, time.Millisecond
		working := c.Make
		c.Make = func(ctx context.Context, order pool.Order) (*cell, error) {
			if rand.IntN(5) == 0 {
				return nil, errBroken
			}
			return working(ctx, order)
		}
	}
	inBubble(t, 4, edit, func(t *testing.T, w *works, p *pool.Pool[*cell]) {
		ended, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for ended.Err() == nil {
					ctx, cancel := context.WithTimeout(ended, time.Duration(rand.IntN(4000))*time.Microsecond)
					if l, err := p.Claim(ctx); err == nil {
						l.Value().claimed.Add(1)
						time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
						l.Release()
					}
					cancel()
					time.Sleep(time.Duration(rand.IntN(16000)) * time.Microsecond)
				}
			})
		}
		wg.Go(func() {
			for ended.Err() == nil {
				some := rand.IntN(7)
				match := func(c *cell) bool { return c.id%7 == some }
				switch rand.IntN(4) {
				case 0:
					p.Discard(match)
				case 1:
					p.Replace(match)
				case 2:
					p.Discard(func(c *cell) bool { c.dead.Store(match(c)); return false })
				case 3:
					_ = p.Resize(rand.IntN(8))
				}
				time.Sleep(time.Millisecond)
			}
		})
		wg.Wait()
		synctest.Wait()
		s := p.Stats()
		if s.Hits == 0 || s.Misses == 0 || s.AbandonedClaims == 0 || s.Died == 0 || s.Expired == 0 || s.Surplus == 0 {
			t.Errorf("something never happened: %+v", s)
		}
		if s.Claimed != 0 || s.Waiting != 0 || s.Made != s.Hits+s.Misses+s.Died+s.Expired+s.Surplus+uint64(s.Ready) {
			t.Errorf("it does not add up: %+v", s)
		}
	})
}
