package line

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestGoodputStaysForAnyServiceAndAnyCrowd simulates services with random numbers of
// places, durations and parties, and more requests than can be served. Nearly as many
// as can be served must be served, and nearly every accepted request must be served
// within about the time limit of the line.
func TestGoodputStaysForAnyServiceAndAnyCrowd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &crowd{
			places:  rapid.IntRange(1, 16).Draw(t, "places"),
			service: time.Duration(rapid.IntRange(20, 200).Draw(t, "service, ms")) * time.Millisecond,
			spread:  rapid.Float64Range(0, 1).Draw(t, "spread of it"),
			times:   rapid.Float64Range(1.5, 20).Draw(t, "load"),
			patient: time.Duration(rapid.IntRange(1500, 5000).Draw(t, "patience, ms")) * time.Millisecond,
			parties: rapid.SliceOfN(rapid.Uint64Range(1, 9), 1, 20).Draw(t, "weights"),
			random:  rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), // #nosec G404 -- a simulation
		}
		c.run(3 * time.Second) // until the line has measured its pace
		c.good, c.waits = 0, nil
		const long = 5 * time.Second
		c.run(long)
		can := float64(c.places) * float64(long) / float64(c.service)
		if can > 300 { // with fewer, chance matters too much
			if share := float64(c.good) / can; share < 0.85 {
				t.Errorf("%.0f of what can be served, %.0f %%", can, 100*share)
			}
			slices.Sort(c.waits)
			if p90 := c.waits[len(c.waits)*9/10]; p90 > 2*simBound {
				t.Errorf("one of ten waits %v and longer, and the bound is %v", p90, simBound)
			}
		}
	})
}

// crowd is a service with its clients. Its time advances in steps of a millisecond.
type crowd struct {
	places  int
	service time.Duration // the average time of a request
	spread  float64       // 0: each takes the same time; 1: from nothing to twice the average
	times   float64       // how many times as many requests arrive as can be served
	patient time.Duration // a client that has waited for longer gives up
	parties []uint64      // weights
	random  *rand.Rand

	l       *Line
	now     time.Time
	due     float64 // requests
	waiting []*waiter
	flows   map[*waiter]*flow
	running map[*waiter]time.Time // when each ends

	good  int // served before their clients gave up
	waits []time.Duration
}

func (c *crowd) run(long time.Duration) {
	if c.l == nil {
		c.l = New(Config{Places: c.places, Waiting: 1 << 20, Bytes: anyBytes, Patience: Patience{Answer: simBound}})
		c.now = time.Unix(0, 0)
		c.l.now = func() time.Time { return c.now }
		c.flows, c.running = make(map[*waiter]*flow), make(map[*waiter]time.Time)
	}
	for end := c.now.Add(long); c.now.Before(end); c.now = c.now.Add(time.Millisecond) {
		for w, end := range c.running {
			if !c.now.Before(end) {
				delete(c.running, w)
				if end.Sub(w.arrived) <= c.patient {
					c.good++
				}
				w.ticket.Leave()
			}
		}
		c.waiting = slices.DeleteFunc(c.waiting, func(w *waiter) bool {
			gone := w.ticket == nil && c.now.Sub(w.arrived) > c.patient
			if gone {
				c.l.leaveLine(c.flows[w], w)
			}
			return gone
		})
		for c.due += c.times * float64(c.places) / float64(c.service/time.Millisecond); c.due >= 1; c.due-- {
			weight := c.parties[c.random.IntN(len(c.parties))]
			if w, err := c.l.queue(weighted(string(rune('a'+weight)), weight), Cost{}, Patience{}); err == nil {
				c.waiting = append(c.waiting, w)
				c.flows[w] = c.l.flows[string(rune('a'+weight))]
			}
		}
		c.waiting = slices.DeleteFunc(c.waiting, func(w *waiter) bool {
			if w.ticket == nil {
				return false
			}
			delete(c.flows, w)
			c.waits = append(c.waits, c.now.Sub(w.arrived))
			c.running[w] = c.now.Add(time.Duration(float64(c.service) * (1 + c.spread*(2*c.random.Float64()-1))))
			return true
		})
	}
}
