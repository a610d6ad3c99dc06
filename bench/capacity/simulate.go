package capacity

import (
	"container/heap"
	"math/rand/v2"
)

// Outcome is the result of a simulation.
type Outcome struct {
	Requests, Misses int
	Wait             float64 // seconds that a request waited for a cell, mean over all
	Longest          float64 // of these
}

// Miss returns the share of requests that found the pool empty.
func (o Outcome) Miss() float64 { return float64(o.Misses) / float64(max(1, o.Requests)) }

type eventKind int

const (
	arrival eventKind = iota
	forked
	made
	ended
)

type event struct {
	at   float64
	kind eventKind
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// simulation is a pool from one event to the next.
type simulation struct {
	Pool
	random                 *rand.Rand
	queue                  events
	ready, making, running int
	unforked, forking      int       // of making: they wait for a zygote, or have one
	waiting                []float64 // since when
	seen                   Outcome
}

// Simulate sends this many requests through the pool, which is full at first. The
// same seed gives the same outcome. Times are exponential, as in the formula.
func (p Pool) Simulate(requests int, seed uint64) Outcome {
	s := &simulation{Pool: p, random: rand.New(rand.NewPCG(seed, 3)), ready: p.Size} // #nosec G404 -- to be repeated
	s.in(1/p.Rate, 0, arrival)
	for s.seen.Requests < requests || len(s.waiting) > 0 {
		next := heap.Pop(&s.queue).(event)
		switch next.kind {
		case arrival:
			s.arrive(next.at)
			if s.seen.Requests < requests {
				s.in(1/p.Rate, next.at, arrival)
			}
		case forked:
			s.forking--
			s.in(s.Make-s.Fork, next.at, made)
			s.fork(next.at)
		case made:
			s.making--
			s.take(next.at)
		case ended:
			s.running--
		}
		s.refill(next.at)
	}
	s.seen.Wait /= float64(max(1, requests))
	return s.seen
}

func (s *simulation) in(mean, now float64, kind eventKind) {
	heap.Push(&s.queue, event{now + mean*s.random.ExpFloat64(), kind})
}

func (s *simulation) arrive(now float64) {
	s.seen.Requests++
	if s.ready == 0 {
		s.seen.Misses++
		s.waiting = append(s.waiting, now)
		return
	}
	s.ready--
	s.run(now)
}

// take gives a new cell to the request that has waited longest, or parks it.
func (s *simulation) take(now float64) {
	if len(s.waiting) == 0 {
		s.ready++
		return
	}
	waited := now - s.waiting[0]
	s.waiting = s.waiting[1:]
	s.seen.Wait += waited
	s.seen.Longest = max(s.seen.Longest, waited)
	s.run(now)
}

func (s *simulation) run(now float64) {
	if s.Running > 0 {
		s.running++
		s.in(s.Running, now, ended)
	}
}

func (s *simulation) refill(now float64) {
	yields := s.Yields && s.running > 0 && s.ready >= (s.Size+1)/2 && len(s.waiting) == 0
	for !yields && s.making < s.Makers && s.Size+len(s.waiting)-s.ready-s.making > 0 {
		s.making++
		if s.Zygotes == 0 {
			s.in(s.Make, now, made)
			continue
		}
		s.unforked++
		s.fork(now)
	}
}

// fork gives cells to zygotes that have none.
func (s *simulation) fork(now float64) {
	for s.unforked > 0 && s.forking < s.Zygotes {
		s.unforked--
		s.forking++
		s.in(s.Fork, now, forked)
	}
}
