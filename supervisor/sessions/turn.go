package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
)

// mostWaiting is how many callers may wait for one session.
const mostWaiting = 64

var errManyWait = fmt.Errorf("%w, and %d wait for their turns", ErrBusy, mostWaiting)

// Turn is the right to use a session, which one caller has at a time.
type Turn struct {
	Session *Session
	left    bool
}

// Enter takes a turn. While another caller has it, Enter waits in line for at most so long,
// first come, first served; 0: it does not wait. The caller must call [Turn.Leave]. The
// error is ErrClosed or the cause of ctx, or wraps ErrBusy or ErrOver.
func (s *Session) Enter(ctx context.Context, longest time.Duration) (*Turn, error) {
	mine, err := s.queue(longest > 0)
	switch {
	case err != nil:
		return nil, err
	case mine == nil:
		return &Turn{Session: s}, nil
	}
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-mine:
		return &Turn{Session: s}, nil
	case <-s.life.Done():
		err = ErrOver
	case <-s.draining:
		err = ErrClosed
	case <-timer.C:
		err = ErrBusy
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.line, mine); i >= 0 {
		s.line = slices.Delete(s.line, i, i+1)
	} else { // its turn has come meanwhile
		s.next()
	}
	return nil, err
}

// queue puts a caller in line, and returns a channel that is closed when its turn has come;
// nil: it has come, unless there is an error.
func (s *Session) queue(mayWait bool) (chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over != "":
		return nil, ErrOver
	case !s.busy:
		s.busy = true
		return nil, nil
	case !mayWait:
		return nil, ErrBusy
	case len(s.line) >= mostWaiting:
		return nil, errManyWait
	}
	mine := make(chan struct{})
	s.line = append(s.line, mine)
	return mine, nil
}

// next gives the turn to the next in line. mu must be held.
func (s *Session) next() {
	if s.busy = len(s.line) > 0; s.busy {
		close(s.line[0])
		s.line = slices.Delete(s.line, 0, 1)
	}
}

// Leave gives the turn to the next caller. Calls after the first do nothing.
func (t *Turn) Leave() {
	if t.left {
		return
	}
	t.left = true
	t.Session.mu.Lock()
	defer t.Session.mu.Unlock()
	t.Session.next()
}

// Call runs a job. If ctx is cancelled, its caller has hung up: the call is interrupted,
// and the session lives if the call then stops. If ctx ends with another cause, the
// session ends, too. The error wraps ErrOver, or is that of [nsjail.Cell.Call]: the session
// lives if it wraps [nsjail.ErrNotBegun].
func (t *Turn) Call(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	if err := t.Session.rouse(); err != nil {
		return nsjail.Verdict{}, err
	}
	known := false
	defer func() {
		if !known { // a panic: nothing watches the cell, which may do anything
			t.Session.end(Died, nil)
		}
	}()
	verdict, err := t.Session.call(ctx, job)
	known = true
	began := err == nil || !errors.Is(err, nsjail.ErrNotBegun)
	t.Session.settle(map[bool]int{true: 1}[began])
	return verdict, err
}

// Files calls use, which may read and write the session's files until its context
// ends: with ctx, and with the session. The error wraps ErrOver or [nsjail.ErrNotBegun], or
// is that of use.
func (t *Turn) Files(ctx context.Context, use func(context.Context, *transfer.Files) error) error {
	if err := t.Session.rouse(); err != nil {
		return err
	}
	defer t.Session.settle(0)
	return t.Session.files(ctx, use)
}

// Fill calls use with the files of a session that begins with some, n times with the
// numbers from 0, until there is an error. The first turn is Fill's. The error wraps
// ErrOver, or is that of use.
func (s *Session) Fill(n int, use func(i int, files *transfer.Files) error) error {
	defer (&Turn{Session: s}).Leave()
	defer s.settle(0)
	for i := range n {
		if err := s.files(context.Background(), func(_ context.Context, files *transfer.Files) error { return use(i, files) }); err != nil {
			return err
		}
	}
	return nil
}
