package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

const (
	wrongVerdicts = "hostile requests without the verdict they must have"
	hostileShare  = 0.05 // of each kind
	mixRate       = 40   // requests a second: what two cores can do with this mix
)

// mix returns the kind of each of count requests: 0 is a good one, and n the nth of
// the hostile ones. The same seed gives the same mix.
func mix(count int, seed uint64) []int {
	random := rand.New(rand.NewPCG(seed, 2)) // #nosec G404 -- a mix that can be repeated
	kinds := make([]int, count)
	for i := range kinds {
		if kind := int(random.Float64() / hostileShare); kind < len(hostile) {
			kinds[i] = kind + 1
		}
	}
	return kinds
}

// measureHostile sends the same good requests at the same times twice: without and
// among hostile ones.
func measureHostile(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	long := scaled(r, 7*time.Second)
	schedule := traffic.Poisson(mixRate, long, r.Seed)
	kinds := mix(len(schedule), r.Seed)
	var goodOnly []time.Duration
	for i, kind := range kinds {
		if kind == 0 {
			goodOnly = append(goodOnly, schedule[i])
		}
	}
	alone := traffic.OpenLoop{Schedule: goodOnly, Cap: maxOutstanding, Send: func(ctx context.Context, _ int) traffic.Sample { return client.Do(ctx, reference) }}.Run(ctx)
	if err := errors.Join(alone.Err, pooled.Settle(ctx, client)); err != nil {
		return err
	}
	// Each kind has its own tally; together they are one open loop.
	loads := make([]*traffic.Tally, 1+len(hostile))
	for i := range loads {
		loads[i] = traffic.NewTally()
	}
	begin := time.Now()
	all := traffic.OpenLoop{Schedule: schedule, Cap: maxOutstanding, Send: func(ctx context.Context, i int) traffic.Sample {
		kind, request := kinds[i], reference
		if kind > 0 {
			request = hostile[kind-1]
		}
		late := time.Since(begin.Add(schedule[i]))
		loads[kind].Enter(maxOutstanding)
		sample := client.Do(ctx, request)
		loads[kind].Leave(sample, late+sample.Latency, late)
		return sample
	}}.Run(ctx)
	result.row("good requests, without others", alone)
	wrong := 0
	for kind, load := range loads {
		load.Seconds = all.Seconds
		name := "the same, among hostile ones"
		if kind > 0 {
			name = fmt.Sprintf("%s: %s", hostile[kind-1].Name, hostile[kind-1].About)
			for outcome, count := range load.Outcomes {
				if outcome != hostile[kind-1].Status {
					wrong += count
					result.note("%s: %d × %s instead of %s", hostile[kind-1].Name, count, outcome, hostile[kind-1].Status)
				}
			}
		} else if load.Err != nil {
			return load.Err
		}
		result.row(name, load)
	}
	result.value(wrongVerdicts, "", float64(wrong))
	for _, q := range []float64{0.5, 0.99} {
		result.ratio(fmt.Sprintf("p%.0f of good requests among hostile ones, of that without", 100*q),
			float64(loads[0].Latency.Quantile(q)), float64(alone.Latency.Quantile(q)))
	}
	return errors.Join(ctx.Err(), pooled.Settle(ctx, client))
}
