package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/hotcell/hotcell/bench/pooled"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/client"
)

const (
	batchOfSaturated = "runs of a batch a second, of the saturated rate"
	p99BesideBatch   = "p99 beside a batch, of that without"

	smallProgram = "print(int(input()) * 2)"
	batchCases   = 2000
	batchTurns   = 3
	besideBatch  = 20 // requests a second: few, so that they do not slow each other down
	casesAhead   = 256
)

// small is one run of the batch as a request of its own.
var small = traffic.NewRequest("program", "a small program", traffic.OK, "null", client.Request{Script: smallProgram, Mode: "program", Stdin: "21"})

// measureBatch compares a batch with the same programs in requests of their own, in turns;
// and requests of an interactive client beside a batch with those that come alone.
func measureBatch(ctx context.Context, r *run, result *Result) error {
	service, err := r.service(ctx)
	if err != nil {
		return err
	}
	asker, err := client.New(service.URL(), client.Options{})
	if err != nil {
		return err
	}
	single, alone, beside := traffic.NewTally(), traffic.NewTally(), traffic.NewTally()
	var runs int
	var seconds float64
	for turn := range batchTurns {
		load, err := saturate(ctx, service, small, workers, scaled(r, 3*time.Second))
		if err != nil {
			return err
		}
		single.Merge(load)
		if err := pooled.Settle(ctx, service); err != nil {
			return err
		}
		begun, count := time.Now(), scaled(r, batchCases)
		if err := runBatch(ctx, asker, count); err != nil {
			return err
		}
		runs, seconds = runs+count, seconds+time.Since(begun).Seconds()
		if err := pooled.Settle(ctx, service); err != nil {
			return err
		}
		schedule := traffic.Poisson(besideBatch, scaled(r, 6*time.Second), r.Seed+uint64(turn)) // #nosec G115 -- a few
		loop := traffic.OpenLoop{Schedule: schedule, Cap: maxOutstanding, Send: func(ctx context.Context, _ int) traffic.Sample { return service.Do(ctx, reference) }}
		alone.Merge(loop.Run(ctx))
		load, err = loopBesideBatch(ctx, asker, loop)
		if err != nil {
			return err
		}
		beside.Merge(load)
		if err := pooled.Settle(ctx, service); err != nil {
			return err
		}
	}
	rate := float64(runs) / seconds
	result.row(fmt.Sprintf("small programs, %d outstanding", workers), single)
	result.row(fmt.Sprintf("%d/s, alone", besideBatch), alone)
	result.row("the same, beside a batch of small programs", beside)
	result.value("runs of a batch", "/s", rate)
	result.ratio(batchOfSaturated, rate, single.Rate())
	result.ratio("median beside a batch, of that without", float64(beside.Latency.Quantile(0.5)), float64(alone.Latency.Quantile(0.5)))
	result.ratio(p99BesideBatch, float64(beside.Latency.Quantile(0.99)), float64(alone.Latency.Quantile(0.99)))
	return beside.Err
}

// loopBesideBatch runs a loop while a batch runs, which is cut off with its end: many of
// its cases are in the buffers of the connection.
func loopBesideBatch(ctx context.Context, asker *client.Client, loop traffic.OpenLoop) (*traffic.Tally, error) {
	going, end := context.WithCancel(ctx)
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- runBatch(going, asker, math.MaxInt) }()
	traffic.Sleep(ctx, runIn) // until the batch is under way
	load := loop.Run(ctx)
	select {
	case err := <-ended:
		return load, fmt.Errorf("the batch ended too soon: %w", err)
	default:
	}
	end()
	<-ended
	return load, nil
}

// runBatch runs small programs. A verdict other than accepted is an error. At most casesAhead
// cases are sent that have not run: the buffers of a connection hold some hundred thousand of
// them, and to fill these takes both processors, which the service shares, for half a second.
func runBatch(ctx context.Context, asker *client.Client, count int) error {
	expected, ahead := "42", make(chan struct{}, casesAhead)
	batch, err := asker.Batch(ctx, client.BatchRequest{Script: smallProgram, Mode: "program"}, func(yield func(client.BatchCase) bool) {
		for n := 0; n < count && yield(client.BatchCase{Stdin: "21", ExpectedStdout: &expected}); n++ {
			select {
			case ahead <- struct{}{}:
			case <-ctx.Done():
				return
			}
		}
	})
	if err != nil {
		return err
	}
	for run := range batch.Runs() {
		<-ahead
		if run.Verdict != "accepted" {
			return fmt.Errorf("case %d of the batch: %s", run.Case, run.Verdict)
		}
	}
	summary, err := batch.Summary()
	if err == nil && summary.Problem != nil {
		err = summary.Problem
	}
	return err
}
