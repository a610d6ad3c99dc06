package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

const (
	quietOfCrowd = "median of a quiet key beside a crowd, of the crowd's own"
	crowd        = 200 // requests that the greedy key has outstanding at all times
	fairRequests = 50
)

// measureFairness sends requests with two keys: first with the quiet one alone, then
// while the greedy one has many requests outstanding. The service runs as many
// scripts at a time as there are processors, so this measures the waiting line.
func measureFairness(ctx context.Context, r *run, result *Result) (err error) {
	dir, err := os.MkdirTemp("", "hotcell-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var secrets []string
	var file string
	for _, name := range []string{"quiet", "greedy"} {
		secret, entry, err := keys.NewEntry(name, string(keys.Execute))
		if err != nil {
			return err
		}
		secrets, file = append(secrets, secret), file+entry
	}
	keys := filepath.Join(dir, "keys.yaml")
	if err := os.WriteFile(keys, []byte(file), 0o600); err != nil {
		return err
	}
	service, err := r.start(ctx, func(cfg *config.Config) {
		cfg.Keys, cfg.MaxRunning, cfg.MaxWaiting, cfg.MaxWait, cfg.MaxExpectedWait = keys, runtime.NumCPU(), 4*crowd, time.Minute, time.Minute
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	quiet, greedy := traffic.NewClient(service.URL(), secrets[0]), traffic.NewClient(service.URL(), secrets[1])
	if _, err := quiet.Sequential(ctx, reference, warmUps, pauseBetween); err != nil {
		return err
	}
	count := scaled(r, fairRequests)
	alone, err := quiet.Sequential(ctx, reference, count, pauseBetween)
	if err != nil {
		return fmt.Errorf("the quiet key, alone: %w", err)
	}
	beside, others, err := besideCrowd(ctx, quiet, greedy, count)
	if err != nil {
		return err
	}
	result.row("a quiet key, alone", alone)
	result.row(fmt.Sprintf("the same, beside a key with %d requests", crowd), beside)
	result.row("those requests", others)
	result.value(quietOfCrowd, "%", 100*float64(beside.Latency.Quantile(0.5))/float64(max(1, others.Latency.Quantile(0.5))))
	return nil
}

func besideCrowd(ctx context.Context, quiet, greedy *traffic.Client, count int) (beside, others *traffic.Tally, err error) {
	crowded, disperse := context.WithCancel(ctx)
	done := make(chan *traffic.Tally)
	go func() {
		// Each request goes to its end; the loop ends with its context.
		done <- traffic.ClosedLoop(crowded, crowd, time.Hour, func(context.Context) traffic.Sample { return greedy.Do(ctx, reference) })
	}()
	traffic.Sleep(ctx, 500*time.Millisecond) // until the crowd is in line
	beside, err = quiet.Sequential(ctx, reference, count, pauseBetween)
	disperse()
	others = <-done
	if err != nil {
		err = fmt.Errorf("the quiet key, beside the crowd: %w", err)
	}
	return beside, others, errors.Join(err, others.Err)
}
