package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	// workers is the number of outstanding requests: so many that the pool is empty and
	// cells are made as fast as possible.
	workers = 16
	runIn   = 300 * time.Millisecond // before it counts, so that the parked cells are used up

	throughputOfFork   = "saturated throughput, of fork per request"
	throughputOfNsjail = "saturated throughput, of nsjail per request"
	saturatedRate      = "saturated rate"
)

// saturate runs a closed loop, and counts after a warm-up.
func saturate(ctx context.Context, client *traffic.Client, request traffic.Request, workers int, long time.Duration) (*traffic.Tally, error) {
	send := overHTTP(client, request)
	traffic.ClosedLoop(ctx, workers, runIn, send)
	load := traffic.ClosedLoop(ctx, workers, long, send)
	if load.Err != nil {
		return load, load.Err
	}
	return load, ctx.Err()
}

func measureThroughput(ctx context.Context, r *run, result *Result) (err error) {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.startFronts(baseline.Fork, baseline.Nsjail); err != nil {
		return err
	}
	type contender struct {
		name    string
		client  *traffic.Client
		workers int
		pooled  bool
		turns   int
		load    *traffic.Tally
	}
	// More nsjails at a time would only share the processors, and need memory.
	all := []*contender{
		{name: "hotcell", client: client, workers: workers, pooled: true, turns: 3},
		{name: "fork per request", client: r.fronts[baseline.Fork], workers: workers, turns: 3},
		{name: "nsjail per request", client: r.fronts[baseline.Nsjail], workers: 2 * runtime.NumCPU(), turns: 3},
	}
	if r.URL == "" {
		service, err := r.start(ctx, func(cfg *config.Config) {
			cfg.Profile.SpawnMode, cfg.Profile.PoolSize, cfg.Profile.PoolMax = protocol.ModeExec, 1, 0
		})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, service.Close()) }()
		all = append(all, &contender{name: "hotcell, spawn mode exec", client: traffic.NewClient(service.URL(), ""), workers: 2 * runtime.NumCPU(), pooled: true, turns: 1})
	}
	for turn := range 3 {
		for _, c := range all {
			if turn >= c.turns { // spawn mode exec is slow to start and to settle, and no goal is about it
				continue
			}
			load, err := saturate(ctx, c.client, reference, c.workers, scaled(r, 2*time.Second))
			if err == nil && c.pooled {
				err = pooled.Settle(ctx, c.client) // so that the next one has the machine to itself
			}
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if c.load == nil {
				c.load = traffic.NewTally()
			}
			c.load.Merge(load)
		}
	}
	for _, c := range all {
		result.row(fmt.Sprintf("%s, %d outstanding", c.name, c.workers), c.load)
	}
	r.saturated = all[0].load.Rate()
	result.value(saturatedRate, "/s", r.saturated)
	result.value(saturatedRate+", fork per request", "/s", all[1].load.Rate())
	result.value(saturatedRate+", nsjail per request", "/s", all[2].load.Rate())
	if len(all) > 3 {
		result.value(saturatedRate+", spawn mode exec", "/s", all[3].load.Rate())
	}
	result.ratio(throughputOfFork, r.saturated, all[1].load.Rate())
	result.ratio(throughputOfNsjail, r.saturated, all[2].load.Rate())
	return nil
}
