package sessions

import (
	"cmp"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotcell/hotcell/supervisor/line"
)

// maxGraves is how many sessions that are over are remembered, so that their
// owners learn how they ended.
const maxGraves = 1000

// Why there is no new session.
var (
	ErrTooMany = errors.New("too many sessions")
	ErrClosed  = errors.New("the service is shutting down")
)

// Registry holds all sessions there are, and the last that were.
type Registry struct {
	most  int
	ended func(End) // called for each session that is over

	mu      sync.Mutex     // guards what follows; a session's mu may be taken under it, never the other way round
	places  map[string]int // taken, by party: those that live, and that are being made
	taken   int
	byID    map[string]*Session
	graves  []*Session // of byID, the oldest first
	closing bool
}

// New makes a registry that holds at most so many sessions. It calls ended for
// each that is over.
func New(most int, ended func(End)) *Registry {
	return &Registry{most: most, ended: ended, places: make(map[string]int), byID: make(map[string]*Session)}
}

// Reserve takes a place for a session of a party's, which may have mostOfParty:
// add or GiveBack follows. The error is ErrTooMany or ErrClosed.
func (t *Registry) Reserve(party string, mostOfParty int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closing:
		return ErrClosed
	case t.taken >= t.most, t.places[party] >= mostOfParty:
		return ErrTooMany
	}
	t.taken++
	t.places[party]++
	return nil
}

// GiveBack gives a place back that was reserved.
func (t *Registry) GiveBack(party string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(party)
}

// leave gives a place back. mu is held.
func (t *Registry) leave(party string) {
	t.taken--
	if t.places[party]--; t.places[party] == 0 {
		delete(t.places, party)
	}
}

// linger takes the place of a session that is over again, if its cell does not
// end soon, until it has.
func (t *Registry) linger(party string, gone <-chan struct{}) {
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
	t.GiveBack(party)
}

// Add begins a session in a cell, for which there is a place. It releases the cell
// when the session ends. The error is [ErrClosed]: then the cell is still the
// caller's, and the place is given back.
func (t *Registry) Add(cfg Config, cell Cell) (*Session, error) {
	now := time.Now()
	s := &Session{Config: cfg, ID: rand.Text(), Created: now, Expires: now.Add(cfg.TTL), cell: cell, ended: t.bury}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing {
		t.leave(s.Party)
		return nil, ErrClosed
	}
	t.byID[s.ID] = s
	s.begin()
	return s, nil
}

// bury notes that a session is over. Its owner learns how for a while, unless he
// has deleted it himself.
func (t *Registry) bury(s *Session, why End) {
	t.ended(why)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(s.Party)
	go t.linger(s.Party, s.Work())
	if why == Deleted {
		delete(t.byID, s.ID)
		return
	}
	t.graves = append(t.graves, s)
	if len(t.graves) > maxGraves {
		delete(t.byID, t.graves[0].ID)
		t.graves = slices.Delete(t.graves, 0, 1)
	}
}

// Find is owner's session of that id, or nil: others' do not exist for him.
func (t *Registry) Find(id, owner string) *Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.byID[id]; s != nil && s.Owner == owner {
		return s
	}
	return nil
}

// Living are the sessions that live and that want is true of, the oldest first.
func (t *Registry) Living(want func(*Session) bool) []*Session {
	living := slices.DeleteFunc(t.all(), func(s *Session) bool {
		over, _ := s.Over()
		return over != "" || !want(s)
	})
	slices.SortFunc(living, func(a, b *Session) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return living
}

func (t *Registry) all() []*Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]*Session, 0, len(t.byID))
	for _, s := range t.byID {
		all = append(all, s)
	}
	return all
}

// Count is how many sessions live.
func (t *Registry) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byID) - len(t.graves)
}

// Close ends all sessions, and lets none in any more.
func (t *Registry) Close() {
	t.mu.Lock()
	t.closing = true
	t.mu.Unlock()
	for _, s := range t.all() {
		s.End(Drained)
	}
}
