package supervisor

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

const (
	defaultSessionTTL  = 10 * time.Minute
	defaultSessionIdle = 5 * time.Minute
)

// createSession serves POST /sessions.
func (s *Service) createSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	wanted, err := s.readSession(w, r, x)
	if err != nil {
		return err
	}
	session, err := s.openSession(r.Context(), x, wanted)
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/sessions/"+session.ID)
	return writeJSON(w, http.StatusCreated, stateOf(session))
}

// sessionRequest is a request for a session that was understood.
type sessionRequest struct {
	profile   string
	limits    nsjail.Limits
	ttl, idle time.Duration
}

func (s *Service) readSession(w http.ResponseWriter, r *http.Request, x *exchange) (sessionRequest, error) {
	if r.ContentLength == 0 { // every field has a default
		wanted, _ := s.decodeSession([]byte("{}"), x.key)
		return wanted, nil
	}
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return sessionRequest{}, err
	}
	var wanted sessionRequest
	err = s.decode(r.Context(), x, body, func() (problem *Problem) {
		wanted, problem = s.decodeSession(body, x.key)
		return problem
	})
	return wanted, err
}

func (s *Service) decodeSession(body []byte, key *keys.Key) (sessionRequest, *Problem) {
	wanted := sessionRequest{ttl: min(defaultSessionTTL, s.cfg.SessionTTL), idle: min(defaultSessionIdle, s.cfg.SessionIdle)}
	var profile, asked []byte
	f := readForm(body, func(f *form, name []byte) {
		switch string(name) {
		case "profile":
			profile = f.raw()
		case "limits":
			asked = f.raw()
		case "ttl_s":
			f.seconds(&wanted.ttl, s.cfg.SessionTTL)
		case "idle_s":
			f.seconds(&wanted.idle, s.cfg.SessionIdle)
		default:
			f.refuse(CodeInvalidRequest, "there is no such field")
		}
	})
	chosen := f.profile(profile, key.Narrow(s.cfg.AllProfiles()))
	wanted.profile, wanted.limits = chosen.Name, chosen.Default
	f.limits(asked, &wanted.limits, chosen.Max)
	return wanted, f.problem()
}

// seconds reads a whole number of them.
func (f *form) seconds(into *time.Duration, most time.Duration) {
	if n, ok := f.whole(1, int64(most.Seconds())); ok {
		*into = time.Duration(n) * time.Second
	}
}

// openSession claims a cell as a request to execute does, and keeps it.
func (s *Service) openSession(ctx context.Context, x *exchange, wanted sessionRequest) (*sessions.Session, error) {
	if err := s.sessions.Reserve(x.party.Name, x.party.MaxSessions); err != nil {
		return nil, explain(ctx, err)
	}
	cell, err := s.claimForSession(ctx, x, wanted.profile)
	if err != nil {
		s.sessions.GiveBack(x.party.Name)
		return nil, explain(ctx, err)
	}
	session, err := s.sessions.Add(sessions.Config{
		Owner: x.key.Owner(), Party: x.party.Name, Profile: wanted.profile, Limits: wanted.limits, TTL: wanted.ttl, Idle: wanted.idle, Granted: x.life,
	}, cell)
	if err != nil {
		cell.Release()
		return nil, explain(ctx, err)
	}
	return session, nil
}

func (s *Service) claimForSession(ctx context.Context, x *exchange, profile string) (cell, error) {
	ctx, stop := context.WithTimeoutCause(ctx, x.longestWait(s.cfg), errWaitedTooLong)
	defer stop()
	ctx, done := x.untilRevoked(ctx)
	defer done()
	ticket, err := s.enter(ctx, x, line.Cost{})
	if err != nil {
		return nil, err
	}
	defer ticket.Leave()
	return s.claim(ctx, profile)
}

// listSessions serves GET /sessions.
func (s *Service) listSessions(w http.ResponseWriter, _ *http.Request, x *exchange) error {
	own := s.sessions.Living(func(session *sessions.Session) bool { return session.Owner == x.key.Owner() })
	return writeJSON(w, http.StatusOK, map[string]any{"sessions": statesOf(own)})
}

// findSession is the one that the path names, as long as it lives.
func (s *Service) findSession(r *http.Request, x *exchange) (*sessions.Session, error) {
	id := mux.Vars(r)["id"]
	session := s.sessions.Find(id, x.key.Owner())
	if session == nil {
		return nil, refuse(CodeNotFound, "there is no session %q", shorten(id))
	}
	if problem := goneProblem(session); problem != nil {
		return nil, problem
	}
	return session, nil
}

// showSession serves GET /sessions/{id}.
func (s *Service) showSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, stateOf(session))
}

// deleteSession serves DELETE /sessions/{id}. A call that runs is ended.
func (s *Service) deleteSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	session.End(sessions.Deleted)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// callSession serves POST /sessions/{id}/execute.
func (s *Service) callSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return err
	}
	var job nsjail.Job
	err = s.decode(r.Context(), x, body, func() (problem *Problem) {
		job, problem = decodeCall(body, session.Limits, s.cfg.ProfileNamed(session.Profile), x.key)
		return problem
	})
	if err != nil {
		return err
	}
	return s.answer(w, r, x, &job, func(ctx context.Context) (*reply, error) { return s.runCall(ctx, x, session, &job) })
}

// perCall are the limits that a call may have of its own; the others are the
// session's.
var perCall = map[string]bool{"wall_ms": true, "cpu_ms": true, "output_bytes": true, "result_bytes": true, "files_bytes": true}

// decodeCall reads a call of a session in a profile, which has its own limits.
func decodeCall(body []byte, given nsjail.Limits, profile config.Profile, key *keys.Key) (nsjail.Job, *Problem) {
	var job nsjail.Job
	var fields jobFields
	f := readForm(body, func(f *form, name []byte) {
		switch {
		case string(name) == "profile":
			f.refuse(CodeInvalidRequest, "is chosen when the session is made")
		case !fields.read(f, name, &job):
			f.refuse(CodeInvalidRequest, "there is no such field")
		}
	})
	fields.check(f)
	job.Limits = given
	if fields.limits != nil {
		own := key.Narrow([]config.Profile{profile})
		if len(own) == 0 { // since the session was made
			return nsjail.Job{}, refuse(CodeForbidden, "the key %q may not use the profile %q any more", key.Name, profile.Name)
		}
		f.limits(fields.limits, &job.Limits, own[0].Max)
		for _, limit := range config.Limits {
			if own := limit.Amount(&given); !perCall[limit.Wire] && limit.Amount(&job.Limits) != own {
				f.refuseAt(CodeInvalidRequest, "/limits/"+limit.Wire, "is set when the session is made, to %d", own)
			}
		}
	}
	f.fit(job)
	return job, f.problem()
}

// runCall waits for a place, and calls.
func (s *Service) runCall(ctx context.Context, x *exchange, session *sessions.Session, job *nsjail.Job) (*reply, error) {
	arrived := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.runs, func() { cancel(errDraining) })()
	waitCtx, stop := context.WithTimeoutCause(ctx, x.longestWait(s.cfg), errWaitedTooLong)
	defer stop()
	var err error
	if x.ticket, err = s.enter(waitCtx, x, line.Cost{Bytes: budget.AnswerBytes(*job)}); err != nil {
		return nil, explain(ctx, err)
	}
	defer func() { x.gone = session.Work() }()
	admitted := time.Now()
	verdict, err := s.ran(ctx, x, session.Profile, *job, session.Call)
	switch {
	case errors.Is(err, sessions.ErrBusy):
		return nil, refuse(CodeBusy, "the session takes one call at a time")
	case errors.Is(err, sessions.ErrOver), errors.Is(err, nsjail.ErrCellLost):
		return nil, goneProblem(session)
	case err != nil:
		return nil, explain(ctx, err)
	}
	x.timing = timing(arrived, admitted, verdict)
	observeIn(s.metrics.run.WithLabelValues(session.Profile, string(verdict.Status)), verdict.Usage.Wall, x.exemplar)
	return s.reply(ctx, x, verdict)
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

func stateOf(s *sessions.Session) SessionState {
	state := s.State()
	return SessionState{
		ID: s.ID, Profile: s.Profile, Created: s.Created, Expires: s.Expires, IdleS: int64(s.Idle.Seconds()),
		Limits: config.Amounts(s.Limits), Busy: state.Busy, Calls: state.Calls,
	}
}

func statesOf(all []*sessions.Session) []SessionState {
	states := make([]SessionState, len(all))
	for i, session := range all {
		states[i] = stateOf(session)
	}
	return states
}

// goneProblem is the problem of a session that is over, or nil.
func goneProblem(s *sessions.Session) *Problem {
	over, verdict := s.Over()
	if over == "" {
		return nil
	}
	p := refuse(CodeGone, "%s", map[sessions.End]string{
		sessions.Deleted: "the session was deleted",
		sessions.Expired: "the session has reached the end of its life",
		sessions.Idle:    "no call has come for longer than the session may wait",
		sessions.Died:    "the session's jail has ended, and its names and files with it",
		sessions.Drained: "the server is shutting down",
		sessions.Revoked: "the key that made the session was revoked",
		sessions.Removed: "an administrator has ended the session",
	}[over])
	if verdict != nil {
		answer := newAnswer("", *verdict, Timing{})
		p.Verdict = &ProblemVerdict{Status: answer.Status, ExitCode: answer.ExitCode, Signal: answer.Signal, Limit: answer.Limit}
	}
	return p
}

func writeJSON(w http.ResponseWriter, status int, value any) error {
	encoded, err := encodeJSON(value)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(encoded)))
	w.WriteHeader(status)
	_, _ = w.Write(encoded) // a client that is gone by now misses it
	return nil
}
