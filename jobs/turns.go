package jobs

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// turns says whose job is claimed next, so that owners share those who run jobs: of the
// owners who may have one, the one of whom the fewest are claimed here, and among equals
// the one whose last turn is the longest ago.
type turns struct {
	most int           // jobs of an owner that may be claimed here at a time; 0: any number
	news chan struct{} // has a value if an owner may have a job, for one of those who wait

	mu     sync.Mutex // guards what follows
	owners map[string]*turn
	turn   int64     // counts turns
	asked  time.Time // when the engine was asked who has jobs
	swept  time.Time // when it was asked for forgotten ones
}

// turn is an owner's.
type turn struct {
	token   string
	waits   bool      // there may be a job that nobody has claimed
	told    int       // how often that was said
	fresh   int       // how often that was said of a job that no turn has looked for
	claimed int       // jobs that are claimed here, or asked for
	last    int64     // the turn that it had last, or before its first one
	made    time.Time // when the owner's consumer was known to be there
}

func newTurns(most int) *turns {
	return &turns{most: most, owners: make(map[string]*turn), news: make(chan struct{}, 1)}
}

// of returns an owner's turn. t.mu must be held.
func (t *turns) of(token string) *turn {
	if t.owners[token] == nil {
		t.turn++
		t.owners[token] = &turn{token: token, last: t.turn}
	}
	return t.owners[token]
}

// waits says that an owner may have a job that nobody has claimed.
func (t *turns) waits(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.of(token)
	o.waits, o.fresh, o.told = true, o.fresh+1, o.told+1
	t.wake()
}

// wake wakes one of those who wait for a job. Whoever has found one wakes the next, so
// that one job does not wake all of them.
func (t *turns) wake() {
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// take begins the turn of the owner who is next, and returns it with a count of what was
// told of that owner, and whether that is of a new job. It returns nil if nobody may have a job.
func (t *turns) take() (next *turn, told int, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range t.owners {
		if t.open(o) && (next == nil || o.claimed < next.claimed || o.claimed == next.claimed && o.last < next.last) {
			next = o
		}
	}
	if next == nil {
		return nil, 0, false
	}
	t.turn++
	fresh = next.fresh > 0
	next.fresh = max(0, next.fresh-1)
	next.claimed, next.last = next.claimed+1, t.turn
	return next, next.told, fresh
}

// found says whether a turn has brought a job, and whether there may be more. If it has
// not, the turn is over.
func (t *turns) found(o *turn, told int, job, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !job {
		o.claimed--
		o.fresh = min(o.fresh, o.told-told) // others had those of which was told before
	}
	o.waits = more || o.fresh > 0
	t.wakeNext()
}

// open reports whether an owner may have a turn. t.mu must be held.
func (t *turns) open(o *turn) bool { return o.waits && (t.most == 0 || o.claimed < t.most) }

// wakeNext wakes one of those who wait if an owner may have a turn. t.mu must be held.
func (t *turns) wakeNext() {
	for _, o := range t.owners {
		if t.open(o) {
			t.wake()
			return
		}
	}
}

// leave ends the turn that brought a job, which is no longer claimed here.
func (t *turns) leave(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(token).claimed--
	t.wakeNext()
}

// due reports whether the caller is to do what was last done at a time of t's.
func (t *turns) due(last *time.Time, every time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(*last) < every {
		return false
	}
	*last = time.Now()
	return true
}

// forget says that the consumers of some owners, or of all, may have been removed.
func (t *turns) forget(tokens ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(tokens) == 0 {
		tokens = slices.Collect(maps.Keys(t.owners))
	}
	for _, token := range tokens {
		t.of(token).made = time.Time{}
	}
}
