package supervisor

import (
	"context"
	"errors"
	"slices"
	"sync"
)

var (
	errLineFull = errors.New("the waiting line is full")
	errDraining = errors.New("the service is shutting down")
)

// admission lets so many requests in at a time, and others wait in a line of
// bounded length, first come first served.
type admission struct {
	maxRunning, maxWaiting int

	mu      sync.Mutex // guards what follows, and every waiter
	running int
	line    []*waiter
	closed  bool
	empty   chan struct{} // closed when closed and nobody is in
}

type waiter struct {
	answered chan struct{}
	admitted bool // else turned away
}

func newAdmission(maxRunning, maxWaiting int) *admission {
	return &admission{maxRunning: maxRunning, maxWaiting: maxWaiting, empty: make(chan struct{})}
}

// enter waits to be let in; whoever is let in calls leave. The error is
// errLineFull, errDraining, or why ctx ended.
func (a *admission) enter(ctx context.Context) error {
	w, err := a.enterOrQueue()
	if w == nil {
		return err
	}
	select {
	case <-w.answered:
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-w.answered: // even if ctx has ended: whoever is in notices that soon
		if w.admitted {
			return nil
		}
		return errDraining
	default:
		i := slices.Index(a.line, w)
		a.line = slices.Delete(a.line, i, i+1)
		return context.Cause(ctx)
	}
}

func (a *admission) enterOrQueue() (*waiter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return nil, errDraining
	case a.running < a.maxRunning: // then nobody waits
		a.running++
		return nil, nil
	case len(a.line) >= a.maxWaiting:
		return nil, errLineFull
	}
	w := &waiter{answered: make(chan struct{})}
	a.line = append(a.line, w)
	return w, nil
}

// leave gives the place to who has waited longest.
func (a *admission) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.line) > 0 {
		w := a.line[0]
		a.line = slices.Delete(a.line, 0, 1)
		w.admitted = true
		close(w.answered)
		return
	}
	a.running--
	a.settle()
}

// close turns away who waits and who comes. The channel is closed when the last
// has left.
func (a *admission) close() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.closed = true
		for _, w := range a.line {
			close(w.answered)
		}
		a.line = nil
		a.settle()
	}
	return a.empty
}

// settle notices that the last has left. mu is held.
func (a *admission) settle() {
	if a.closed && a.running == 0 {
		close(a.empty)
	}
}

// count tells how many are in, and how many wait.
func (a *admission) count() (running, waiting int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.running, len(a.line)
}
