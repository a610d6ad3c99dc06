package sessions

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
)

// End is why a session ended. The values label a metric: more may be added, none is
// renamed.
type End string

const (
	Deleted End = "deleted" // by its owner
	Expired End = "expired" // its lifetime was over
	Idle    End = "idle"    // no call came in time
	Died    End = "died"    // its cell ended
	Drained End = "drained" // the service shut down
	Revoked End = "revoked" // its key or the right to it was revoked
	Removed End = "removed" // by an administrator
	Taken   End = "taken"   // another node has taken over its id while this one was cut off
)

var (
	ErrBusy = errors.New("the session takes one call at a time")
	ErrOver = errors.New("the session is over")
)

// Ends lists every End.
var Ends = []End{Deleted, Expired, Idle, Died, Drained, Revoked, Removed, Taken}

// Cell is what a session needs of its cell.
type Cell interface {
	Keep()
	Call(ctx, caller context.Context, job nsjail.Job) (nsjail.Verdict, error)
	Interrupt() bool
	Files(ctx context.Context, limits nsjail.Limits, use func(*transfer.Files) error) (nsjail.Verdict, error)
	Rest(ctx context.Context, limits nsjail.Limits) (verdict nsjail.Verdict, died bool)
	Gone() <-chan struct{}
	Release()
}

// Config says who owns a session, and what it may do.
type Config struct {
	Place
	Profile string        // whose cell it has
	Limits  nsjail.Limits // the defaults of a call
	Mode    protocol.ScriptMode
	Env     map[string]string // of the first call, and so of all; nil: none, or they have been given
	TTL     time.Duration
	Idle    time.Duration   // the longest time without a call
	Granted context.Context // ends when the key is revoked; nil without one
	Filled  bool            // it is busy from the start, until [Session.Fill] returns
	Free    func(over bool) // called when it has ended: other nodes may have its id; may be nil
}

// Session is one cell that is kept for one caller, for many calls. Between calls a
// goroutine watches the cell: see rest.
type Session struct {
	Config
	ID      string
	Created time.Time

	cell  Cell
	ended func(*Session, End) // called once, when it ends
	fail  func(err error)     // called if watching it fails

	life context.Context // ends with the session, and ends a running call
	stop context.CancelFunc

	draining <-chan struct{} // closed when nobody waits any more

	mu      sync.Mutex // guards the fields below; held for short times only
	expires time.Time
	busy    bool            // a caller has its turn
	line    []chan struct{} // of those who wait for theirs, first come, first served
	calls   int
	over    End
	ending  *api.Ending // how the cell ended, if it ended by itself
	rests   bool        // nothing is done in the cell, which rest watches
	wake    context.CancelFunc
	rested  chan struct{} // closed when rest has returned
}

// begin starts the session in its cell, which the session releases when it ends.
func (s *Session) begin() {
	s.cell.Keep()
	s.life, s.stop = context.WithCancel(context.Background())
	s.mu.Lock()
	if s.busy, s.wake = s.Filled, func() {}; !s.busy {
		s.rest()
	}
	s.mu.Unlock()
	if s.Granted != nil {
		stop := context.AfterFunc(s.Granted, func() { s.End(Revoked) })
		context.AfterFunc(s.life, func() { stop() })
	}
}

// revoked reports whether what the session was made with has been revoked.
func (s *Session) revoked() bool { return s.Granted != nil && s.Granted.Err() != nil }

// rest starts a goroutine that watches the cell until the next call or the end of the
// session. mu must be held.
func (s *Session) rest() {
	s.rests = true
	deadline, why := s.expires, Expired
	if idle := time.Now().Add(s.Idle); idle.Before(deadline) {
		deadline, why = idle, Idle
	}
	var ctx context.Context
	ctx, s.wake = context.WithDeadline(s.life, deadline)
	before, rested := s.rested, make(chan struct{})
	s.rested = rested
	go func() {
		defer close(rested)
		defer panics.Caught(s.fail)
		if before != nil {
			<-before // still there if Prolong began this one
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			return
		}
		verdict, died := s.cell.Rest(ctx, s.Limits)
		switch {
		case died:
			s.end(Died, new(api.EndingOf(&verdict)))
		case errors.Is(ctx.Err(), context.DeadlineExceeded) && !s.prolonged(rested):
			s.End(why)
		}
	}()
}

// call does the work of [Turn.Call].
func (s *Session) call(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	defer context.AfterFunc(s.life, func() { cancel(ErrOver) })()
	caller, leave := context.WithCancelCause(context.Background())
	defer leave(nil)
	defer context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); errors.Is(cause, context.Canceled) {
			leave(nil)
		} else {
			cancel(cause)
		}
	})()
	switch left := time.Until(s.Expires()); {
	case left <= 0:
		s.End(Expired)
		return nsjail.Verdict{}, ErrOver
	case left < job.Limits.Wall:
		expiry, stop := s.untilExpired()
		defer stop()
		defer context.AfterFunc(expiry, func() { leave(context.DeadlineExceeded) })()
	}
	env := s.swapEnv(nil)
	if len(env) > 0 {
		given := job.Env
		job.Env = maps.Clone(env)
		maps.Copy(job.Env, given)
	}
	verdict, err := s.cell.Call(life, caller, job)
	switch {
	case errors.Is(err, nsjail.ErrNotBegun) && life.Err() == nil:
		s.swapEnv(env)
		return nsjail.Verdict{}, err
	case s.life.Err() != nil && (err != nil || verdict.Ended): // the session ended, and with it the call: it may have seen only that its cell was killed
		verdict, err = nsjail.Verdict{}, ErrOver
	case err != nil && s.revoked(): // the call noticed it before the session did
		s.End(Revoked)
		err = ErrOver
	case err != nil:
		s.end(Died, s.autopsy(err))
	case verdict.Ended:
		s.end(Died, new(api.EndingOf(&verdict)))
	}
	return verdict, err
}

// swapEnv keeps env as the variables for the first call, unless the session is over, and
// returns those that it had.
func (s *Session) swapEnv(env map[string]string) (before map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before = s.Env
	if s.over == "" {
		s.Env = env
	}
	return before
}

// settle lets the cell rest after a number of calls.
func (s *Session) settle(calls int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls += calls
	if s.over == "" {
		s.rest()
	}
}

// files does the work of [Turn.Files] and [Session.Fill].
func (s *Session) files(ctx context.Context, use func(context.Context, *transfer.Files) error) error {
	life, cancel := s.untilExpired()
	defer cancel()
	both, end := context.WithCancelCause(life)
	defer end(nil)
	defer context.AfterFunc(ctx, func() { end(context.Cause(ctx)) })()
	verdict, err := s.cell.Files(life, s.Limits, func(files *transfer.Files) error { return use(both, files) })
	switch {
	case life.Err() != nil:
		s.End(Expired) // unless it has ended before
	case verdict.Ended:
		s.end(Died, new(api.EndingOf(&verdict)))
	case errors.Is(err, nsjail.ErrNotBegun):
		return err
	case errors.Is(err, nsjail.ErrCellLost):
		s.end(Died, s.autopsy(err))
	default:
		return err
	}
	return errors.Join(ErrOver, err)
}

// Interrupt interrupts the running call, and reports whether there is one.
func (s *Session) Interrupt() bool { return s.cell.Interrupt() }

// autopsy returns how the cell of a failed call ended: by itself, or killed by us.
func (s *Session) autopsy(err error) *api.Ending {
	if errors.Is(err, nsjail.ErrCellLost) {
		ctx, cancel := context.WithTimeout(s.life, time.Second)
		defer cancel()
		if verdict, died := s.cell.Rest(ctx, s.Limits); died {
			return new(api.EndingOf(&verdict))
		}
	}
	return &api.Ending{Status: protocol.StatusKilled, Signal: new("SIGKILL")}
}

// rouse ends the rest of the cell, for the caller whose turn it is.
func (s *Session) rouse() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != "" {
		return ErrOver
	}
	s.rests = false
	s.wake()
	rested := s.rested
	s.mu.Unlock()
	<-rested
	s.mu.Lock()
	if s.over != "" { // it ended meanwhile
		return ErrOver
	}
	return nil
}

// End ends the session unless it has ended before, and releases its cell.
func (s *Session) End(why End) { s.end(why, nil) }

// end does the same for a cell that ended by itself; verdict says how, or is nil.
func (s *Session) end(why End, ending *api.Ending) {
	s.mu.Lock()
	first := s.over == ""
	if first {
		s.over, s.ending, s.Env = why, ending, nil // it may be remembered for long
		s.wake()
	}
	s.mu.Unlock()
	if first {
		s.stop()
		s.cell.Release()
		s.ended(s, why)
	}
}

// Prolong sets when the session ends: also earlier than before, but then a call that
// runs may go on to the end before. The session counts as used. The error is ErrOver.
func (s *Session) Prolong(until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != "" {
		return ErrOver
	}
	s.expires = until
	if s.rests {
		s.wake()
		s.rest()
	}
	return nil
}

// prolonged reports whether Prolong has begun another rest after that of rested.
func (s *Session) prolonged(rested chan struct{}) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rested != rested
}

// untilExpired derives a context that ends with the session's lifetime, also with one
// that Prolong makes longer meanwhile. The caller cancels it.
func (s *Session) untilExpired() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(s.life)
	go func() {
		defer cancel()
		for left := time.Until(s.Expires()); left > 0; left = time.Until(s.Expires()) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(left):
			}
		}
	}()
	return ctx, cancel
}

// State is what a session is doing and has done.
type State struct {
	Busy  bool
	Calls int // finished
}

// State returns what the session is doing now.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{s.busy, s.calls}
}

// Expires returns when the session ends.
func (s *Session) Expires() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.expires
}

// Over returns why the session ended, and the verdict if its cell ended by itself.
// While the session lives it returns "" and nil.
func (s *Session) Over() (End, *api.Ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over, s.ending
}

// Work returns a channel that is closed when no more work is done for the session's
// calls: closed at once while the session lives, else when its cell has ended.
func (s *Session) Work() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == "" {
		return nothing
	}
	return s.cell.Gone()
}

// nothing is closed from the start: there is no work to wait for.
var nothing = func() <-chan struct{} {
	ended := make(chan struct{})
	close(ended)
	return ended
}()
