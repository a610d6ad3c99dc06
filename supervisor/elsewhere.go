package supervisor

import (
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/forward"
)

// newNodes returns the nodes of the service; nil: there is only this one.
func (s *Service) newNodes() *forward.Nodes {
	return forward.New(forward.Config{Settings: s.cfg, Log: s.log, State: s.told, Runs: s.runs})
}

// elsewhere passes a request on to the node that has the session of its path, if that is
// another one, and reports whether it has.
func (s *Service) elsewhere(w http.ResponseWriter, r *http.Request, x *exchange) (passed bool, err error) {
	node, err := s.nodes.Find(r, mux.Vars(r)["id"])
	if node == nil {
		return false, err
	}
	x.node = node.Name
	ctx, done := x.untilRevoked(r.Context())
	defer done()
	return true, s.nodes.Pass(w, r.WithContext(ctx), x.id, x.party.Name, node)
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
