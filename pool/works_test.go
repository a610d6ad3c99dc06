package pool_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/pool"
)

var errBroken = errors.New("the works are broken")

// cell is what the tests pool.
type cell struct {
	id        int // in the order of making, from 1
	dead      atomic.Bool
	claimed   atomic.Int32
	destroyed atomic.Int32
}

// works makes cells and destroys them.
type works struct {
	takes   time.Duration // how long making a cell takes; 0: until the test ends it
	awaited atomic.Int32  // how many makes a claim waited for
	cheap   atomic.Int32  // how many were to be made cheaply

	mu     sync.Mutex
	broken bool         // makes fail
	orders []chan error // running makes, oldest first
	cells  []*cell      // all that were made
}

func (w *works) make(ctx context.Context, o pool.Order) (*cell, error) {
	order := make(chan error, 1)
	if o.Cheap {
		w.cheap.Add(1)
	}
	w.mu.Lock()
	w.orders = append(w.orders, order)
	w.mu.Unlock()

	var done <-chan time.Time
	if w.takes > 0 {
		done = time.After(w.takes)
	}
	var err error
	select {
	case err = <-order:
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	select {
	case <-o.Awaited:
		w.awaited.Add(1)
	default:
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.Index(w.orders, order); i >= 0 {
		w.orders = slices.Delete(w.orders, i, i+1)
	}
	if w.broken && err == nil {
		err = errBroken
	}
	if err != nil {
		return nil, err
	}
	c := &cell{id: len(w.cells) + 1}
	w.cells = append(w.cells, c)
	return c, nil
}

// end ends the i-th running make, with err if it is not nil.
func (w *works) end(i int, err error) {
	w.mu.Lock()
	w.orders[i] <- err
	w.orders = slices.Delete(w.orders, i, i+1)
	w.mu.Unlock()
	synctest.Wait()
}

func (w *works) setBroken(broken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = broken
}

func (w *works) running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.orders)
}

// destroyedIDs returns the cells destroyed so far.
func (w *works) destroyedIDs() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []int
	for _, c := range w.cells {
		if c.destroyed.Load() > 0 {
			ids = append(ids, c.id)
		}
	}
	return ids
}

// reckon fails the test unless every cell was destroyed once and none was handed out
// twice. Call it when the pool is closed.
func (w *works) reckon(t interface{ Errorf(string, ...any) }) {
	for _, c := range w.cells {
		if n := c.destroyed.Load(); n != 1 {
			t.Errorf("cell %d was destroyed %d times, want once", c.id, n)
		}
		if n := c.claimed.Load(); n > 1 {
			t.Errorf("cell %d was handed out %d times", c.id, n)
		}
	}
}

// low returns a LowWater that is the same for every target.
func low(ready int) func(int) int { return func(int) int { return ready } }

// config returns what most tests begin with: the functions of works, and no limits.
func (w *works) config(target int) pool.Config[*cell] {
	return pool.Config[*cell]{
		Target:   target,
		Parallel: 2,
		Make:     w.make,
		Destroy:  func(c *cell) { c.destroyed.Add(1) },
		Alive:    func(c *cell) bool { return !c.dead.Load() },
	}
}

// inBubble runs body with a full pool of target cells, each of which takes a
// millisecond to make. Then it closes the pool and reckons. edit may change the
// config. body must release everything that it claims.
func inBubble(t *testing.T, target int, edit func(*works, *pool.Config[*cell]), body func(*testing.T, *works, *pool.Pool[*cell])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &works{takes: time.Millisecond}
		cfg := w.config(target)
		if edit != nil {
			edit(w, &cfg)
		}
		p, err := pool.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if w.takes > 0 {
			time.Sleep(w.takes * time.Duration(target+1))
		}
		synctest.Wait()
		body(t, w, p)
		p.Close()
		w.reckon(t)
	})
}

// claim claims a cell at once, or fails the test.
func claim(t *testing.T, p *pool.Pool[*cell]) *pool.Lease[*cell] {
	t.Helper()
	l, err := p.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.Value().claimed.Add(1)
	return l
}

// claiming is a claim in a goroutine of its own.
type claiming struct {
	giveUp context.CancelFunc
	ctx    *quietContext
	ended  chan struct{}
	lease  *pool.Lease[*cell]
	err    error
}

// quietContext can end without waking anything. What is woken for another reason
// finds that it has ended.
type quietContext struct {
	context.Context
	ended atomic.Bool
}

func (c *quietContext) Err() error {
	if c.ended.Load() {
		return context.Canceled
	}
	return c.Context.Err()
}

// begin starts a claim, and returns when it has ended or waits.
func begin(p *pool.Pool[*cell]) *claiming { return beginIn(p.Claim) }

// beginBehind starts a call of ClaimBehind, likewise.
func beginBehind(p *pool.Pool[*cell]) *claiming { return beginIn(p.ClaimBehind) }

func beginIn(claim func(context.Context) (*pool.Lease[*cell], error)) *claiming {
	ctx, cancel := context.WithCancel(context.Background())
	c := &claiming{giveUp: cancel, ctx: &quietContext{Context: ctx}, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		c.lease, c.err = claim(c.ctx)
		if c.err == nil {
			c.lease.Value().claimed.Add(1)
		}
	}()
	synctest.Wait()
	return c
}

func (c *claiming) waits() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// expect compares the levels when nothing moves any more.
func expect(t *testing.T, p *pool.Pool[*cell], ready, making, claimed, waiting int) {
	t.Helper()
	synctest.Wait()
	s := p.Stats()
	if s.Ready != ready || s.Making != making || s.Claimed != claimed || s.Waiting != waiting {
		t.Errorf("ready %d, making %d, claimed %d, waiting %d; want %d, %d, %d, %d",
			s.Ready, s.Making, s.Claimed, s.Waiting, ready, making, claimed, waiting)
	}
}
