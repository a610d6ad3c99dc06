package supervisor

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/supervisor/line"
)

// maxGraves is how many sessions that are over are remembered, so that their
// owners learn how they ended.
const maxGraves = 1000

var errTooManySessions = errors.New("too many sessions")

// sessions are all there are, and the last that were.
type sessions struct {
	most    int
	counter *prometheus.CounterVec

	mu      sync.Mutex     // guards what follows; a session's mu may be taken under it, never the other way round
	places  map[string]int // taken, by party: those that live, and that are being made
	taken   int
	byID    map[string]*session
	graves  []*session // of byID, the oldest first
	closing bool
}

func newSessions(most int, counter *prometheus.CounterVec) *sessions {
	return &sessions{most: most, counter: counter, places: make(map[string]int), byID: make(map[string]*session)}
}

// reserve takes a place for a session of a party's, which may have mostOfParty:
// add or giveBack follows. The error is errTooManySessions or errDraining.
func (t *sessions) reserve(party string, mostOfParty int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closing:
		return errDraining
	case t.taken >= t.most, t.places[party] >= mostOfParty:
		return errTooManySessions
	}
	t.taken++
	t.places[party]++
	return nil
}

func (t *sessions) giveBack(party string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(party)
}

// leave gives a place back. mu is held.
func (t *sessions) leave(party string) {
	t.taken--
	if t.places[party]--; t.places[party] == 0 {
		delete(t.places, party)
	}
}

// linger takes the place of a session that is over again, if its cell does not
// end soon, until it has.
func (t *sessions) linger(party string, gone <-chan struct{}) {
	select {
	case <-gone:
		return
	case <-time.After(line.LingerGrace):
	}
	t.mu.Lock()
	t.taken++
	t.places[party]++
	t.mu.Unlock()
	<-gone
	t.giveBack(party)
}

// add takes in a session for which there is a place, and begins it. The error is
// errDraining; then the caller still has its lease.
func (t *sessions) add(s *session) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		t.leave(s.party)
		return errDraining
	}
	s.ended = t.bury
	t.byID[s.id] = s
	s.begin()
	return nil
}

// bury notes that a session is over. Its owner learns how for a while, unless he
// has deleted it himself.
func (t *sessions) bury(s *session, why sessionEnd) {
	t.counter.WithLabelValues(string(why)).Inc()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(s.party)
	go t.linger(s.party, s.work())
	if why == sessionDeleted {
		delete(t.byID, s.id)
		return
	}
	t.graves = append(t.graves, s)
	if len(t.graves) > maxGraves {
		delete(t.byID, t.graves[0].id)
		t.graves = slices.Delete(t.graves, 0, 1)
	}
}

// find is owner's session of that id, or nil: others' do not exist for him.
func (t *sessions) find(id, owner string) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.byID[id]; s != nil && s.owner == owner {
		return s
	}
	return nil
}

// list is owner's sessions that live, the oldest first.
func (t *sessions) list(owner string) []SessionState {
	return states(t.living(func(s *session) bool { return s.owner == owner }))
}

// living are the sessions that live and that want is true of.
func (t *sessions) living(want func(*session) bool) []*session {
	return slices.DeleteFunc(t.all(), func(s *session) bool { return !want(s) || s.gone() != nil })
}

// states are those of sessions, the oldest first.
func states(of []*session) []SessionState {
	states := make([]SessionState, 0, len(of))
	for _, s := range of {
		states = append(states, s.state())
	}
	slices.SortFunc(states, func(a, b SessionState) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return states
}

func (t *sessions) all() []*session {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*session, 0, len(t.byID))
	for _, s := range t.byID {
		all = append(all, s)
	}
	return all
}

func (t *sessions) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byID) - len(t.graves)
}

// close ends all sessions, and lets none in any more.
func (t *sessions) close() {
	t.mu.Lock()
	t.closing = true
	t.mu.Unlock()
	for _, s := range t.all() {
		s.end(sessionDrained, nil)
	}
}
