package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

const inBurst = 100

// measureBurst sends many requests at the same moment, when the pool is full.
func measureBurst(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.startFronts(baseline.Fork); err != nil {
		return err
	}
	hotcell, forked := traffic.NewTally(), traffic.NewTally()
	rounds := scaled(r, 3)
	for i := range rounds {
		if err := pooled.Settle(ctx, client); err != nil {
			return err
		}
		watched := func() []pooled.Level { return nil }
		if i == rounds-1 {
			watched = pooled.Watch(ctx, client, 20*time.Millisecond)
		}
		for _, one := range []struct {
			client *traffic.Client
			load   *traffic.Tally
		}{{client, hotcell}, {r.fronts[baseline.Fork], forked}} {
			load := traffic.OpenLoop{Schedule: make([]time.Duration, inBurst), Cap: inBurst, Send: func(ctx context.Context, _ int) traffic.Sample {
				return one.client.Do(ctx, reference)
			}}.Run(ctx)
			if load.Err != nil {
				return load.Err
			}
			one.load.Merge(load)
			if one.client == client {
				if err := pooled.Settle(ctx, client); err != nil { // so that the other one has the machine to itself
					return err
				}
				result.Levels = watched()
			}
		}
	}
	state, err := pooled.Scrape(ctx, client)
	if err != nil {
		return err
	}
	result.row(fmt.Sprintf("hotcell, %d at once on a pool of %.0f", inBurst, state.Target), hotcell)
	result.row(fmt.Sprintf("fork per request, %d at once", inBurst), forked)
	result.value("time to answer all, mean", "ms", 1000*hotcell.Seconds/float64(rounds))
	result.value("time to answer all, mean, fork per request", "ms", 1000*forked.Seconds/float64(rounds))
	return ctx.Err()
}
