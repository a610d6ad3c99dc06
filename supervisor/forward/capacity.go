package forward

import (
	"github.com/hotcell/hotcell/supervisor/api"
)

// Fleet returns what a client may send to all nodes that take something new, or nil if there
// is only this one. own is what this node tells the client, whose requests have some of its
// places; each node is asked by nobody: it was heard a few seconds ago.
func (n *Nodes) Fleet(own api.Capacity, running int, draining bool) *api.FleetCapacity {
	if n == nil {
		return nil
	}
	all := &api.FleetCapacity{Profiles: make(map[string]api.CapacityProfile)}
	if !draining {
		all.Nodes, all.Running, all.Waiting, all.MaxRunning, all.SuggestedConcurrency = 1, own.Running, own.Waiting, own.MaxRunning, own.SuggestedConcurrency
	}
	for name, profile := range own.Profiles {
		if draining {
			profile = api.CapacityProfile{}
		}
		all.Profiles[name] = profile
	}
	for _, node := range n.fleet.Others() {
		told := node.Capacity
		if node.Draining {
			continue
		}
		most := min(told.MaxRunning, own.MaxRunning)
		all.Nodes++
		all.Running += told.Running
		all.Waiting += told.Waiting
		all.MaxRunning += most
		// A balancer spreads the client's requests: it has as many there as here.
		others := max(0, told.Running-running)
		all.SuggestedConcurrency += max(0, min(most, told.Suggested-others))
		for name, sum := range all.Profiles {
			sum.Ready += told.Profiles[name].Ready
			sum.Target += told.Profiles[name].Target
			all.Profiles[name] = sum
		}
	}
	return all
}
