// Package pooled reads what a service says of its pool and its cells.
//
//	pooled.go  State, from its metrics; its levels over time; waiting for a full pool
package pooled

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/client/metrics"
)

// State is what a service's metrics say of the default profile's pool and cells:
// gauges as they are, counters since the service started.
type State struct {
	Ready, Making, Claimed, Destroying, Target float64
	Hits, Misses, Made                         float64
	Running, Waiting                           float64
	// StartSeconds and StartCount are of the steps in which cells were made.
	StartSeconds map[string]float64
	StartCount   float64
}

// Scrape reads a service's /metrics.
func Scrape(ctx context.Context, c *traffic.Client) (State, error) {
	text, err := c.Metrics(ctx)
	if err != nil {
		return State{}, err
	}
	sample, err := metrics.Parse(bytes.NewReader(text), time.Now())
	if err != nil {
		return State{}, fmt.Errorf("GET /metrics: %w", err)
	}
	return stateOf(sample), nil
}

func stateOf(sample *metrics.Sample) State {
	one := func(name string, labels ...string) float64 {
		if value := sample.Value(name, labels...); value != nil {
			return *value
		}
		return 0
	}
	ofPool := func(name string, labels ...string) float64 {
		return one(name, append([]string{"profile", "default"}, labels...)...)
	}
	state := State{
		Ready: ofPool("hotcell_cells", "state", "ready"), Making: ofPool("hotcell_cells", "state", "making"),
		Claimed: ofPool("hotcell_cells", "state", "claimed"), Destroying: ofPool("hotcell_cells", "state", "destroying"),
		Target: ofPool("hotcell_pool_target"), Made: ofPool("hotcell_cells_made_total"),
		Hits: ofPool("hotcell_claims_total", "result", "hit"), Misses: ofPool("hotcell_claims_total", "result", "miss"),
		Running: one("hotcell_running"), Waiting: one("hotcell_waiting"), StartSeconds: make(map[string]float64),
	}
	for step := range sample.All("hotcell_cell_start_duration_seconds") {
		if step.Has("profile", "default") {
			state.StartSeconds[step.Labels["step"]] = step.Sum
			state.StartCount = max(state.StartCount, step.Value)
		}
	}
	return state
}

// MissShare returns the share of claims between two states that found no cell
// ready.
func MissShare(before, after State) float64 {
	misses := after.Misses - before.Misses
	all := misses + after.Hits - before.Hits
	if all == 0 {
		return 0
	}
	return misses / all
}

// Making returns how long all steps of making a cell took between two states, on
// average, in milliseconds.
func Making(before, after State) float64 {
	sum := 0.0
	for step, seconds := range after.StartSeconds {
		sum += seconds - before.StartSeconds[step]
	}
	return 1e3 * sum / max(1, after.StartCount-before.StartCount)
}

// Level is the pool at one time of a measurement.
type Level struct {
	Seconds float64 `json:"seconds"`
	Ready   float64 `json:"ready"`
	Making  float64 `json:"making"`
	Waiting float64 `json:"waiting"` // requests without a place, or with one and without a cell
}

// Watch records the pool until stop is called, which returns the record. Each look costs the
// service about 2 ms of a processor, and requests wait for it: look rarely where they are timed.
func Watch(ctx context.Context, c *traffic.Client, every time.Duration) (stop func() []Level) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan []Level)
	begin := time.Now()
	go func() {
		var levels []Level
		for traffic.Sleep(ctx, every) {
			if state, err := Scrape(ctx, c); err == nil { // otherwise the plot lacks one point
				levels = append(levels, Level{
					time.Since(begin).Seconds(), state.Ready, state.Making, state.Waiting + max(0, state.Running-state.Claimed),
				})
			}
		}
		done <- levels
	}()
	return func() []Level { cancel(); return <-done }
}

// Settle waits until the pool is full and no cell is being made or removed.
func Settle(ctx context.Context, c *traffic.Client) error {
	for begin := time.Now(); ; {
		state, err := Scrape(ctx, c)
		if err != nil {
			return err
		}
		if state.Ready >= state.Target && state.Making+state.Destroying+state.Claimed == 0 {
			return nil
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("the pool did not fill within a minute: %.0f of %.0f cells ready, %.0f being made", state.Ready, state.Target, state.Making)
		}
		if !traffic.Sleep(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}
