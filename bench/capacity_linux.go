package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotcell/hotcell/bench/capacity"
)

// measured is the part of a results.json that package capacity needs.
type measured struct {
	Machine    string `json:"machine"`
	Processors int    `json:"processors"`
	Began      string `json:"began"`
	PoolSize   int    `json:"pool_size"`
	Makers     int    `json:"refill_parallel"`
	Results    []struct {
		Scenario string
		Rows     []struct {
			Name string
			Rate float64 `json:"rate_wanted"`
			Load struct {
				Latency struct {
					P50   float64 `json:"p50_ms"`
					Count int
				}
				Where map[string]float64
			}
		}
		Values []Value
	}
}

// ReadCapacity reads the input of package capacity from a results.json, which must
// have the scenarios sequential, throughput, openloop, empty and poolsizes.
func ReadCapacity(path string) (capacity.Input, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return capacity.Input{}, err
	}
	var m measured
	if err := json.Unmarshal(text, &m); err != nil {
		return capacity.Input{}, fmt.Errorf("%s: %w", path, err)
	}
	var missing []string
	find := func(scenario, name string) float64 {
		for _, result := range m.Results {
			for _, value := range result.Values {
				if result.Scenario == scenario && value.Name == name {
					return value.Value
				}
			}
		}
		missing = append(missing, scenario+": "+name)
		return 0
	}
	row := func(scenario, name string) (p50, handoffAndRun float64) {
		for _, result := range m.Results {
			for _, row := range result.Rows {
				if result.Scenario == scenario && row.Name == name {
					return row.Load.Latency.P50, row.Load.Where["hand-over_ms"] + row.Load.Where["run_ms"]
				}
			}
		}
		missing = append(missing, scenario+": "+name)
		return 0, 0
	}
	const ms, gib = 1e-3, float64(1 << 30)
	making, _ := row("poolsizes", fmt.Sprintf(makingWith, float64(fewParked)))
	_, running := row("sequential", hotcellSequential)
	costs := capacity.Costs{
		CPU: float64(m.Processors) / max(1, find("throughput", saturatedRate)), Run: running * ms, Make: making * ms,
		Fork: find("empty", fmt.Sprintf(makingStep, "fork")) * ms, Parked: find("poolsizes", parkedPSS) * 1e6,
		Zygote: 0.25 * gib, Limit: 0.25 * gib,
	}
	// What the service does itself in making a cell is in no step.
	steps := 0.0
	for _, step := range []string{"fork", "cgroup", "isolate", "rehearse"} {
		steps += find("empty", fmt.Sprintf(makingStep, step)) * ms
	}
	own := max(0, costs.Make-steps)
	var points []capacity.Point
	for _, share := range sweep {
		point := capacity.Point{Measured: find("openloop", fmt.Sprintf(missesAt, 100*share)) / 100}
		point.Pool = capacity.Pool{
			Rate: share * find("throughput", saturatedRate), Makers: m.Makers, Size: m.PoolSize,
			Make: find("openloop", fmt.Sprintf(makingAt, 100*share))*ms + own,
		}
		inUse, requests := m.sent(point.Rate)
		point.Running, point.Requests = inUse*ms, requests
		points = append(points, point)
	}
	if len(missing) > 0 {
		return capacity.Input{}, fmt.Errorf("%s lacks the figures %s", path, strings.Join(missing, ", "))
	}
	name := filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path))
	return capacity.Input{Costs: costs, Points: points, Source: fmt.Sprintf("%s (%s, %s)", name, m.Machine, m.Began)}, nil
}

// sent returns for how long a cell was in use at a rate of the sweep, in
// milliseconds, and the number of requests.
func (m measured) sent(rate float64) (inUse float64, requests int) {
	for _, result := range m.Results {
		for _, row := range result.Rows {
			if result.Scenario == "openloop" && row.Rate == rate {
				return row.Load.Where["hand-over_ms"] + row.Load.Where["run_ms"], row.Load.Latency.Count
			}
		}
	}
	return 0, 0
}
