package supervisor

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
	"github.com/hotcell/hotcell/supervisor/sessions"
	"github.com/hotcell/hotcell/supervisor/transfers"
)

// createSession serves POST /sessions.
func (s *Service) createSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	wanted, done, err := s.readSession(w, r, x)
	defer done()
	if err != nil {
		return err
	}
	session, err := s.openSession(r.Context(), x, wanted)
	if err != nil {
		return err
	}
	if err := transfers.Fill(session, wanted.Files); err != nil {
		session.End(sessions.Deleted)
		return session.Refusal(err)
	}
	if r.Context().Err() != nil { // nobody learns its id
		session.End(sessions.Deleted)
		return api.ErrClientGone
	}
	w.Header().Set("Location", "/sessions/"+session.ID)
	return api.WriteJSON(w, http.StatusCreated, session.Show())
}

func (s *Service) readSession(w http.ResponseWriter, r *http.Request, x *exchange) (wanted api.SessionRequest, done func(), err error) {
	own := x.key.Narrow(s.cfg.AllProfiles())
	if r.ContentLength == 0 { // an empty body: every field has a default
		wanted, _ := api.DecodeSession([]byte("{}"), own, s.cfg.SessionTTL, s.cfg.SessionIdle)
		return wanted, func() {}, nil
	}
	body, done, err := s.readBody(w, r)
	if err != nil {
		return wanted, done, err
	}
	err = s.decode(r.Context(), x, body, func() (problem *api.Problem) {
		wanted, problem = api.DecodeSession(body, own, s.cfg.SessionTTL, s.cfg.SessionIdle)
		return problem
	})
	return wanted, done, err
}

// openSession claims a cell, as a request to execute does, and keeps it.
func (s *Service) openSession(ctx context.Context, x *exchange, wanted api.SessionRequest) (*sessions.Session, error) {
	if s.nodes.Reserves(wanted.ID) {
		return nil, api.Refuse(api.CodeInvalidRequest, "/id: has the form of the ids that this server gives: choose another")
	}
	place := sessions.Place{Party: x.party.Name, Owner: x.key.Owner(), ID: wanted.ID}
	if err := s.sessions.Reserve(place, x.party.MaxSessions); err != nil {
		return nil, refusals.Explain(ctx, err)
	}
	free, err := s.nodes.Claim(ctx, place.Owner, place.ID, func() { s.sessions.Lose(place) })
	if err != nil {
		s.sessions.GiveBack(place)
		return nil, refusals.Explain(ctx, err)
	}
	cell, err := s.claimForSession(ctx, x, wanted.Profile)
	if err != nil {
		free(false)
		s.sessions.GiveBack(place)
		return nil, refusals.Explain(ctx, err)
	}
	session, err := s.sessions.Add(sessions.Config{
		Place: place, Free: free, Profile: wanted.Profile, Limits: wanted.Limits, Mode: wanted.Mode, Env: wanted.Env, TTL: wanted.TTL, Idle: wanted.Idle, Granted: x.life, Filled: len(wanted.Files) > 0,
	}, cell)
	if err != nil {
		cell.Release()
		return nil, refusals.Explain(ctx, err)
	}
	return session, nil
}

// claimForSession waits for a place in line, and then for a cell. The place is given
// back as soon as the session has its cell.
func (s *Service) claimForSession(ctx context.Context, x *exchange, profile string) (cell, error) {
	wait, stop := s.waiting(ctx, x)
	defer stop()
	ticket, err := s.enter(wait, x, line.Cost{})
	if err != nil {
		return nil, err
	}
	defer ticket.Leave()
	return s.claim(wait, x, profile)
}

// findSession returns the session that the path names, if it is alive.
func (s *Service) findSession(r *http.Request, x *exchange) (*sessions.Session, error) {
	id := mux.Vars(r)["id"]
	session := s.sessions.Find(id, x.key.Owner())
	if session == nil {
		return nil, sessions.Missing(id, x.api == "")
	}
	if problem := session.Problem(); problem != nil {
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
	return api.WriteJSON(w, http.StatusOK, session.Show())
}

// prolongSession serves PATCH /sessions/{id}.
func (s *Service) prolongSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return err
	}
	ttl, problem := api.DecodeLifetime(body, s.cfg.SessionTTL)
	if problem != nil {
		return problem
	}
	until, latest := time.Now().Add(ttl), session.Created.Add(s.cfg.SessionTTL)
	if until.After(latest) {
		until = latest
	}
	if err := session.Prolong(until); err != nil {
		return session.Refusal(err)
	}
	return api.WriteJSON(w, http.StatusOK, session.Show())
}

// deleteSession serves DELETE /sessions/{id}. It also ends a running call.
func (s *Service) deleteSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	session.End(sessions.Deleted)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// interruptSession serves POST /sessions/{id}/interrupt.
func (s *Service) interruptSession(w http.ResponseWriter, r *http.Request, x *exchange) error {
	session, err := s.findSession(r, x)
	if err != nil {
		return err
	}
	return api.WriteJSON(w, http.StatusOK, map[string]bool{"interrupted": session.Interrupt()})
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
	var profile *config.Profile // nil: the key has lost the profile since the session was made
	if own := x.key.Narrow([]config.Profile{s.cfg.ProfileNamed(session.Profile)}); len(own) > 0 {
		profile = &own[0]
	}
	err = s.decode(r.Context(), x, body, func() (problem *api.Problem) {
		job, problem = api.DecodeCall(body, session.Limits, session.Mode, profile)
		return problem
	})
	if err != nil {
		return err
	}
	wait, stop := x.untilRevoked(r.Context())
	defer stop()
	turn, err := s.enterSession(wait, x, session)
	if err != nil {
		return err
	}
	defer turn.Leave()
	return s.answer(w, r, x, &job, func(ctx, _ context.Context) (nsjail.Verdict, error) { return s.runCall(ctx, x, turn, job) })
}

// enterSession takes a turn in a session. It waits in line if the request says that its
// client would.
func (s *Service) enterSession(ctx context.Context, x *exchange, session *sessions.Session) (*sessions.Turn, error) {
	turn, err := session.Enter(ctx, 0)
	if longest := x.longestInSession(); longest > 0 && errors.Is(err, sessions.ErrBusy) {
		held, short := s.line.Reserve(x.party.Party, budget.WaitingBytes)
		if short != nil {
			if !errors.Is(short, line.ErrClosed) {
				s.metrics.MemoryRefused()
			}
			return nil, refusals.Explain(ctx, short)
		}
		defer held.Release()
		var done context.CancelFunc
		ctx, done = conns.UntilGone(ctx)
		defer done()
		began := time.Now()
		turn, err = session.Enter(ctx, longest)
		if x.queued = time.Since(began); x.patience > 0 {
			x.patience = max(1, x.patience-x.queued)
		}
	}
	if err != nil && ctx.Err() != nil || errors.Is(err, sessions.ErrClosed) {
		return nil, refusals.Explain(ctx, err)
	}
	return turn, session.Refusal(err)
}

// runCall makes a call of a session, for a request that has its place in line.
func (s *Service) runCall(ctx context.Context, x *exchange, turn *sessions.Turn, job nsjail.Job) (nsjail.Verdict, error) {
	session := turn.Session
	defer func() { x.gone = session.Work() }()
	x.claimed = time.Now()
	verdict, err := s.ran(ctx, x, session.Profile, job, turn.Call)
	turn.Leave()                        // the answer may take its time
	if err == nil && ctx.Err() != nil { // the client hung up, and the call was interrupted
		err = context.Cause(ctx)
	}
	return verdict, session.Refusal(err)
}
