package pool_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/hotcell/hotcell/pool"
)

// TestPoolBehavesLikeItsModel does random things to a pool and to the model below,
// and compares them after each. A failure is reduced to the shortest sequence that
// shows it.
func TestPoolBehavesLikeItsModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The struct hides from rapid that this is a *testing.T: rapid would ask for
		// the deadline, which a bubble does not allow.
		rapid.Check(struct{ *testing.T }{t}, func(t *rapid.T) {
			m := newModel(t)
			defer m.close(t)
			t.Repeat(map[string]func(*rapid.T){
				"claim":             m.claim,
				"release":           m.release,
				"giveUp":            m.giveUp,
				"giveUpWhileServed": m.giveUpWhileServed,
				"makeWorks":         m.makeWorks,
				"makeFails":         m.makeFails,
				"dies":              m.dies,
				"discard":           m.discard,
				"replace":           m.replace,
				"resize":            m.resize,
				"timePasses":        m.timePasses,
				"":                  m.check,
			})
		})
	})
}

// model says what a pool must hold. It does not predict how many makes run. It checks
// only that the necessary ones run, and no others.
type model struct {
	p   *pool.Pool[*cell]
	w   *works
	cfg pool.Config[*cell]

	lowWater int
	target   int
	parked   []*parked // oldest first
	waiting  []*claiming
	claimed  []*pool.Lease[*cell]
	running  []int // makes, the first started first: the failures in a row when each began
	failures int
	backoff  time.Duration
	retryAt  time.Time
	count    pool.Counters
	started  int // makes started by the last action
	// passing says that the last action led through states that the model does not
	// follow. Makes may have been started in one of them.
	passing bool
}

type parked struct {
	*cell
	made     time.Time
	retiring bool
}

func newModel(t *rapid.T) *model {
	m := &model{w: new(works)}
	m.cfg = m.w.config(rapid.IntRange(0, 5).Draw(t, "Target"))
	m.cfg.Parallel = rapid.IntRange(1, 3).Draw(t, "Parallel")
	m.cfg.YieldAt = rapid.IntRange(0, 3).Draw(t, "YieldAt")
	m.lowWater = rapid.IntRange(0, 3).Draw(t, "LowWater")
	m.cfg.LowWater = low(m.lowWater)
	m.cfg.MaxAge = rapid.SampledFrom([]time.Duration{0, 60 * time.Millisecond}).Draw(t, "MaxAge")
	m.cfg.FailFast = rapid.IntRange(1, 3).Draw(t, "FailFast")
	m.cfg.BackoffMin = time.Millisecond
	m.cfg.BackoffMax = 10 * time.Millisecond
	m.target = m.cfg.Target
	var err error
	if m.p, err = pool.New(m.cfg); err != nil {
		t.Fatal(err)
	}
	m.settled()
	return m
}

func (m *model) claim(t *rapid.T) {
	c := begin(m.p)
	for len(m.parked) > 0 {
		newest := m.parked[len(m.parked)-1]
		m.parked = m.parked[:len(m.parked)-1]
		if !newest.dead.Load() {
			m.count.Hits++
			m.served(t, c, newest.cell, true)
			m.settled()
			return
		}
		m.count.Died++
		m.passing = true
	}
	refused := m.refusing()
	if m.passing && m.failures >= m.cfg.FailFast {
		refused = !c.waits() // a dead one may have set off the try that this claim would be
	}
	if refused {
		var unavailable *pool.UnavailableError
		if c.waits() || !errors.As(c.err, &unavailable) || unavailable.Failures != m.failures || unavailable.RetryAfter <= 0 {
			t.Fatalf("after %d failures the claim got %v", m.failures, c.err)
		}
	} else {
		m.waiting = append(m.waiting, c)
	}
	m.settled()
}

func (m *model) refusing() bool {
	return m.failures >= m.cfg.FailFast && (len(m.running) > 0 || time.Now().Before(m.retryAt))
}

// served checks that c got the cell.
func (m *model) served(t *rapid.T, c *claiming, want *cell, hit bool) {
	if c.waits() || c.err != nil || c.lease.Value() != want || c.lease.Hit() != hit {
		t.Fatalf("claim ended: %v, with %+v; want cell %d", !c.waits(), c, want.id)
	}
	m.claimed = append(m.claimed, c.lease)
}

func (m *model) release(t *rapid.T) {
	i := index(t, m.claimed)
	m.claimed[i].Release()
	m.claimed = slices.Delete(m.claimed, i, i+1)
	m.settled()
}

func (m *model) giveUp(t *rapid.T) {
	i := index(t, m.waiting)
	m.waiting[i].giveUp()
	synctest.Wait()
	m.gaveUp(t, i)
	m.settled()
}

func (m *model) gaveUp(t *rapid.T, i int) {
	if c := m.waiting[i]; c.waits() || !errors.Is(c.err, context.Canceled) {
		t.Fatalf("who gave up got %v", c.err)
	}
	m.waiting = slices.Delete(m.waiting, i, i+1)
	m.count.AbandonedClaims++
}

// giveUpWhileServed makes the first waiter give up at the moment when its cell is
// ready.
func (m *model) giveUpWhileServed(t *rapid.T) {
	if len(m.waiting) == 0 {
		t.Skip("nobody waits")
	}
	i := index(t, m.running)
	m.waiting[0].ctx.ended.Store(true)
	m.w.end(i, nil)
	m.gaveUp(t, 0)
	m.passing = true // for a moment the cell was the waiter's
	m.made(t, i)
}

func (m *model) makeWorks(t *rapid.T) {
	i := index(t, m.running)
	m.w.end(i, nil)
	m.made(t, i)
}

func (m *model) made(t *rapid.T, i int) {
	m.running = slices.Delete(m.running, i, i+1)
	m.failures, m.backoff, m.retryAt = 0, 0, time.Time{}
	m.count.Made++
	c := m.w.cells[len(m.w.cells)-1]
	switch {
	case len(m.waiting) > 0:
		first := m.waiting[0]
		m.waiting = m.waiting[1:]
		m.count.Misses++
		m.served(t, first, c, false)
	case m.fresh() >= max(m.target, m.cfg.Parallel):
		m.count.Surplus++
	default:
		m.parked = append(m.parked, &parked{cell: c, made: time.Now()})
	}
	m.settled()
}

func (m *model) makeFails(t *rapid.T) {
	i := index(t, m.running)
	m.w.end(i, errBroken)
	m.count.MakeFailures++
	if m.running[i] == m.failures {
		m.failures++
		m.backoff = min(max(2*m.backoff, m.cfg.BackoffMin), m.cfg.BackoffMax)
		m.retryAt = time.Now().Add(m.backoff)
		if m.failures >= m.cfg.FailFast {
			for _, c := range m.waiting {
				if c.waits() || !errors.Is(c.err, errBroken) {
					t.Fatalf("after %d failures a waiter got %v", m.failures, c.err)
				}
			}
			m.waiting = nil
		}
	}
	m.running = slices.Delete(m.running, i, i+1)
	m.settled()
}

func (m *model) dies(t *rapid.T) {
	m.parked[index(t, m.parked)].dead.Store(true)
	m.settled()
}

func (m *model) discard(t *rapid.T) {
	c := m.parked[index(t, m.parked)].cell
	if n := m.p.Discard(func(x *cell) bool { return x == c }); n != 1 {
		t.Fatalf("discarded %d, want 1", n)
	}
	m.parked = slices.DeleteFunc(m.parked, func(x *parked) bool { return x.cell == c })
	m.count.Died++
	m.settled()
}

func (m *model) replace(t *rapid.T) {
	odd := rapid.IntRange(0, 1).Draw(t, "odd")
	match := func(c *cell) bool { return c.id%2 == odd }
	want := 0
	for _, c := range m.parked {
		if match(c.cell) {
			want++
			c.retiring = true
		}
	}
	if n := m.p.Replace(match); n != want {
		t.Fatalf("replacing %d, want %d", n, want)
	}
	m.settled()
}

func (m *model) resize(t *rapid.T) {
	m.target = rapid.IntRange(0, 6).Draw(t, "target")
	if err := m.p.Resize(m.target); err != nil {
		t.Fatal(err)
	}
	m.retire()
	if over := len(m.parked) - m.target; over > 0 {
		m.parked = m.parked[over:]
		m.count.Surplus += uint64(over)
	}
	m.settled()
}

func (m *model) timePasses(t *rapid.T) {
	// Short, since rapid takes the bubble's clock for the real one, and shrinks for
	// at most half a minute.
	time.Sleep(rapid.SampledFrom([]time.Duration{1, time.Millisecond, 5 * time.Millisecond, 60 * time.Millisecond}).Draw(t, "by"))
	m.settled()
}

// settled waits until the pool and the model have settled.
func (m *model) settled() {
	synctest.Wait()
	m.retire()
	m.started = m.w.running() - len(m.running)
	for range m.started {
		m.running = append(m.running, m.failures)
	}
}

func (m *model) retire() {
	for _, c := range m.parked {
		if m.cfg.MaxAge > 0 && time.Since(c.made) >= m.cfg.MaxAge {
			c.retiring = true
		}
	}
	for len(m.parked) > m.target {
		i := slices.IndexFunc(m.parked, func(c *parked) bool { return c.retiring })
		if i < 0 {
			return
		}
		m.parked = slices.Delete(m.parked, i, i+1)
		m.count.Expired++
	}
}

func (m *model) fresh() int {
	n := 0
	for _, c := range m.parked {
		if !c.retiring {
			n++
		}
	}
	return n
}

func (m *model) check(t *rapid.T) {
	s := m.p.Stats()
	want := pool.Stats{
		Target: m.target, Ready: len(m.parked), Making: len(m.running), Claimed: len(m.claimed), Waiting: len(m.waiting), MakeTime: s.MakeTime,
		ConsecutiveFailures: m.failures, LastError: s.LastError, RetryAt: m.retryAt, Counters: m.count,
	}
	if s != want {
		t.Fatalf("stats\n%+v, want\n%+v", s, want)
	}
	if (s.LastError != nil) != (m.failures > 0) {
		t.Fatalf("last error %v after %d failures", s.LastError, m.failures)
	}
	if s.Made != s.Hits+s.Misses+s.Died+s.Expired+s.Surplus+uint64(s.Ready) {
		t.Fatalf("what was made does not add up: %+v", s)
	}
	if destroyed := len(m.w.destroyedIDs()); destroyed+s.Ready+s.Claimed != len(m.w.cells) {
		t.Fatalf("of %d made, %d are destroyed, %d ready, %d claimed", len(m.w.cells), destroyed, s.Ready, s.Claimed)
	}
	if s.Waiting > 0 && s.Ready > 0 {
		t.Fatalf("%d wait while %d are ready", s.Waiting, s.Ready)
	}
	if m.fresh() > max(m.target, m.cfg.Parallel) {
		t.Fatalf("%d parked, the target is %d", m.fresh(), m.target)
	}
	m.checkMakes(t)
}

// checkMakes checks that as many makes run as are needed and allowed, and that the
// last action started no others. Makes that ran before go on, needed or not.
func (m *model) checkMakes(t *rapid.T) {
	needed := m.target + len(m.waiting) - m.fresh() - len(m.running)
	limit := m.cfg.Parallel
	if m.failures > 0 {
		limit = 1
	}
	yielding := m.cfg.YieldAt > 0 && len(m.claimed) >= m.cfg.YieldAt &&
		len(m.parked) >= m.lowWater && len(m.waiting) == 0
	paused := yielding || time.Now().Before(m.retryAt)
	switch {
	case needed > 0 && len(m.running) < limit && !paused:
		t.Fatalf("%d more are needed, only %d are being made", needed, len(m.running))
	case len(m.running) > m.cfg.Parallel:
		t.Fatalf("%d are being made at once", len(m.running))
	case m.started > 0 && !m.passing && (needed < 0 || paused):
		t.Fatalf("%d makes were started, needed more: %d, paused: %v", m.started, needed, paused)
	}
	m.passing = false
}

// close drains the pool in whatever state it is, and checks every cell.
func (m *model) close(t *rapid.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := m.p.Drain(ctx); (err != nil) != (len(m.claimed) > 0) {
		t.Errorf("drain with %d claimed: %v", len(m.claimed), err)
	}
	synctest.Wait()
	for _, c := range m.waiting {
		if c.waits() || c.err != pool.ErrClosed {
			t.Errorf("a waiter of a drained pool got %v", c.err)
		}
	}
	for _, l := range m.claimed {
		l.Release()
	}
	m.p.Close()
	m.w.reckon(t)
}

// index draws an index of s, or skips the action if s is empty.
func index[S ~[]E, E any](t *rapid.T, s S) int {
	if len(s) == 0 {
		t.Skip("none")
	}
	return rapid.IntRange(0, len(s)-1).Draw(t, "index")
}
