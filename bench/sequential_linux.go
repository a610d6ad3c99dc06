package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
)

// series is one of several that are measured in turns, so that the machine's state
// is the same for all.
type series struct {
	name  string
	count int // in each turn
	pause time.Duration
	send  func(ctx context.Context) traffic.Sample
	// before is called before each turn, if it is set.
	before func(ctx context.Context) error
	load   *traffic.Tally
}

// inTurns measures each series, one turn after the other.
func inTurns(ctx context.Context, turns int, all []*series) error {
	for _, s := range all {
		s.load = traffic.NewTally()
	}
	for range turns {
		for _, s := range all {
			if s.before != nil {
				if err := s.before(ctx); err != nil {
					return err
				}
			}
			load, err := traffic.Sequential(ctx, s.count, s.pause, s.send)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			s.load.Merge(load)
		}
	}
	return nil
}

func overHTTP(client *traffic.Client, request traffic.Request) func(context.Context) traffic.Sample {
	return func(ctx context.Context) traffic.Sample { return client.Do(ctx, request) }
}

func directly(b baseline.Baseline, request traffic.Request) func(context.Context) traffic.Sample {
	return func(ctx context.Context) traffic.Sample { return baseline.Ask(ctx, b, request) }
}

const (
	medianOfResident  = "median of sequential requests, of the resident process's, both over HTTP with the same pause"
	medianOfNsjail    = "median of nsjail per request, of hotcell's"
	hotcellSequential = "hotcell"
	forkSingle        = "fork per request, single request over HTTP, median"
)

// measureSequential asks the resident process in two ways: as it asks hotcell, over HTTP
// and with a pause, with which the goal compares, since processors that were idle for
// 20 ms are slower; and on its pipe without a pause, which is the lower bound.
func measureSequential(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	pipe, err := r.pipe()
	if err != nil {
		return err
	}
	if err := r.startFronts(baseline.Resident, baseline.Fork, baseline.Nsjail); err != nil {
		return err
	}
	hotcell := &series{name: hotcellSequential, count: 20, pause: pauseBetween, send: overHTTP(client, reference)}
	inARow := &series{name: "hotcell, four in a row without a pause", count: 4, send: overHTTP(client, reference), before: func(ctx context.Context) error { return pooled.Settle(ctx, client) }}
	floor := &series{name: "resident process, on its pipe, without a pause", count: 40, send: directly(pipe, reference)}
	resident := &series{name: "resident process, over HTTP", count: 20, pause: pauseBetween, send: overHTTP(r.fronts[baseline.Resident], reference)}
	forkedHTTP := &series{name: "fork per request, over HTTP", count: 20, pause: pauseBetween, send: overHTTP(r.fronts[baseline.Fork], reference)}
	jailed := &series{name: "nsjail per request, over HTTP", count: 2, send: overHTTP(r.fronts[baseline.Nsjail], reference)}
	all := []*series{hotcell, resident, inARow, floor, forkedHTTP, jailed}
	if err := inTurns(ctx, scaled(r, 8), all); err != nil {
		return err
	}
	for _, s := range all {
		result.row(s.name, s.load)
	}
	median := func(s *series) float64 { return traffic.Milliseconds(s.load.Latency.Quantile(0.5)) }
	result.ratio(medianOfResident, median(hotcell), median(resident))
	result.ratio("median of four in a row without a pause, of the resident process's on its pipe", median(inARow), median(floor))
	result.ratio(medianOfNsjail, median(jailed), median(hotcell))
	result.value(forkSingle, "ms", median(forkedHTTP))
	return nil
}

func measureScripts(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	pipe, err := r.pipe()
	if err != nil {
		return err
	}
	for _, request := range requests {
		hotcell := &series{name: "hotcell", count: 5, pause: pauseBetween, send: overHTTP(client, request)}
		floor := &series{name: "resident process", count: 5, pause: pauseBetween, send: directly(pipe, request)}
		if err := inTurns(ctx, scaled(r, 6), []*series{hotcell, floor}); err != nil {
			return fmt.Errorf("%s: %w", request.Name, err)
		}
		result.row(request.Name+": "+request.About, hotcell.load)
		result.row(request.Name+", resident process on its pipe", floor.load)
		result.ratio(request.Name+", median of the resident process's", float64(hotcell.load.Latency.Quantile(0.5)), float64(floor.load.Latency.Quantile(0.5)))
	}
	return nil
}
