package jobruns

import (
	"context"
	"sync"
)

// mostLists is how many lists are read at a time. Each may read thousands of messages of the
// store, which all jobs share.
const mostLists = 4

// lists are those that are read: one of each owner at a time, so that nobody keeps the others
// waiting for long.
type lists struct {
	all chan struct{}

	mu  sync.Mutex // guards own
	own map[string]*turn
}

// turn is taken by the one list of an owner that may be read.
type turn struct {
	taken chan struct{}
	users int // that have it, or wait for it
}

// enter waits for a turn. The caller leaves.
func (l *lists) enter(ctx context.Context, owner string) (leave func(), err error) {
	own := l.join(owner)
	select {
	case own.taken <- struct{}{}:
	case <-ctx.Done():
		l.part(owner, own)
		return nil, context.Cause(ctx)
	}
	select {
	case l.all <- struct{}{}:
	case <-ctx.Done():
		<-own.taken
		l.part(owner, own)
		return nil, context.Cause(ctx)
	}
	return func() {
		<-l.all
		<-own.taken
		l.part(owner, own)
	}, nil
}

func (l *lists) join(owner string) *turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.own == nil {
		l.own = make(map[string]*turn)
	}
	if l.own[owner] == nil {
		l.own[owner] = &turn{taken: make(chan struct{}, 1)}
	}
	l.own[owner].users++
	return l.own[owner]
}

func (l *lists) part(owner string, own *turn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(l.own, owner)
	}
}
