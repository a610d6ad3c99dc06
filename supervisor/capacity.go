package supervisor

import (
	"net/http"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
)

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
