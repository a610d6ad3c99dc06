package supervisor

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/metrics"
)

// state is what the service is doing, for metrics.
func (s *Service) state() metrics.State {
	state := metrics.State{
		Config: s.cfg, Memory: s.memory, Line: s.line.Count(), ExpectedWait: s.line.Expected(),
		Sessions: s.sessions.Count(), Terminals: s.terminals.count(), Unremoved: s.host.Unremoved(),
		Profiles: make(map[string]metrics.Profile),
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

// measure has the metrics note a request that is over. p is its refusal, or nil.
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

// adminHandler serves what is not for clients.
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
