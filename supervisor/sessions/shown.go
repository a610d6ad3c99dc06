package sessions

import (
	"errors"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Show returns the session as its owner sees it.
func (s *Session) Show() api.SessionState {
	state := s.State()
	return api.SessionState{
		ID: s.ID, Profile: s.Profile, Created: s.Created, Expires: s.Expires(), IdleS: int64(s.Idle.Seconds()),
		Limits: config.Amounts(s.Limits), Busy: state.Busy, Calls: state.Calls,
	}
}

// Show returns sessions as their owners see them.
func Show(all []*Session) []api.SessionState {
	states := make([]api.SessionState, len(all))
	for i, session := range all {
		states[i] = session.Show()
	}
	return states
}

// Problem returns the problem for a session that is over, or nil.
func (s *Session) Problem() *api.Problem {
	over, ending := s.Over()
	if over == "" {
		return nil
	}
	p := api.Refuse(api.CodeGone, "%s", map[End]string{
		Deleted: "the session was deleted",
		Expired: "the session has reached its maximum lifetime",
		Idle:    "the session was idle for too long",
		Died:    "the session's cell has ended; its names and files are lost",
		Drained: "the server is shutting down",
		Revoked: "the key that made the session was revoked",
		Removed: "an administrator ended the session",
		Taken:   "another node has a newer session of that id: this one was cut off for too long",
	}[over])
	p.Verdict = ending
	return p
}

// Missing is the problem of a request for a session that is not there. known: its client
// has named the id itself.
func Missing(id string, known bool) *api.Problem {
	if !known {
		return api.Refuse(api.CodeNotFound, "the session does not exist")
	}
	return api.Refuse(api.CodeNotFound, "session %q does not exist", api.Shorten(id))
}

// Refusal turns what the session's methods return into a problem. Other errors stay as
// they are.
func (s *Session) Refusal(err error) error {
	switch {
	case errors.Is(err, ErrBusy):
		return api.Refuse(api.CodeBusy, "%v", err)
	case errors.Is(err, nsjail.ErrNotBegun) && !errors.Is(err, protocol.ErrTooLarge):
		p := api.Refuse(api.CodeUnavailable, "the server is short of descriptors or memory")
		if over, _ := s.Over(); over == "" { // otherwise it was not made
			p.Detail += "; the session goes on"
		}
		p.RetryAfter, p.Cause = time.Second, err
		return p
	case errors.Is(err, nsjail.ErrNotBegun):
		return err
	case errors.Is(err, ErrOver), errors.Is(err, nsjail.ErrCellLost):
		if p := s.Problem(); p != nil {
			return p
		}
	}
	return err
}
