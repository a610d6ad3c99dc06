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

// maxGraves is how many ended sessions are remembered, so that their owners can learn
// how they ended.
const maxGraves = 1000

// Why there is no new session.
var (
	ErrTooMany = errors.New("too many sessions")
	ErrExists  = errors.New("there is a session of that id")
	ErrClosed  = errors.New("the service is shutting down")
)

// Registry holds all live sessions, and the last that ended.
type Registry struct {
	// Failed, if set, gets the panic of a goroutine that watched a session, which has ended.
	Failed func(err error)

	// NewID returns the id of a session whose owner has chosen none. It may be set before
	// there are sessions.
	NewID func() string

	most  int
	ended func(End) // called for each session that ends

	mu      sync.Mutex     // guards the fields below; a session's mu may be taken while it is held, but not the reverse
	places  map[string]int // by party: sessions that live or are being made
	taken   int
	byID    map[name]*Session
	coming  map[name]bool // ids of sessions that are being made
	graves  []*Session    // sessions of byID that have ended, oldest first
	closing bool

	draining chan struct{} // closed when nobody may wait for a session any more
	endWaits sync.Once
}

// name is what a session is found by: ids are each owner's own.
type name struct{ owner, id string }

// Place is what a session takes before it is made.
type Place struct {
	Party string // that it counts for
	Owner string
	ID    string // that its owner chose; empty: it gets a random one
}

// New returns a registry that holds at most most sessions. It calls ended for each
// session that ends.
func New(most int, ended func(End)) *Registry {
	return &Registry{NewID: rand.Text, most: most, ended: ended, places: make(map[string]int), byID: make(map[name]*Session), coming: make(map[name]bool), draining: make(chan struct{})}
}

// Reserve takes a place for a session of a party, which may have mostOfParty
// sessions. The caller then calls Add or GiveBack. The error is ErrTooMany, ErrExists
// or ErrClosed.
func (t *Registry) Reserve(place Place, mostOfParty int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	wanted := name{place.Owner, place.ID}
	switch {
	case t.closing:
		return ErrClosed
	case t.coming[wanted], t.lives(wanted):
		return ErrExists
	case t.taken >= t.most, t.places[place.Party] >= mostOfParty:
		return ErrTooMany
	}
	t.taken++
	t.places[place.Party]++
	if place.ID != "" {
		t.coming[wanted] = true
	}
	return nil
}

// lives reports whether there is a live session of that name. mu must be held.
func (t *Registry) lives(wanted name) bool {
	s := t.byID[wanted]
	return s != nil && !slices.Contains(t.graves, s)
}

// GiveBack gives a reserved place back.
func (t *Registry) GiveBack(place Place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.coming, name{place.Owner, place.ID})
	t.leave(place.Party)
}

// leave gives a place back. mu must be held.
func (t *Registry) leave(party string) {
	t.taken--
	if t.places[party]--; t.places[party] == 0 {
		delete(t.places, party)
	}
}

// linger takes the place of an ended session again if its cell does not end soon, and
// keeps it until the cell has ended.
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
	t.GiveBack(Place{Party: party})
}

// Add starts a session in a cell; the caller has reserved its place. The session
// releases the cell when it ends. If the error is [ErrClosed], the cell is still the
// caller's, and the place is given back.
func (t *Registry) Add(cfg Config, cell Cell) (*Session, error) {
	now := time.Now()
	s := &Session{Config: cfg, ID: cfg.ID, Created: now, expires: now.Add(cfg.TTL), cell: cell, ended: t.bury, draining: t.draining}
	if s.ID == "" {
		s.ID = t.NewID()
	}
	s.fail = func(err error) {
		s.end(Died, nil)
		if t.Failed != nil {
			t.Failed(err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	wanted := name{s.Owner, s.ID}
	delete(t.coming, wanted)
	if t.closing {
		t.leave(s.Party)
		return nil, ErrClosed
	}
	if old := t.byID[wanted]; old != nil { // one that has ended
		t.graves = slices.DeleteFunc(t.graves, func(s *Session) bool { return s == old })
	}
	t.byID[wanted] = s
	s.begin()
	return s, nil
}

// bury records that a session has ended. Unless its owner has deleted it, the owner
// can learn for a while how it ended.
func (t *Registry) bury(s *Session, why End) {
	t.ended(why)
	if s.Free != nil && why != Drained { // that node is gone, and others learn that
		defer s.Free(why != Deleted)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.leave(s.Party)
	go t.linger(s.Party, s.Work())
	if why == Deleted {
		delete(t.byID, name{s.Owner, s.ID})
		return
	}
	t.graves = append(t.graves, s)
	if len(t.graves) > maxGraves {
		delete(t.byID, name{t.graves[0].Owner, t.graves[0].ID})
		t.graves = slices.Delete(t.graves, 0, 1)
	}
}

// Find returns the owner's session with that id, or nil. Owners do not see the
// sessions of others.
func (t *Registry) Find(id, owner string) *Session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byID[name{owner, id}]
}

// Lose ends the session of a name that another node has taken.
func (t *Registry) Lose(place Place) {
	if s := t.Find(place.ID, place.Owner); s != nil {
		s.End(Taken)
	}
}

// Living returns the live sessions for which want is true, oldest first.
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

// Count returns the number of live sessions.
func (t *Registry) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byID) - len(t.graves)
}

// Drain refuses callers that wait for their turns. Those who have theirs go on.
func (t *Registry) Drain() { t.endWaits.Do(func() { close(t.draining) }) }

// Close ends all sessions and accepts no new ones.
func (t *Registry) Close() {
	t.Drain()
	t.mu.Lock()
	t.closing = true
	t.mu.Unlock()
	for _, s := range t.all() {
		s.End(Drained)
	}
}
