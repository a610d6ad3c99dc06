package supervisor

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
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
	w.Header().Set("Location", "/sessions/"+session.id)
	return writeJSON(w, http.StatusCreated, session.state())
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

func (s *Service) decodeSession(body []byte, key *Key) (sessionRequest, *Problem) {
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
	chosen := f.profile(profile, key.narrow(s.cfg.AllProfiles()))
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
func (s *Service) openSession(ctx context.Context, x *exchange, wanted sessionRequest) (*session, error) {
	owner := x.key.owner()
	if err := s.sessions.reserve(x.party.Name, x.party.maxSessions); err != nil {
		return nil, explain(ctx, err)
	}
	cell, err := s.claimForSession(ctx, x, wanted.profile)
	if err != nil {
		s.sessions.giveBack(x.party.Name)
		return nil, explain(ctx, err)
	}
	now := time.Now()
	session := &session{
		id: rand.Text(), owner: owner, party: x.party.Name, profile: s.cfg.ProfileNamed(wanted.profile), limits: wanted.limits,
		created: now, expires: now.Add(wanted.ttl), idle: wanted.idle, cell: cell, granted: x.life,
	}
	if err := s.sessions.add(session); err != nil {
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
	return writeJSON(w, http.StatusOK, map[string]any{"sessions": s.sessions.list(x.key.owner())})
}

// findSession is the one that the path names, as long as it lives.
func (s *Service) findSession(r *http.Request, x *exchange) (*session, error) {
	id := mux.Vars(r)["id"]
	session := s.sessions.find(id, x.key.owner())
	if session == nil {
		return nil, refuse(CodeNotFound, "there is no session %q", shorten(id))
	}
	if problem := session.gone(); problem != nil {
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
	return writeJSON(w, http.StatusOK, session.state())
}

// deleteSession serves DELETE /sessions/{id}. A call that runs is ended.
func (s *Service) deleteSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	session.end(sessionDeleted, nil)
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
		job, problem = decodeCall(body, session, x.key)
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

func decodeCall(body []byte, session *session, key *Key) (nsjail.Job, *Problem) {
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
	job.Limits = session.limits
	if fields.limits != nil {
		own := key.narrow([]config.Profile{session.profile})
		if len(own) == 0 { // since the session was made
			return nsjail.Job{}, refuse(CodeForbidden, "the key %q may not use the profile %q any more", key.Name, session.profile.Name)
		}
		f.limits(fields.limits, &job.Limits, own[0].Max)
		for _, limit := range config.Limits {
			if own := limit.Amount(&session.limits); !perCall[limit.Wire] && limit.Amount(&job.Limits) != own {
				f.refuseAt(CodeInvalidRequest, "/limits/"+limit.Wire, "is set when the session is made, to %d", own)
			}
		}
	}
	f.fit(job)
	return job, f.problem()
}

// runCall waits for a place, and calls.
func (s *Service) runCall(ctx context.Context, x *exchange, session *session, job *nsjail.Job) (*reply, error) {
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
	defer func() { x.gone = session.work() }()
	admitted := time.Now()
	verdict, err := s.ran(ctx, x, session.profile.Name, *job, session.call)
	switch {
	case errors.Is(err, errSessionBusy):
		return nil, refuse(CodeBusy, "the session takes one call at a time")
	case errors.Is(err, errSessionOver), errors.Is(err, nsjail.ErrCellLost):
		return nil, session.gone()
	case err != nil:
		return nil, explain(ctx, err)
	}
	x.timing = timing(arrived, admitted, verdict)
	observeIn(s.metrics.run.WithLabelValues(session.profile.Name, string(verdict.Status)), verdict.Usage.Wall, x.exemplar)
	return s.reply(ctx, x, verdict)
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
