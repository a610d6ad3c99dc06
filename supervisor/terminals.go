package supervisor

import (
	"sync"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// terminals counts those that are open, by party.
type terminals struct {
	most int

	mu      sync.Mutex // guards what follows
	open    int
	byParty map[string]int
}

func newTerminals(most int) *terminals { return &terminals{most: most, byParty: make(map[string]int)} }

// enter counts one more, until leave is called once, or refuses it.
func (t *terminals) enter(party keys.Party) (leave func(), problem *api.Problem) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.byParty[party.Name] >= party.MaxTerminals && party.MaxTerminals < t.most:
		problem = api.Refuse(api.CodeRateLimited, "%d terminals are open, as many as one client may have", t.byParty[party.Name])
	case t.open >= t.most:
		problem = api.Refuse(api.CodeSaturated, "all %d terminals are taken", t.most)
	default:
		t.open++
		t.byParty[party.Name]++
		return func() { t.leave(party.Name) }, nil
	}
	problem.RetryAfter = time.Second
	return nil, problem
}

func (t *terminals) leave(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open--
	if t.byParty[name]--; t.byParty[name] == 0 {
		delete(t.byParty, name)
	}
}

func (t *terminals) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}
