package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hotcell/hotcell/bench/served"
	"github.com/hotcell/hotcell/bench/traffic"
)

const (
	saturatedAt   = "saturated rate beside %g times it"
	goodputAt     = "goodput at %g times the saturated rate, of that rate"
	goodputAt5    = "goodput at 5 times the saturated rate, of that rate"
	goodputAt20   = "goodput at 20 times the saturated rate, of that rate"
	refusalsAt20  = "p99 of refusals at 20 times the saturated rate"
	rightAfterOne = "right answers from a second after an overload on"

	patience       = 2 * time.Second // after which clients hang up
	overloadWorker = 32              // outstanding requests, to find the saturated rate
	before         = ", before"      // marks the results of the other program
)

var overloads = []float64{0.5, 1, 2, 5, 10, 20}

// contender is a service that is overloaded.
type contender struct {
	name      string
	clients   *traffic.Impatient
	saturated float64 // requests a second, as last measured
}

// measureOverload sends more than can be answered, from clients that hang up, and
// counts what they get. With
// Options.Before another program is measured too, in turns.
func measureOverload(ctx context.Context, r *run, result *Result) (err error) {
	programs := []string{r.Program}
	if r.Before != "" {
		programs = append(programs, r.Before)
	}
	var all []*contender
	for i, program := range programs {
		service, err := served.Start(ctx, program, r.Config)
		if err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
		defer func() { err = errors.Join(err, service.Close()) }()
		c := &contender{name: [...]string{"", before}[i], clients: traffic.NewImpatient(service.Address, reference, patience)}
		defer c.clients.Close()
		all = append(all, c)
	}
	for _, c := range all {
		if err := c.saturate(ctx, scaled(r, 3*time.Second)); err != nil { // warms up
			return err
		}
	}
	for i, times := range overloads {
		for _, c := range all {
			if err := c.overload(ctx, r, result, i, times); err != nil {
				return err
			}
		}
	}
	for _, c := range all {
		if err := c.passes(ctx, r, result); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// overload sends a multiple of what the service can answer.
func (c *contender) overload(ctx context.Context, r *run, result *Result, i int, times float64) error {
	if err := c.saturate(ctx, scaled(r, saturation)); err != nil {
		return err
	}
	first := c.saturated
	refusals := traffic.NewHistogram()
	var mu sync.Mutex
	rate, long := times*c.saturated, scaled(r, 8*time.Second)
	// Answers after the last request was sent do not count: the overload is over.
	answered, begin := 0, time.Now()
	load := traffic.OpenLoop{
		Schedule: traffic.Poisson(rate, long, r.Seed+uint64(i)), // #nosec G115 -- a few
		Cap:      1 << 20,
		Send: func(ctx context.Context, _ int) traffic.Sample {
			sample := c.clients.Do(ctx)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case sample.Outcome == "refused":
				refusals.Record(sample.Latency)
			case sample.Right && time.Since(begin) <= long:
				answered++
			}
			return sample
		},
	}.Run(ctx)
	if load.Err != nil {
		return load.Err
	}
	c.clients.Close()            // nothing is carried over to the next
	traffic.Sleep(ctx, patience) // the line empties
	if err := c.saturate(ctx, scaled(r, saturation)); err != nil {
		return err
	}
	// A shared machine is not equally fast before and after.
	saturated := (first + c.saturated) / 2
	goodput := float64(answered) / long.Seconds()
	result.Rows = append(result.Rows, Row{Name: fmt.Sprintf("%g times the saturated rate%s", times, c.name), Rate: rate, Load: load})
	result.value(fmt.Sprintf(saturatedAt, times)+c.name, "/s", saturated)
	result.ratio(fmt.Sprintf(goodputAt, times)+c.name, goodput, saturated)
	if times == 20 {
		result.value(refusalsAt20+c.name, "ms", traffic.Milliseconds(refusals.Quantile(0.99)))
	}
	return nil
}

// saturation is for how long the saturated rate is measured before and after each
// overload.
const saturation = 2 * time.Second

// saturate measures the saturated rate with a closed loop.
func (c *contender) saturate(ctx context.Context, long time.Duration) error {
	traffic.ClosedLoop(ctx, overloadWorker, runIn, c.clients.Do)
	load := traffic.ClosedLoop(ctx, overloadWorker, long, c.clients.Do)
	if load.Err != nil || load.Rate() == 0 {
		return fmt.Errorf("saturated%s: %v: %w", c.name, load.Outcomes, load.Err)
	}
	c.saturated = load.Rate()
	return ctx.Err()
}

// An overload that passes: the usual load, five times what can be answered, and the
// usual load again.
const (
	usualLoad     = 0.5
	passingLoad   = 5
	usualBefore   = 2 * time.Second
	overloadLasts = 6 * time.Second
	usualAfter    = 4 * time.Second
)

func (c *contender) passes(ctx context.Context, r *run, result *Result) error {
	if err := c.saturate(ctx, scaled(r, saturation)); err != nil {
		return err
	}
	var schedule []time.Duration
	end := time.Duration(0)
	for i, part := range []struct {
		times float64
		long  time.Duration
	}{{usualLoad, usualBefore}, {passingLoad, overloadLasts}, {usualLoad, usualAfter}} {
		for _, at := range traffic.Poisson(part.times*c.saturated, part.long, r.Seed+uint64(100+i)) { // #nosec G115 -- a few
			schedule = append(schedule, end+at)
		}
		end += part.long
	}
	right := make([]bool, len(schedule))
	load := traffic.OpenLoop{Schedule: schedule, Cap: 1 << 20, Send: func(ctx context.Context, i int) traffic.Sample {
		sample := c.clients.Do(ctx)
		right[i] = sample.Right
		return sample
	}}.Run(ctx)
	if load.Err != nil {
		return load.Err
	}
	const bin = 250 * time.Millisecond
	counts := make([]float64, end/bin)
	after, afterRight := 0, 0
	for i, at := range schedule {
		if right[i] {
			counts[at/bin]++
		}
		if at > usualBefore+overloadLasts+time.Second {
			after++
			if right[i] {
				afterRight++
			}
		}
	}
	over := Curve{Name: "an overload that passes" + c.name}
	for i, count := range counts {
		over.X = append(over.X, (time.Duration(i) * bin).Seconds())
		over.Y = append(over.Y, 100*count/bin.Seconds()/c.saturated)
	}
	result.Curves = append(result.Curves, over)
	result.row("an overload that passes"+c.name, load)
	result.value(rightAfterOne+c.name, "%", 100*float64(afterRight)/float64(max(1, after)))
	return nil
}
