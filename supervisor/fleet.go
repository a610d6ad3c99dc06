package supervisor

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/forward"
)

// elsewhere passes a request on to the node that has the session of its path, if that is
// another one, and reports whether it has.
func (s *Service) elsewhere(w http.ResponseWriter, r *http.Request, x *exchange, to route) (passed bool, err error) {
	if !to.session {
		return false, nil
	}
	id, owner := mux.Vars(r)["id"], x.key.Owner()
	own := s.sessions.Find(id, owner)
	if own != nil && own.Problem() == nil {
		return false, nil
	}
	node, err := s.nodes.Find(r, owner, id)
	if node == nil {
		if own != nil { // it has ended, and perhaps that is all that is known
			err = nil
		}
		return false, err
	}
	return true, s.pass(w, r, x, node)
}

// toNode passes a request on to the node of a token, if that is another one. Its key is for
// that node to find: it may be one that only that node knows.
func (s *Service) toNode(w http.ResponseWriter, r *http.Request, x *exchange, token string) (passed bool, err error) {
	node, err := s.nodes.Named(r, token)
	if node == nil {
		return false, err
	}
	x.key, x.life = s.keys.Of(r.Header)
	x.party = s.partyOf(r, x)
	return true, s.pass(w, r, x, node)
}

func (s *Service) pass(w http.ResponseWriter, r *http.Request, x *exchange, node *fleet.Node) error {
	x.node = node.Name
	ctx, done := x.untilRevoked(r.Context())
	defer done()
	return s.nodes.Pass(w, r.WithContext(ctx), x.id, x.party.Name, node)
}

// everywhere makes a handler of one that asks all nodes.
func (s *Service) everywhere(serve func(http.ResponseWriter, *http.Request, forward.Asker) error) func(http.ResponseWriter, *http.Request, *exchange) error {
	return func(w http.ResponseWriter, r *http.Request, x *exchange) error {
		ctx, done := x.untilRevoked(r.Context())
		defer done()
		return serve(w, r.WithContext(ctx), forward.Asker{ID: x.id, Party: x.party.Party, Owner: x.key.Owner()})
	}
}

// told is what this node tells the others.
func (s *Service) told() fleet.State {
	counts := s.line.Count()
	told := fleet.Capacity{
		Running: counts.Running, Waiting: counts.Waiting + counts.Behind, MaxRunning: s.cfg.MaxRunning,
		Suggested: batches.Suggested(s.cfg.MaxRunning, 0), Profiles: make(map[string]fleet.Profile),
	}
	for name, p := range s.profiles {
		stats := p.Stats()
		told.Profiles[name] = fleet.Profile{Ready: stats.Ready, Target: stats.Target}
	}
	return fleet.State{Draining: s.draining.Load(), Capacity: told}
}

// capacity tells a client how much it may send.
func (s *Service) capacity(w http.ResponseWriter, _ *http.Request, x *exchange) error {
	all, own := s.line.Count(), s.line.CountOf(x.party.Name)
	told := api.Capacity{
		Profiles: make(map[string]api.CapacityProfile), Running: all.Running, Waiting: all.Waiting + all.Behind,
		MaxRunning: min(s.cfg.MaxRunning, x.party.MaxRunning),
	}
	for _, cfg := range x.key.Narrow(s.cfg.AllProfiles()) {
		stats := s.profiles[cfg.Name].Stats()
		told.Profiles[cfg.Name] = api.CapacityProfile{Ready: stats.Ready, Target: stats.Target}
	}
	others := all.Running - own.Running - (all.RunningBehind - own.RunningBehind)
	told.SuggestedConcurrency = batches.Suggested(told.MaxRunning, others)
	told.Fleet = s.nodes.Fleet(told, own.Running, s.draining.Load())
	return api.WriteJSON(w, http.StatusOK, told)
}
