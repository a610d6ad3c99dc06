package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	// workers keep this many requests outstanding: twice the default pool, so
	// that it is used up and cells are made as fast as they can be.
	workers = 16
	runIn   = 300 * time.Millisecond // before it counts: what was parked is gone

	throughputOfFork   = "saturated throughput, of (b)'s"
	throughputOfNsjail = "saturated throughput, of (c)'s"
	saturatedRate      = "saturated rate"
)

// saturate is a closed loop that has run in before it counts.
func saturate(ctx context.Context, client *Client, workers int, long time.Duration) (*Load, error) {
	send := overHTTP(client, seed)
	ClosedLoop(ctx, workers, runIn, send)
	load := ClosedLoop(ctx, workers, long, send)
	if load.err != nil {
		return load, load.err
	}
	return load, ctx.Err()
}

func measureThroughput(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.baselines(); err != nil {
		return err
	}
	type contender struct {
		name    string
		client  *Client
		workers int
		pooled  bool
		turns   int
		load    *Load
	}
	// More nsjails at a time than processors only share them, and the memory too.
	all := []*contender{
		{name: "hotcell", client: client, workers: workers, pooled: true, turns: 3},
		{name: "(b) fork a request", client: r.forkHTTP, workers: workers, turns: 3},
		{name: "(c) one nsjail a request", client: r.jailHTTP, workers: 2 * runtime.NumCPU(), turns: 3},
	}
	if r.URL == "" {
		url, stop, err := r.start(ctx, func(cfg *config.Config) {
			cfg.Profile.SpawnMode, cfg.Profile.PoolSize, cfg.Profile.PoolMax = protocol.ModeExec, 1, 0
		})
		if err != nil {
			return err
		}
		defer stop()
		all = append(all, &contender{name: "(d) hotcell in spawn mode exec", client: NewClient(url), workers: 2 * runtime.NumCPU(), pooled: true, turns: 1})
	}
	for turn := range 3 {
		for _, c := range all {
			if turn >= c.turns { // (d) is slow to start and to settle, and no goal's
				continue
			}
			load, err := saturate(ctx, c.client, c.workers, scaled(r, 2*time.Second))
			if err == nil && c.pooled {
				err = c.client.settle(ctx) // so that the next has the machine for itself
			}
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if c.load == nil {
				c.load = newLoad()
			}
			c.load.merge(load)
		}
	}
	for _, c := range all {
		result.row(fmt.Sprintf("%s, %d outstanding", c.name, c.workers), c.load)
	}
	r.saturated = all[0].load.Rate()
	result.value(saturatedRate, "/s", r.saturated)
	result.value(saturatedRate+", (b)", "/s", all[1].load.Rate())
	result.value(saturatedRate+", (c)", "/s", all[2].load.Rate())
	if len(all) > 3 {
		result.value(saturatedRate+", (d)", "/s", all[3].load.Rate())
	}
	result.ratio(throughputOfFork, r.saturated, all[1].load.Rate())
	result.ratio(throughputOfNsjail, r.saturated, all[2].load.Rate())
	return nil
}
