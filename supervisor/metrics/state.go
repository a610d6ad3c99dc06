package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/cells"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/line"
)

// State is what the service is doing now.
type State struct {
	Config       config.Config
	Memory       budget.Budget
	Line         line.Counts
	ExpectedWait time.Duration
	Sessions     int // live
	Terminals    int // open, or being opened
	Unremoved    int // cells whose cgroups could not be removed
	IdleCgroups  int // directories
	Profiles     map[string]Profile
	Connections  *Connections // nil: the service does not listen yet
	Keys         *Keys        // nil: there are no keys
	Jobs         *jobs.Counts // nil: the store of jobs is not open, or does not answer
}

// Profile is the state of a profile's cells.
type Profile struct {
	Pool pool.Stats
	Jail cells.Jail
}

// Connections are the connections of clients.
type Connections struct {
	conns.Counts
	Max int
}

// Keys is the state of the keys file, and of each key's requests in line. The names
// of keys are labels, so there are at most as many as the keys file has.
type Keys struct {
	Broken bool // whether the current file cannot be used
	Line   map[string]line.Counts
}

// profiles reads a metric of each profile. The name of the profile is the first
// label.
func profiles(read func(Profile, setter)) func(*State, setter) {
	return func(s *State, set setter) {
		for name, profile := range s.Profiles {
			read(profile, func(value float64, labels ...string) { set(value, append([]string{name}, labels...)...) })
		}
	}
}

func connections(read func(*Connections, setter)) func(*State, setter) {
	return func(s *State, set setter) {
		if s.Connections != nil {
			read(s.Connections, set)
		}
	}
}

func ofJobs(read func(jobs.Counts) float64) func(*State, setter) {
	return func(s *State, set setter) {
		if s.Jobs != nil {
			set(read(*s.Jobs))
		}
	}
}

func ofKeys(read func(*Keys, setter)) func(*State, setter) {
	return func(s *State, set setter) {
		if s.Keys != nil {
			read(s.Keys, set)
		}
	}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// stateCollector reads the state on each scrape.
type stateCollector struct {
	state func() State
	descs map[string]*prometheus.Desc
}

func newStateCollector(state func() State) stateCollector {
	c := stateCollector{state, make(map[string]*prometheus.Desc)}
	for _, metric := range Table {
		if metric.read != nil {
			c.descs[metric.Name] = prometheus.NewDesc(metric.Name, metric.Help, metric.Labels, nil)
		}
	}
	return c
}

// Describe implements [prometheus.Collector].
func (c stateCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		out <- desc
	}
}

// Collect implements [prometheus.Collector].
func (c stateCollector) Collect(out chan<- prometheus.Metric) {
	state := c.state()
	for _, metric := range Table {
		if metric.read == nil {
			continue
		}
		kind := prometheus.GaugeValue
		if metric.Kind == Counter {
			kind = prometheus.CounterValue
		}
		metric.read(&state, func(value float64, labels ...string) {
			out <- prometheus.MustNewConstMetric(c.descs[metric.Name], kind, value, labels...)
		})
	}
}
