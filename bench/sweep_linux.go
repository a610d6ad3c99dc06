package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

const (
	p99OfMedian    = "p99 at half of the saturated rate, of its median"
	missesAt       = "claims that found no cell at %.0f %%"
	makingAt       = "steps of making a cell at %.0f %%, mean"
	maxOutstanding = 512 // requests of an open loop, below the default max_running + max_waiting
)

// sweep has rates, as shares of the saturated rate.
var sweep = []float64{0.25, 0.5, 0.75, 0.9, 1, 1.2}

func measureOpenLoop(ctx context.Context, r *run, result *Result) error {
	saturated, err := r.saturation(ctx)
	if err != nil {
		return err
	}
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	stop := pooled.Watch(ctx, client, time.Second)
	var misses []float64
	for i, share := range sweep {
		long := scaled(r, 3*time.Second)
		if share <= 0.5 {
			long *= 2 // as many requests as at the higher rates, more or less
		}
		if err = pooled.Settle(ctx, client); err != nil {
			break
		}
		before, _ := pooled.Scrape(ctx, client)
		rate := share * saturated
		load := traffic.OpenLoop{
			Schedule: traffic.Poisson(rate, long, r.Seed+uint64(i)), Cap: maxOutstanding,
			Send: func(ctx context.Context, _ int) traffic.Sample { return client.Do(ctx, reference) },
		}.Run(ctx)
		after, _ := pooled.Scrape(ctx, client)
		if err = load.Err; err != nil || ctx.Err() != nil {
			break
		}
		misses = append(misses, pooled.MissShare(before, after))
		result.Rows = append(result.Rows, Row{Name: fmt.Sprintf("%.0f %% of the saturated rate, %.0f/s", 100*share, rate), Rate: rate, Load: load})
		result.value(fmt.Sprintf(missesAt, 100*share), "%", 100*misses[i])
		result.value(fmt.Sprintf(makingAt, 100*share), "ms", pooled.Making(before, after))
		if load.Capped > 0 {
			result.note("at %.0f/s the cap of %d outstanding requests was hit: %d were not sent, and what is measured there is not what all users would see",
				rate, maxOutstanding, load.Capped)
		}
		if share == 0.5 {
			result.ratio(p99OfMedian, float64(load.Latency.Quantile(0.99)), float64(load.Latency.Quantile(0.5)))
		}
	}
	result.Levels = stop()
	if err == nil {
		err = ctx.Err()
	}
	return err
}
