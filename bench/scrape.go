package bench

import (
	"context"
	"fmt"
	"net/http"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// State is what a service says of its pool and its cells, of the default
// profile: gauges as they are, and counters since its start.
type State struct {
	Ready, Making, Claimed, Destroying, Target float64
	Hits, Misses, Made                         float64
	Running, Waiting                           float64
	// StartSeconds and StartCount are of the steps in which cells were made.
	StartSeconds map[string]float64
	StartCount   float64
}

// scrape reads a service's /metrics.
func (c *Client) scrape(ctx context.Context) (State, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/metrics", nil)
	if err != nil {
		return State{}, err
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return State{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return State{}, fmt.Errorf("GET /metrics: %s", response.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return State{}, fmt.Errorf("GET /metrics: %w", err)
	}
	return readState(families), nil
}

func readState(families map[string]*dto.MetricFamily) State {
	one := func(name, label string) float64 {
		for _, metric := range families[name].GetMetric() {
			if mine, value := labels(metric); mine && (label == "" || value == label) {
				return metric.GetGauge().GetValue() + metric.GetCounter().GetValue()
			}
		}
		return 0
	}
	state := State{
		Ready: one("hotcell_cells", "ready"), Making: one("hotcell_cells", "making"), Claimed: one("hotcell_cells", "claimed"),
		Destroying: one("hotcell_cells", "destroying"), Target: one("hotcell_pool_target", ""),
		Hits: one("hotcell_claims_total", "hit"), Misses: one("hotcell_claims_total", "miss"), Made: one("hotcell_cells_made_total", ""),
		Running: one("hotcell_running", ""), Waiting: one("hotcell_waiting", ""), StartSeconds: make(map[string]float64),
	}
	for _, metric := range families["hotcell_cell_start_duration_seconds"].GetMetric() {
		if mine, step := labels(metric); mine {
			state.StartSeconds[step] = metric.GetHistogram().GetSampleSum()
			state.StartCount = max(state.StartCount, float64(metric.GetHistogram().GetSampleCount()))
		}
	}
	return state
}

// labels says whether a metric is of no profile or of the default one, and what
// its other label is.
func labels(metric *dto.Metric) (mine bool, other string) {
	mine = true
	for _, label := range metric.GetLabel() {
		if label.GetName() == "profile" {
			mine = label.GetValue() == "default"
		} else {
			other = label.GetValue()
		}
	}
	return mine, other
}

// missShare is the share of claims between two looks that found no cell ready.
func missShare(before, after State) float64 {
	misses := after.Misses - before.Misses
	all := misses + after.Hits - before.Hits
	if all == 0 {
		return 0
	}
	return misses / all
}

// making is how long all steps of making a cell took between two looks, in
// milliseconds on average.
func making(before, after State) float64 {
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

// watchPool looks at the pool until stop is called, which returns what it saw.
func (c *Client) watchPool(ctx context.Context, every time.Duration) (stop func() []Level) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan []Level)
	begin := time.Now()
	go func() {
		var levels []Level
		for sleep(ctx, every) {
			if state, err := c.scrape(ctx); err == nil { // a look that fails is one point less in a plot
				levels = append(levels, Level{
					time.Since(begin).Seconds(), state.Ready, state.Making, state.Waiting + max(0, state.Running-state.Claimed),
				})
			}
		}
		done <- levels
	}()
	return func() []Level { cancel(); return <-done }
}

// settle waits until the pool is full and nothing is being made or removed.
func (c *Client) settle(ctx context.Context) error {
	for begin := time.Now(); ; {
		state, err := c.scrape(ctx)
		if err != nil {
			return err
		}
		if state.Ready >= state.Target && state.Making+state.Destroying+state.Claimed == 0 {
			return nil
		}
		if time.Since(begin) > time.Minute {
			return fmt.Errorf("the pool does not fill: %.0f of %.0f ready, %.0f being made", state.Ready, state.Target, state.Making)
		}
		if !sleep(ctx, 20*time.Millisecond) {
			return ctx.Err()
		}
	}
}
