package sessions

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
)

// End is why a session is over. The values are a metric's; they only grow.
type End string

const (
	Deleted End = "deleted" // by its owner
	Expired End = "expired" // it lived as long as it may
	Idle    End = "idle"    // no call came
	Died    End = "died"    // its cell did
	Drained End = "drained" // the service ends
	Revoked End = "revoked" // what it was made with was revoked
	Removed End = "removed" // by somebody with the admin right
)

var (
	ErrBusy = errors.New("another call of the session is running")
	ErrOver = errors.New("the session is over")
)

// Ends are all of them.
var Ends = []End{Deleted, Expired, Idle, Died, Drained, Revoked, Removed}

// Cell is what a session needs of the cell that it keeps.
type Cell interface {
	Keep()
	Call(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error)
	Rest(ctx context.Context, limits nsjail.Limits) (verdict nsjail.Verdict, died bool)
	Gone() <-chan struct{}
	Release()
}

// Config says whose a session is, and what it may do.
type Config struct {
	Owner   string        // name of the key that makes it; empty without keys
	Party   string        // name of the party for which it counts
	Profile string        // whose cell it has
	Limits  nsjail.Limits // what a call gets that asks for nothing
	TTL     time.Duration
	Idle    time.Duration   // without a call
	Granted context.Context // ends when the key is revoked; nil without one
}

// Session is one cell that is kept for one caller, for many calls. Between calls
// somebody watches the cell: see rest.
type Session struct {
	Config
	ID      string
	Created time.Time
	Expires time.Time

	cell  Cell
	ended func(*Session, End) // called once, when it is over

	life context.Context // ends with the session, and with it a call that runs
	stop context.CancelFunc

	mu     sync.Mutex // guards what follows; nothing slow happens under it
	busy   bool
	calls  int
	over   End
	ending *api.Ending // how the cell ended, if it did by itself
	wake   context.CancelFunc
	rested chan struct{} // closed when rest has returned
}

// begin starts the session in its cell, which it releases at the end.
func (s *Session) begin() {
	s.cell.Keep()
	s.life, s.stop = context.WithCancel(context.Background())
	s.mu.Lock()
	s.rest()
	s.mu.Unlock()
	if s.Granted != nil {
		stop := context.AfterFunc(s.Granted, func() { s.End(Revoked) })
		context.AfterFunc(s.life, func() { stop() })
	}
}

// revoked reports whether the session is to end with what it was made with.
func (s *Session) revoked() bool { return s.Granted != nil && s.Granted.Err() != nil }

// rest lets a goroutine watch the cell until the next call, or the session's
// end. mu is held.
func (s *Session) rest() {
	deadline, why := s.Expires, Expired
	if idle := time.Now().Add(s.Idle); idle.Before(deadline) {
		deadline, why = idle, Idle
	}
	var ctx context.Context
	ctx, s.wake = context.WithDeadline(s.life, deadline)
	rested := make(chan struct{})
	s.rested = rested
	go func() {
		defer close(rested)
		verdict, died := s.cell.Rest(ctx, s.Limits)
		switch {
		case died:
			s.end(Died, new(api.EndingOf(&verdict)))
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			s.End(why)
		}
	}()
}

// Call runs a job; ctx's end ends the session, too. The error is ErrBusy,
// wraps ErrOver, or is that of [nsjail.Cell.Call].
func (s *Session) Call(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	if err := s.take(); err != nil {
		return nsjail.Verdict{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.life, func() { cancel(ErrOver) })()
	job.Limits.Wall = min(job.Limits.Wall, time.Until(s.Expires))
	if job.Limits.Wall <= 0 {
		s.End(Expired)
		return nsjail.Verdict{}, ErrOver
	}
	verdict, err := s.cell.Call(ctx, job)
	switch {
	case err != nil && s.life.Err() != nil: // that is the reason
		err = ErrOver
	case err != nil && s.revoked(): // which the call has noticed before the session
		s.End(Revoked)
		err = ErrOver
	case err != nil:
		s.end(Died, s.autopsy(err))
	case verdict.Ended:
		s.end(Died, new(api.EndingOf(&verdict)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = false
	s.calls++
	if s.over == "" {
		s.rest()
	}
	return verdict, err
}

// autopsy tells how the cell ended in which a call failed: by itself, or because
// its caller hung up.
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

// take makes the session busy, once its rest has ended.
func (s *Session) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over != "":
		return ErrOver
	case s.busy:
		return ErrBusy
	}
	s.busy = true
	s.wake()
	rested := s.rested
	s.mu.Unlock()
	<-rested
	s.mu.Lock()
	if s.over != "" { // meanwhile
		return ErrOver
	}
	return nil
}

// End ends the session, if it has not ended before: its cell goes.
func (s *Session) End(why End) { s.end(why, nil) }

// end is End with how the cell ended, where it did by itself.
func (s *Session) end(why End, ending *api.Ending) {
	s.mu.Lock()
	first := s.over == ""
	if first {
		s.over, s.ending = why, ending
		s.wake()
	}
	s.mu.Unlock()
	if first {
		s.stop()
		s.cell.Release()
		s.ended(s, why)
	}
}

// State is what a session does and has done.
type State struct {
	Busy  bool
	Calls int // that are over
}

// State tells what the session does now.
func (s *Session) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{s.busy, s.calls}
}

// Over tells why the session is over, and how its cell ended if it did by
// itself, else nil. While the session lives the end is empty.
func (s *Session) Over() (End, *api.Ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over, s.ending
}

// Work gives the channel that is closed when nothing more is done for the
// session's calls: at once while the session lives, else when its cell has ended.
func (s *Session) Work() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == "" {
		return nothing
	}
	return s.cell.Gone()
}

// nothing is the end of no work.
var nothing = func() <-chan struct{} {
	ended := make(chan struct{})
	close(ended)
	return ended
}()
