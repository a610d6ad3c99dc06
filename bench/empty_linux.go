package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	emptyOfFork = "a request that finds the pool empty, of a single fork per request"
	makingStep  = "making a cell: %s, mean"
)

// measureEmpty measures a service without a pool: it makes each cell on demand.
func measureEmpty(ctx context.Context, r *run, result *Result) (err error) {
	if err := r.startFronts(baseline.Fork); err != nil {
		return err
	}
	service, err := r.start(ctx, func(cfg *config.Config) { cfg.Profile.PoolSize, cfg.Profile.PoolMax = 0, 0 })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	client := traffic.NewClient(service.URL(), "")
	if _, err := client.Sequential(ctx, reference, warmUps, pauseBetween); err != nil {
		return err
	}
	before, err := pooled.Scrape(ctx, client)
	if err != nil {
		return err
	}
	empty := &series{name: "hotcell, a cell made on demand", count: 20, pause: pauseBetween, send: overHTTP(client, reference)}
	forked := &series{name: "fork per request, over HTTP", count: 20, pause: pauseBetween, send: overHTTP(r.fronts[baseline.Fork], reference)}
	if err := inTurns(ctx, scaled(r, 5), []*series{empty, forked}); err != nil {
		return err
	}
	after, err := pooled.Scrape(ctx, client)
	if err != nil {
		return err
	}
	result.row(empty.name, empty.load)
	result.row(forked.name, forked.load)
	result.ratio(emptyOfFork, float64(empty.load.Latency.Quantile(0.5)), float64(forked.load.Latency.Quantile(0.5)))
	result.value("claims that found no cell", "%", 100*pooled.MissShare(before, after))
	for _, step := range []string{"fork", "cgroup", "isolate", "rehearse"} {
		if made := after.StartCount - before.StartCount; made > 0 {
			result.value(fmt.Sprintf(makingStep, step), "ms", 1000*(after.StartSeconds[step]-before.StartSeconds[step])/made)
		}
	}
	return nil
}
