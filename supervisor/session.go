package supervisor

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

// sessionEnd is why a session is over. The values are a metric's; they only grow.
type sessionEnd string

const (
	sessionDeleted sessionEnd = "deleted" // by its owner
	sessionExpired sessionEnd = "expired" // it lived as long as it may
	sessionIdle    sessionEnd = "idle"    // no call came
	sessionDied    sessionEnd = "died"    // its cell did
	sessionDrained sessionEnd = "drained" // the service ends
	sessionRevoked sessionEnd = "revoked" // what it was made with was revoked
	sessionRemoved sessionEnd = "removed" // by somebody with the admin right
)

var (
	errSessionBusy = errors.New("another call of the session is running")
	errSessionOver = errors.New("the session is over")
)

// session is one cell that is kept for one caller, for many calls. Between calls
// somebody watches the cell: see rest.
type session struct {
	id      string
	owner   string // name of the key that made it; empty without keys
	party   string // name of the party for which it counts
	profile config.Profile
	limits  nsjail.Limits // what a call gets that asks for nothing
	created time.Time
	expires time.Time
	idle    time.Duration
	cell    cell
	ended   func(*session, sessionEnd) // called once, when it is over
	granted context.Context            // ends when the key that made it is revoked; nil without one

	life context.Context // ends with the session, and with it a call that runs
	stop context.CancelFunc

	mu      sync.Mutex // guards what follows; nothing slow happens under it
	busy    bool
	calls   int
	over    sessionEnd
	verdict *nsjail.Verdict // how the cell ended, if it did by itself
	wake    context.CancelFunc
	rested  chan struct{} // closed when rest has returned
}

// begin starts a session in a cell that was claimed for it; it releases it.
func (s *session) begin() {
	s.cell.Keep()
	s.life, s.stop = context.WithCancel(context.Background())
	s.mu.Lock()
	s.rest()
	s.mu.Unlock()
	if s.granted != nil {
		stop := context.AfterFunc(s.granted, func() { s.end(sessionRevoked, nil) })
		context.AfterFunc(s.life, func() { stop() })
	}
}

// revoked reports whether the session is to end with what it was made with.
func (s *session) revoked() bool { return s.granted != nil && s.granted.Err() != nil }

// rest lets a goroutine watch the cell until the next call, or the session's
// end. mu is held.
func (s *session) rest() {
	deadline, why := s.expires, sessionExpired
	if idle := time.Now().Add(s.idle); idle.Before(deadline) {
		deadline, why = idle, sessionIdle
	}
	var ctx context.Context
	ctx, s.wake = context.WithDeadline(s.life, deadline)
	rested := make(chan struct{})
	s.rested = rested
	go func() {
		defer close(rested)
		verdict, died := s.cell.Rest(ctx, s.limits)
		switch {
		case died:
			s.end(sessionDied, &verdict)
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			s.end(why, nil)
		}
	}()
}

// call runs a job; ctx's end ends the session, too. The error is errSessionBusy,
// wraps errSessionOver, or is that of [nsjail.Cell.Call].
func (s *session) call(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	if err := s.take(); err != nil {
		return nsjail.Verdict{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.life, func() { cancel(errSessionOver) })()
	job.Limits.Wall = min(job.Limits.Wall, time.Until(s.expires))
	if job.Limits.Wall <= 0 {
		s.end(sessionExpired, nil)
		return nsjail.Verdict{}, errSessionOver
	}
	verdict, err := s.cell.Call(ctx, job)
	switch {
	case err != nil && s.life.Err() != nil: // that is the reason
		err = errSessionOver
	case err != nil && s.revoked(): // which the call has noticed before the session
		s.end(sessionRevoked, nil)
		err = errSessionOver
	case err != nil:
		s.end(sessionDied, s.autopsy(err))
	case verdict.Ended:
		s.end(sessionDied, &verdict)
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
func (s *session) autopsy(err error) *nsjail.Verdict {
	if errors.Is(err, nsjail.ErrCellLost) {
		ctx, cancel := context.WithTimeout(s.life, time.Second)
		defer cancel()
		if verdict, died := s.cell.Rest(ctx, s.limits); died {
			return &verdict
		}
	}
	return &nsjail.Verdict{Status: protocol.StatusKilled, Signal: "SIGKILL"}
}

// take makes the session busy, once its rest has ended.
func (s *session) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over != "":
		return errSessionOver
	case s.busy:
		return errSessionBusy
	}
	s.busy = true
	s.wake()
	rested := s.rested
	s.mu.Unlock()
	<-rested
	s.mu.Lock()
	if s.over != "" { // meanwhile
		return errSessionOver
	}
	return nil
}

// end ends the session, if it has not ended before: its cell goes.
func (s *session) end(why sessionEnd, verdict *nsjail.Verdict) {
	s.mu.Lock()
	first := s.over == ""
	if first {
		s.over = why
		if verdict != nil { // without what its script printed, which would be kept for as long as the grave
			s.verdict = &nsjail.Verdict{Status: verdict.Status, Limit: verdict.Limit, ExitCode: verdict.ExitCode, Signal: verdict.Signal}
		}
		s.wake()
	}
	s.mu.Unlock()
	if first {
		s.stop()
		s.cell.Release()
		s.ended(s, why)
	}
}

// state is what the client is told of it.
func (s *session) state() SessionState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SessionState{
		ID: s.id, Profile: s.profile.Name, Created: s.created, Expires: s.expires, IdleS: int64(s.idle.Seconds()),
		Limits: config.Amounts(s.limits), Busy: s.busy, Calls: s.calls,
	}
}

// work gives the channel that is closed when nothing more is done for the
// session's calls: at once while the session lives, else when its cell has ended.
func (s *session) work() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == "" {
		return neverBegun
	}
	return s.cell.Gone()
}

// gone is the problem of a session that is over, or nil.
func (s *session) gone() *Problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over == "" {
		return nil
	}
	p := refuse(CodeGone, "%s", map[sessionEnd]string{
		sessionDeleted: "the session was deleted",
		sessionExpired: "the session has reached the end of its life",
		sessionIdle:    "no call has come for longer than the session may wait",
		sessionDied:    "the session's jail has ended, and its names and files with it",
		sessionDrained: "the server is shutting down",
		sessionRevoked: "the key that made the session was revoked",
		sessionRemoved: "an administrator has ended the session",
	}[s.over])
	if s.verdict != nil {
		answer := newAnswer("", *s.verdict, Timing{})
		p.Verdict = &ProblemVerdict{Status: answer.Status, ExitCode: answer.ExitCode, Signal: answer.Signal, Limit: answer.Limit}
	}
	return p
}

// SessionState is a session as its owner sees it.
type SessionState struct {
	ID      string           `json:"id"`
	Profile string           `json:"profile"`
	Created time.Time        `json:"created_at"`
	Expires time.Time        `json:"expires_at"`
	IdleS   int64            `json:"idle_s"` // seconds without a call that end it
	Limits  map[string]int64 `json:"limits"`
	Busy    bool             `json:"busy"`
	Calls   int              `json:"calls"` // that are over

	// Key is the name of the key that made it, told to administrators.
	Key string `json:"key,omitempty"`
}
