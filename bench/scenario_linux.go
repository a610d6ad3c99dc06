package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

// Scenario is one thing that is measured.
type Scenario struct {
	Name, About string
	// Short says whether it runs when no scenario is named. All short ones
	// together take about five minutes.
	Short bool
	// Own says whether it starts its own services, and so cannot measure one
	// that runs already.
	Own     bool
	measure func(ctx context.Context, r *run, result *Result) error
}

// scenarios lists all scenarios, in the order in which they run.
var scenarios []Scenario

func init() { // not where it is declared: their functions read it
	scenarios = []Scenario{
		{"sequential", "one request after the other on a warm pool, in turns with the baselines", true, false, measureSequential},
		{"scripts", "several scripts, each in turns with the resident process", true, false, measureScripts},
		{"megabytes", "1 MB and 30 MB in and out, and hotcell's memory meanwhile", true, true, measureMegabytes},
		{"throughput", "as many requests as can be answered, in turns with the baselines", true, false, measureThroughput},
		{"cpu", "processor time of a request, with and without a snapshot, in turns", true, true, measureCPU},
		{"openloop", "requests of independent users, at rates up to and beyond saturation", true, false, measureOpenLoop},
		{"burst", "100 requests at once", true, false, measureBurst},
		{"empty", "a request that finds the pool empty", true, true, measureEmpty},
		{"refill", "requests while a large pool is filled at full speed", true, true, measureRefill},
		{"poolsizes", "the cost of making and keeping cells, with 1 to 500 of them parked", true, true, measurePoolSizes},
		{"hostile", "good requests among timeouts, out-of-memory and fork bombs, 5 % of each", true, false, measureHostile},
		{"fairness", "a key with few requests beside one with many", true, true, measureFairness},
		{"compat", "a batch of programs by SandboxFusion's API, in turns with a new Python for each", true, false, measureCompat},
		{"batch", "a batch of small programs, and requests of others beside it", true, false, measureBatch},
		{"printing", "a program that prints 100,000 lines, in turns with a new Python", true, true, measurePrinting},
		{"overload", "up to 20 times what can be answered, from clients that hang up after 2 s", false, true, measureOverload},
		{"vegeta", "the load generator compared with another one, the program vegeta", false, false, measureVegeta},
		{"soak", "half of the saturated rate for longer: descriptors, memory, cgroups", false, true, measureSoak},
	}
}

// Scenarios returns all scenarios, in the order in which they run.
func Scenarios() []Scenario { return slices.Clone(scenarios) }

// ErrOptions is wrapped when the options ask for what cannot be measured.
var ErrOptions = errors.New("invalid options")

// choose returns the scenarios with these names: the short ones for none, all for
// "all".
func choose(names []string, elsewhere bool) ([]Scenario, error) {
	var known []string
	for _, s := range scenarios {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) && name != "all" {
			return nil, fmt.Errorf("%w: unknown scenario %q: use all, or some of %s", ErrOptions, name, strings.Join(known, ", "))
		}
	}
	var chosen []Scenario
	for _, s := range scenarios {
		named := slices.Contains(names, s.Name)
		switch {
		case named && s.Own && elsewhere:
			return nil, fmt.Errorf("%w: scenario %q starts its own services, so it cannot measure the one at --url", ErrOptions, s.Name)
		case named, slices.Contains(names, "all") && !(s.Own && elsewhere), len(names) == 0 && s.Short && !(s.Own && elsewhere):
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

// Result is what a scenario measured.
type Result struct {
	Scenario string         `json:"scenario"`
	About    string         `json:"about"`
	Rows     []Row          `json:"rows,omitempty"`
	Values   []Value        `json:"values,omitempty"`
	Levels   []pooled.Level `json:"levels,omitempty"` // of the pool, over the time of the scenario
	Curves   []Curve        `json:"curves,omitempty"`
	Notes    []string       `json:"notes,omitempty"`
}

// Curve is what the plots need and no table shows.
type Curve struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"` // seconds
	Y    []float64 `json:"y"` // percent of the saturated rate
}

// Row is a load in the table.
type Row struct {
	Name string         `json:"name"`
	Rate float64        `json:"rate_wanted,omitempty"` // a second, of an open loop
	Load *traffic.Tally `json:"load"`
}

// Value is a single figure.
type Value struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
}

func (r *Result) row(name string, load *traffic.Tally) {
	r.Rows = append(r.Rows, Row{Name: name, Load: load})
}

func (r *Result) value(name, unit string, value float64) {
	r.Values = append(r.Values, Value{name, unit, value})
}

func (r *Result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// ratio adds a quotient, unless b is 0.
func (r *Result) ratio(name string, a, b float64) {
	if b > 0 {
		r.value(name, "×", a/b)
	}
}
