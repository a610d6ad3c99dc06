package supervisor

import (
	"errors"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/metrics"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

// state returns what the service is doing now, for metrics.
func (s *Service) state() metrics.State {
	state := metrics.State{
		Config: s.cfg, Memory: s.memory, Line: s.line.Count(), ExpectedWait: s.line.Expected(),
		Sessions: s.sessions.Count(), Terminals: s.terminals.Count(), Unremoved: s.host.Unremoved(), IdleCgroups: s.host.IdleCgroups(),
		Profiles: make(map[string]metrics.Profile), Jobs: s.jobs.State(),
	}
	for name, p := range s.profiles {
		state.Profiles[name] = metrics.Profile{Pool: p.Stats(), Jail: p.Jail()}
	}
	if len(s.listeners) > 0 {
		state.Connections = &metrics.Connections{Counts: s.listeners[0].Counts(), Max: s.connections.Max}
	}
	if s.keys != nil {
		state.Keys = &metrics.Keys{Broken: s.keys.Broken(), Line: make(map[string]line.Counts)}
		for _, key := range s.keys.Keys() {
			state.Keys.Line[key.Name] = s.line.CountOf(key.Name)
		}
	}
	return state
}

// measure records a finished request in the metrics. p is its refusal, or nil.
func (s *Service) measure(x *exchange, status int, p *api.Problem, took time.Duration) {
	r := metrics.Request{
		Route: x.route, Status: status, Took: took, Verdict: string(x.verdict), Waited: x.waited, Exemplar: x.exemplar,
		Served: x.timing != api.Timing{}, Queued: time.Duration(x.timing.Queue),
	}
	if p != nil {
		r.Refusal = string(p.Code)
	}
	s.metrics.Request(r)
	s.metrics.KeyRequest(s.keys, x.key, status)
}

// beginTrace reads the trace context of a request.
func (s *Service) beginTrace(r *http.Request, x *exchange) {
	if s.tracing == nil {
		x.parent = tracing.GivenParent(r.Header)
		return
	}
	x.exemplar = tracing.Exemplar(r.Context())
}

// endTrace adds the outcome to the request's span. p is its refusal, or nil.
func (s *Service) endTrace(r *http.Request, x *exchange, p *api.Problem) {
	about := tracing.Request{
		ID: x.id, Method: r.Method, Route: x.route, Profile: x.profile, Verdict: string(x.verdict), Abandoned: errors.Is(x.err, api.ErrClientGone) || errors.Is(x.err, api.ErrCutShort),
	}
	if p != nil {
		about.Problem = string(p.Code)
	}
	s.tracing.Request(r.Context(), about)
}

// adminHandler serves the routes of the admin listener.
func (s *Service) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return s.adminOnly(mux)
}
