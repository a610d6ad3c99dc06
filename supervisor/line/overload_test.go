package line

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

const (
	simPlaces  = 10
	simService = 20 * time.Millisecond
	simRate    = simPlaces * int(time.Second/simService) // requests per second that can be served
	simBound   = 500 * time.Millisecond
)

// sim is a service in which all requests take the same time, and whose clients give
// up. Its clock is synctest's.
type sim struct {
	*Line
	service time.Duration
	patient time.Duration // how long clients wait

	good, wasted, refused, gone, failed int
	slowest                             time.Duration // until a refusal
}

func newSim(patient time.Duration) *sim {
	l := New(Config{Places: simPlaces, Waiting: 1024, Bytes: anyBytes, Reserved: anyBytes, Patience: Patience{Answer: simBound}})
	return &sim{Line: l, service: simService, patient: patient}
}

const anyBytes = 1 << 40

// request is one request. Goroutines of a bubble run one after the other only if they
// wake at different times, so the counters need the line's lock.
func (s *sim) request(party Party) {
	began := time.Now()
	ctx, cancel := context.WithTimeoutCause(context.Background(), s.patient, errGaveUp)
	defer cancel()
	ticket, err := s.Enter(ctx, party, Cost{})
	count := &s.failed
	var slow *SlowError
	switch {
	case err == nil:
		time.Sleep(s.takes())
		count = &s.wasted
		if ctx.Err() == nil {
			count = &s.good
		}
	case errors.As(err, &slow), errors.Is(err, ErrFull):
		count = &s.refused
	case errors.Is(err, errGaveUp):
		count = &s.gone
	}
	s.mu.Lock()
	*count++
	if count == &s.refused {
		s.slowest = max(s.slowest, time.Since(began))
	}
	s.mu.Unlock()
	ticket.Leave()
}

// takes returns how long a request takes now.
func (s *sim) takes() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.service
}

func (s *sim) slowDown(times time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.service *= times
}

// load sends rate requests per second for a while; the parties take turns.
func (s *sim) load(rate int, long time.Duration, parties ...Party) {
	for i := range int(long.Seconds() * float64(rate)) {
		go s.request(parties[i%len(parties)])
		time.Sleep(time.Second / time.Duration(rate))
	}
}

// reset returns the counters, and sets them to zero.
func (s *sim) reset() sim {
	s.mu.Lock()
	defer s.mu.Unlock()
	counted := sim{good: s.good, wasted: s.wasted, refused: s.refused, gone: s.gone, failed: s.failed, slowest: s.slowest}
	s.good, s.wasted, s.refused, s.gone, s.failed, s.slowest = 0, 0, 0, 0, 0, 0
	return counted
}

func (s *sim) String() string {
	return fmt.Sprintf("%d good, %d wasted, %d refused after at most %v, %d gave up, %d failed", s.good, s.wasted, s.refused, s.slowest, s.gone, s.failed)
}

func TestGoodputStaysWhateverComesAndHoweverPatientClientsAre(t *testing.T) {
	for _, times := range []int{2, 5, 20} {
		for _, patient := range []time.Duration{time.Second, 2 * time.Second, 10 * time.Second} {
			t.Run(fmt.Sprintf("%d times what can be served, clients wait %v", times, patient), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newSim(patient)
					for second := range 10 {
						s.load(times*simRate, time.Second, one)
						if now := s.reset(); now.good < simRate*95/100 || now.wasted+now.gone+now.failed > simRate/50 || now.slowest > 0 {
							t.Errorf("second %d: %v; %d can be served", second, &now, simRate)
						}
					}
					time.Sleep(time.Second)
					s.reset()
					s.load(simRate*9/10, time.Second, one)
					if now := s.reset(); now.refused+now.wasted+now.gone+now.failed > 0 {
						t.Errorf("one second after it: %v", &now)
					}
					time.Sleep(time.Minute)
				})
			})
		}
	}
}

// A hundred addresses or keys that each send a little are too much together, although
// each of them has a short line.
func TestGoodputStaysWhenManyPartiesAreTooMuchTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(2 * time.Second)
		var parties []Party
		for i := range 100 {
			parties = append(parties, Unbounded(fmt.Sprint(i)))
		}
		for second := range 10 {
			s.load(5*simRate, time.Second, parties...)
			if now := s.reset(); now.good < simRate*95/100 || now.wasted > 0 || now.gone > simRate/20 {
				t.Errorf("second %d: %v; %d can be served", second, &now, simRate)
			}
		}
		time.Sleep(time.Minute)
	})
}

// Requests suddenly take ten times as long. Those in line then wait longer than was
// expected, and longer than their clients do.
func TestGoodputComesBackAfterRequestsBecomeSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(2 * time.Second)
		s.load(5*simRate, 3*time.Second, one)
		s.slowDown(10)
		s.load(5*simRate, time.Second, one)
		s.reset()
		for second := range 5 {
			s.load(5*simRate, time.Second, one)
			if now := s.reset(); now.good < simRate/10*90/100 {
				t.Errorf("second %d: %v; %d can be served", second, &now, simRate/10)
			}
		}
		time.Sleep(time.Minute)
	})
}

// After a pause nothing is known about the pace, and a burst is accepted.
func TestABurstAfterAPauseIsNotRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(10 * time.Second)
		for range 3 {
			for range 4 * simRate {
				go s.request(one)
			}
			time.Sleep(30 * time.Second)
			if now := s.reset(); now.good != min(4*simRate, 1024+simPlaces) {
				t.Errorf("%v", &now)
			}
		}
	})
}

func TestAPartyAtItsOwnMaximumIsJudgedByItsOwnPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(2 * time.Second)
		narrow := Unbounded("narrow")
		narrow.MaxRunning = 1 // of 10: 50 per second
		s.load(5*simRate/10, 3*time.Second, narrow)
		s.reset()
		s.load(5*simRate/10, 3*time.Second, narrow)
		if now := s.reset(); now.good < 3*simRate/10*95/100 || now.wasted+now.gone+now.failed > 0 {
			t.Errorf("%v; %d can be served", &now, 3*simRate/10)
		}
		for range 10 { // takes the place in line of the request that has just left it
			go s.request(narrow)
		}
		synctest.Wait()
		var slow *SlowError
		if err := s.Expect(narrow, Patience{}); !errors.As(err, &slow) || !slow.Party {
			t.Errorf("%v", err)
		}
		if err := s.Expect(one, Patience{}); err != nil {
			t.Errorf("there are places for another party: %v", err)
		}
		time.Sleep(time.Minute)
	})
}

// Clients of scripts that take seconds wait for seconds: a request that arrives while
// the only place is taken is not refused.
func TestAFewMayWaitHoweverLongRequestsTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(time.Minute)
		s.service = 10 * time.Second
		for range 5 {
			for range simPlaces + 6 {
				go s.request(one)
				time.Sleep(100 * time.Millisecond)
			}
			time.Sleep(time.Minute)
			if now := s.reset(); now.good != simPlaces+1 || now.refused != 5 {
				t.Errorf("%v", &now)
			}
		}
	})
}

func TestARequestsOwnPatienceCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(time.Minute)
		s.load(2*simRate, 5*time.Second, one)
		for _, wait := range []time.Duration{1, simBound / 2, simBound * 2, simBound * 20} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
			defer cancel()
			want := wait < simBound
			asked := s.Expect(one, Patience{Answer: wait})
			_, err := s.EnterWithin(ctx, one, Cost{}, Patience{Answer: wait})
			var slow *SlowError
			if errors.As(err, &slow) != want || errors.As(asked, &slow) != want {
				t.Errorf("%v: %v, and when asked before %v", wait, err, asked)
			}
		}
		time.Sleep(time.Minute)
	})
}
