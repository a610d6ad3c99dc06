package supervisor

import (
	"context"
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/dropin"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// mount serves the APIs below /compat/NAME, and at the root for the hosts that they claim.
func (s *Service) mount(router *mux.Router) {
	for _, a := range s.apis {
		dropin.Mount(router, a, "/compat/"+a.Name, func(route compat.Route) http.Handler { return s.apiHandler(a, route, false) })
	}
}

// claimed serves the APIs at the root for the hosts that they claim, before anything else.
func (s *Service) claimed(router *mux.Router) {
	for _, a := range s.apis {
		if a.Hosts != nil {
			theirs := router.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return a.Hosts(conns.NameOf(r.Host)) }).Subrouter()
			dropin.Mount(theirs, a, "", func(route compat.Route) http.Handler { return s.apiHandler(a, route, true) })
		}
	}
}

// rootOf serves an API at the root of a listener of its own.
func (s *Service) rootOf(a compat.API) http.Handler {
	router := mux.NewRouter().SkipClean(true)
	s.claimed(router)
	dropin.Mount(router, a, "", func(route compat.Route) http.Handler { return s.apiHandler(a, route, false) })
	return s.tracing.Around(s.observe(router), nil)
}

// apiHandler serves a route of a drop-in API. Its refusals have the API's own shape.
func (s *Service) apiHandler(a compat.API, route compat.Route, claimed bool) http.Handler {
	return wrap(func(w http.ResponseWriter, r *http.Request, x *exchange) error {
		x.route, x.api = "/compat/"+a.Name+route.Path, a.Name
		err := s.serveAPI(w, dropin.WithKey(r, a), x, a, route, claimed)
		record := w.(*conns.Recorder) // of observe
		switch {
		case err == nil:
			return nil
		case errors.Is(err, api.ErrClientGone), r.Context().Err() != nil && record.Status != http.StatusSwitchingProtocols:
			return api.ErrClientGone
		}
		p, told := dropin.Refused(err, x.id)
		switch record.Status {
		case 0:
			a.Refuse(w, r, told)
		case http.StatusSwitchingProtocols:
		default: // a client must not take it for a complete answer
			conns.Abort(w)
		}
		return p
	})
}

func (s *Service) serveAPI(w http.ResponseWriter, r *http.Request, x *exchange, a compat.API, route compat.Route, claimed bool) error {
	needs, checked := rightAny, r // what it asks the service for needs what the service's routes need
	if route.Open {
		needs = rightOpen
	}
	if claimed {
		checked = r.Clone(r.Context())
		checked.Host = dropin.AfterLabel(r.Host)
	}
	there := dropin.Below(r, a, claimed) // to the address at which every node has the API
	if a.Node != nil && !x.here {
		if passed, err := s.toNode(w, there, x, a.Node(r)); passed || err != nil {
			return err
		}
	}
	if err := s.authorize(checked, x, needs); err != nil {
		return err
	}
	x.party = s.partyOf(r, x)
	service, done, err := dropin.Open(dropin.Config{
		Service: s.cfg, Own: x.key.Narrow(s.cfg.AllProfiles())[0], Key: x.key != nil, Name: x.key.Owner(), Line: s.line, Party: x.party.Party,
		Handler: s.inside, Context: func(ctx context.Context) context.Context { return context.WithValue(ctx, exchangeKey{}, x) },
		Live: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := s.untilKilled(ctx)
			ctx, done := x.untilRevoked(ctx)
			return ctx, func() { done(); cancel(nil) }
		},
		Ending:  s.idles.Done(),
		Turn:    func(ctx context.Context, bytes int, work func()) error { return s.turn(ctx, x, bytes, work) },
		Explain: refusals.Explain, W: w, R: r, Token: s.nodes.Token(), Tell: func(what string) { s.nodes.Say(a.Name, what) },
		Others: func(hold func(int64) error, take func([]byte) error) ([]string, error) {
			return s.nodes.Everywhere(there, x.id, x.party.Name, hold, take)
		},
	}, a.Patience)
	if err != nil {
		return err
	}
	defer done()
	return route.Serve(w, r, compat.NewCaller(service, min(a.Patience, s.cfg.CompatMaxWait)))
}
