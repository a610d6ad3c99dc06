package bench

import (
	"context"
	"fmt"
	"time"
)

// series is one of several that are measured in turns, so that all meet the
// same moods of the machine.
type series struct {
	name  string
	count int // in each turn
	pause time.Duration
	send  func(ctx context.Context) Sample
	// before is called before each turn, if it is set.
	before func(ctx context.Context) error
	load   *Load
}

// inTurns measures each series, one turn after the other.
func inTurns(ctx context.Context, turns int, all []*series) error {
	for _, s := range all {
		s.load = newLoad()
	}
	for range turns {
		for _, s := range all {
			if s.before != nil {
				if err := s.before(ctx); err != nil {
					return err
				}
			}
			load, err := sequential(ctx, s.count, s.pause, s.send)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			s.load.merge(load)
		}
	}
	return nil
}

func overHTTP(client *Client, request Request) func(context.Context) Sample {
	return func(ctx context.Context) Sample { return client.Do(ctx, request) }
}

func directly(b baseline, request Request) func(context.Context) Sample {
	return func(ctx context.Context) Sample { return direct(ctx, b, request) }
}

const (
	medianOfResident  = "median of sequential requests, of (a)'s"
	medianOfNsjail    = "one nsjail a request, median, of hotcell's"
	hotcellSequential = "hotcell"
	forkSingle        = "fork server, single request over HTTP, median"
)

// measureSequential has two ways to ask (a): without a pause, which is the
// floor that the goal is about, and as hotcell is asked, with one: after 20 ms
// of idleness processors are slower.
func measureSequential(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.baselines(); err != nil {
		return err
	}
	hotcell := &series{name: hotcellSequential, count: 20, pause: pauseBetween, send: overHTTP(client, seed)}
	inARow := &series{name: "hotcell, four in a row without a pause", count: 4, send: overHTTP(client, seed), before: client.settle}
	floor := &series{name: "(a) resident process, on its pipe, without a pause", count: 40, send: directly(r.resident, seed)}
	paused := &series{name: "(a) on its pipe, with the same pause", count: 20, pause: pauseBetween, send: directly(r.resident, seed)}
	resident := &series{name: "(a) resident process, over HTTP", count: 20, pause: pauseBetween, send: overHTTP(r.residentHTTP, seed)}
	forked := &series{name: "(b) fork a request, on its socket", count: 20, pause: pauseBetween, send: directly(r.fork, seed)}
	forkedHTTP := &series{name: "(b) fork a request, over HTTP", count: 20, pause: pauseBetween, send: overHTTP(r.forkHTTP, seed)}
	jailed := &series{name: "(c) one nsjail a request, over HTTP", count: 2, send: overHTTP(r.jailHTTP, seed)}
	all := []*series{hotcell, inARow, floor, paused, resident, forked, forkedHTTP, jailed}
	if err := inTurns(ctx, scaled(r, 8), all); err != nil {
		return err
	}
	for _, s := range all {
		result.row(s.name, s.load)
	}
	median := func(s *series) float64 { return milliseconds(s.load.Latency.Quantile(0.5)) }
	result.ratio(medianOfResident, median(hotcell), median(floor))
	result.ratio("the same, both without a pause", median(inARow), median(floor))
	result.ratio("the same, both with the same pause", median(hotcell), median(paused))
	result.ratio("the same, both over HTTP and with the same pause", median(hotcell), median(resident))
	result.ratio(medianOfNsjail, median(jailed), median(hotcell))
	result.value(forkSingle, "ms", median(forkedHTTP))
	var spread []named
	for _, s := range []*series{hotcell, floor, paused, forkedHTTP, jailed} { // more would hide each other
		spread = append(spread, named{s.name, s.load.Latency})
	}
	result.charts = append(result.charts, histogramChart("sequential", "One request after the other", spread...))
	return nil
}

func measureScripts(ctx context.Context, r *run, result *Result) error {
	client, err := r.service(ctx)
	if err != nil {
		return err
	}
	if err := r.baselines(); err != nil {
		return err
	}
	for _, request := range requests {
		hotcell := &series{name: "hotcell", count: 5, pause: pauseBetween, send: overHTTP(client, request)}
		floor := &series{name: "(a)", count: 5, pause: pauseBetween, send: directly(r.resident, request)}
		if err := inTurns(ctx, scaled(r, 6), []*series{hotcell, floor}); err != nil {
			return fmt.Errorf("%s: %w", request.Name, err)
		}
		result.row(request.Name+": "+request.About, hotcell.load)
		result.row(request.Name+", (a) on its pipe", floor.load)
		result.ratio(request.Name+", median of (a)'s", float64(hotcell.load.Latency.Quantile(0.5)), float64(floor.load.Latency.Quantile(0.5)))
	}
	return nil
}
