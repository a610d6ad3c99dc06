package terminals

import (
	"sync"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// Places counts the open terminals of each party.
type Places struct {
	most int

	mu      sync.Mutex // guards the fields below
	open    int
	byParty map[string]int
}

// NewPlaces returns places for at most most terminals.
func NewPlaces(most int) *Places { return &Places{most: most, byParty: make(map[string]int)} }

// Enter takes a place, until leave is called once; or it returns a problem.
func (t *Places) Enter(party keys.Party) (leave func(), problem *api.Problem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.byParty[party.Name] >= party.MaxTerminals && party.MaxTerminals < t.most:
		problem = api.Refuse(api.CodeRateLimited, "too many terminals: %d are open, the maximum for one client", t.byParty[party.Name])
	case t.open >= t.most:
		problem = api.Refuse(api.CodeSaturated, "all %d terminals are in use", t.most)
	default:
		t.open++
		t.byParty[party.Name]++
		return func() { t.leave(party.Name) }, nil
	}
	problem.RetryAfter = time.Second
	return nil, problem
}

func (t *Places) leave(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	if t.byParty[name]--; t.byParty[name] == 0 {
		delete(t.byParty, name)
	}
}

// Count returns the number of open terminals.
func (t *Places) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}
