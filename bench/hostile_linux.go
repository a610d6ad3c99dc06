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
	wrongVerdicts   = "hostile requests without the verdict they must have"
	p99AmongHostile = "p99 of good requests among hostile ones, of that without"
	hostileShare    = 0.05 // of each kind
	mixRate         = 40   // requests a second: what two cores can do with this mix
	hostileTurns    = 2
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

// measureHostile sends the same good requests at the same times without and among
// hostile ones, in turns.
func measureHostile(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	alone := traffic.NewTally()
	loads := make([]*traffic.Tally, 1+len(hostile)) // of good requests among hostile ones, and of each kind of these
	for i := range loads {
		loads[i] = traffic.NewTally()
	}
	for turn := range uint64(hostileTurns) {
		schedule := traffic.Poisson(mixRate, scaled(r, 7*time.Second), r.Seed+turn)
		kinds := mix(len(schedule), r.Seed+turn)
		var goodOnly []time.Duration
		for i, kind := range kinds {
			if kind == 0 {
				goodOnly = append(goodOnly, schedule[i])
			}
		}
		load := traffic.OpenLoop{Schedule: goodOnly, Cap: maxOutstanding, Send: func(ctx context.Context, _ int) traffic.Sample { return client.Do(ctx, reference) }}.Run(ctx)
		alone.Merge(load)
		if err := errors.Join(alone.Err, pooled.Settle(ctx, client)); err != nil {
			return err
		}
		sendMix(ctx, client, schedule, kinds, loads)
		if err := errors.Join(loads[0].Err, ctx.Err(), pooled.Settle(ctx, client)); err != nil {
			return err
		}
	}
	result.row("good requests, without others", alone)
	result.row("the same, among hostile ones", loads[0])
	wrong := 0
	for i, request := range hostile {
		load := loads[1+i]
		result.row(fmt.Sprintf("%s: %s", request.Name, request.About), load)
		for outcome, count := range load.Outcomes {
			if outcome != request.Status {
				wrong += count
				result.note("%s: %d × %s instead of %s", request.Name, count, outcome, request.Status)
			}
		}
	}
	result.value(wrongVerdicts, "", float64(wrong))
	of := func(q float64) (among, without float64) {
		return float64(loads[0].Latency.Quantile(q)), float64(alone.Latency.Quantile(q))
	}
	among, without := of(0.5)
	result.ratio("p50 of good requests among hostile ones, of that without", among, without)
	among, without = of(0.99)
	result.ratio(p99AmongHostile, among, without)
	return nil
}

// sendMix sends requests of all kinds on one schedule. Each kind has its own tally.
func sendMix(ctx context.Context, client *traffic.Client, schedule []time.Duration, kinds []int, loads []*traffic.Tally) {
	all := traffic.OpenLoop{Schedule: schedule, Cap: maxOutstanding, Kind: func(i int) *traffic.Tally { return loads[kinds[i]] }, Send: func(ctx context.Context, i int) traffic.Sample {
		request := reference
		if kinds[i] > 0 {
			request = hostile[kinds[i]-1]
		}
		return client.Do(ctx, request)
	}}.Run(ctx)
	for _, load := range loads {
		load.Seconds += all.Seconds
	}
}
