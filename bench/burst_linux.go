package bench

import (
	"context"
	"fmt"
	"time"
)

const inBurst = 100

// measureBurst sends so many at the same moment, when the pool is full.
func measureBurst(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.baselines(); err != nil {
		return err
	}
	hotcell, forked := newLoad(), newLoad()
	rounds := scaled(r, 3)
	for i := range rounds {
		if err := client.settle(ctx); err != nil {
			return err
		}
		watched := func() []Level { return nil }
		if i == rounds-1 {
			watched = client.watchPool(ctx, 5*time.Millisecond)
		}
		for _, one := range []struct {
			client *Client
			load   *Load
		}{{client, hotcell}, {r.forkHTTP, forked}} {
			load := OpenLoop{Schedule: make([]time.Duration, inBurst), Cap: inBurst, Send: func(ctx context.Context, _ int) Sample {
				return one.client.Do(ctx, seed)
			}}.Run(ctx)
			if load.err != nil {
				return load.err
			}
			one.load.merge(load)
			if one.client == client {
				if err := client.settle(ctx); err != nil { // the other is to have the machine for itself
					return err
				}
				result.Levels = watched()
			}
		}
	}
	state, err := client.scrape(ctx)
	if err != nil {
		return err
	}
	result.row(fmt.Sprintf("hotcell, %d at once on a pool of %.0f", inBurst, state.Target), hotcell)
	result.row(fmt.Sprintf("(b) fork a request, %d at once", inBurst), forked)
	result.value("time to answer all, mean", "ms", 1000*hotcell.Seconds/float64(rounds))
	result.value("time to answer all, mean, (b)", "ms", 1000*forked.Seconds/float64(rounds))
	result.charts = append(result.charts, levelChart("burst", "The pool in a burst of 100, looked at by a client that shares the machine", result.Levels))
	return ctx.Err()
}
