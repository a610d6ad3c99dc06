package e2b

import (
	"context"
	"crypto/rand"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// sandbox is what is known of a sandbox besides its session, which has its id.
type sandbox struct {
	id       string
	owner    string // see [compat.Caller.Owner]
	key      string // of its maker
	token    string // stands for the key in requests to the sandbox
	template string
	profile  string // empty: the default one
	metadata map[string]string
	env      map[string]string
	began    time.Time

	mu       sync.Mutex // guards the fields below
	ends     time.Time
	dead     bool
	contexts []*codeContext // the first is the default one
}

// sandboxes are those that live, and few that do not: see forget.
type sandboxes struct {
	mu    sync.Mutex
	known map[string]*sandbox // by id
}

// newID returns an id that nobody guesses, that fits into the name of a host, and that begins
// with the token of the node.
func newID(node string) string { return "i" + strings.ToLower(node + rand.Text())[:26] }

// ownID is an id as newID returns it.
var ownID = regexp.MustCompile(`^i([a-z2-7]{8})[a-z2-7]{18}$`)

func (s *sandboxes) find(id string) *sandbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[id]
}

// add adds a sandbox, and forgets those of all keys that cannot live any more: a key that
// was removed asks for none of its own again.
func (s *sandboxes) add(b *sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.known, func(_ string, old *sandbox) bool { return old.isPast() })
	s.known[b.id] = b
}

// isPast reports whether a sandbox's time is over, and nobody waits for what it does.
func (b *sandbox) isPast() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Since(b.ends) > time.Minute && !slices.ContainsFunc(b.contexts, (*codeContext).inUse)
}

func (s *sandboxes) remove(b *sandbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[b.id] == b {
		delete(s.known, b.id)
	}
}

// forget removes a sandbox whose session was not found.
func (s *sandboxes) forget(b *sandbox) (forgotten bool) {
	if b.all()[0].inUse() {
		return false
	}
	s.remove(b)
	return true
}

func (s *sandboxes) of(owner string) []*sandbox {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Collect(maps.Values(s.known)), func(b *sandbox) bool { return b.owner != owner })
}

// living returns the caller's sandboxes with their sessions, the oldest first, and forgets
// those whose sessions have ended. It is called before a sandbox is made: so a key never
// has more of them here than it may have sessions.
func (s *sandboxes) living(ctx context.Context, c *compat.Caller) (boxes []*sandbox, states []client.SessionState, err error) {
	before := s.of(c.Owner()) // not those that begin meanwhile
	all, err := c.Client().Sessions(compat.Here(ctx))
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[string]*sandbox)
	for _, box := range before {
		byID[box.id] = box
	}
	for _, state := range all {
		if box := byID[state.ID]; box != nil {
			boxes, states = append(boxes, box), append(states, state)
			delete(byID, state.ID)
		}
	}
	for _, box := range byID {
		s.forget(box)
	}
	return boxes, states, nil
}
