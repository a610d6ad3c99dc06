package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/supervisor/config"
)

const p99OfRefill = "p99 while refill goes at full speed, of that without"

const (
	largePool     = 500
	besideRefill  = 40 // requests a second: few, so that they find a cell and do not compete
	refillTurns   = 4
	pollForRefill = 50 * time.Millisecond
)

// measureRefill starts services with a large pool and sends requests while the pool
// is filled for the first time: until it is half full, refill does not give way to
// requests. Then it sends the same requests when the pool is full.
func measureRefill(ctx context.Context, r *run, result *Result) error {
	during, without := traffic.NewTally(), traffic.NewTally()
	var made, seconds float64
	for turn := range scaled(r, refillTurns) {
		if err := r.refillOnce(ctx, r.Seed+uint64(turn), during, without, &made, &seconds); err != nil { // #nosec G115 -- a few
			return err
		}
	}
	result.row(fmt.Sprintf("while a pool of %d is filled to its half, %d/s", largePool, besideRefill), during)
	result.row("the same, when it is full", without)
	result.ratio(p99OfRefill, float64(during.Latency.Quantile(0.99)), float64(without.Latency.Quantile(0.99)))
	result.value("cells made beside the requests", "/s", made/seconds)
	return nil
}

func (r *run) refillOnce(ctx context.Context, seed uint64, during, without *traffic.Tally, made, seconds *float64) (err error) {
	service, err := r.start(ctx, func(cfg *config.Config) { cfg.Profile.PoolSize, cfg.Profile.PoolMax = largePool, 0 })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	client := traffic.NewClient(service.URL(), "")
	send := func(ctx context.Context, _ int) traffic.Sample { return client.Do(ctx, reference) }
	before, err := pooled.Scrape(ctx, client)
	if err != nil {
		return err
	}
	begin := time.Now()
	filling, filled := context.WithCancel(ctx)
	watched := make(chan error, 1)
	go func() {
		defer filled()
		for {
			state, err := pooled.Scrape(ctx, client)
			if err != nil || state.Ready >= largePool/2 {
				*made += state.Made - before.Made
				*seconds += time.Since(begin).Seconds()
				watched <- err
				return
			}
			if !traffic.Sleep(ctx, pollForRefill) {
				watched <- ctx.Err()
				return
			}
		}
	}()
	// Requests that are outstanding when the pool is half full still get their answer.
	untilFilled := func(_ context.Context, i int) traffic.Sample { return send(ctx, i) }
	load := traffic.OpenLoop{Schedule: traffic.Poisson(besideRefill, time.Minute, seed), Cap: maxOutstanding, Send: untilFilled}.Run(filling)
	took := time.Since(begin)
	if err := errors.Join(<-watched, load.Err); err != nil {
		return err
	}
	during.Merge(load)
	if err := pooled.Settle(ctx, client); err != nil {
		return err
	}
	load = traffic.OpenLoop{Schedule: traffic.Poisson(besideRefill, took, seed), Cap: maxOutstanding, Send: send}.Run(ctx)
	without.Merge(load)
	return load.Err
}
