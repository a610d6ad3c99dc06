package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/served"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Options say what to measure.
type Options struct {
	Config    config.Config
	Program   string        // hotcell, whose services are measured
	URL       string        // a service that runs already; empty: one is started
	Scenarios []string      // by name; none: the short ones
	Seed      uint64        // of schedules and mixes
	Scale     float64       // how long scenarios measure; 1: as make bench does
	Soak      time.Duration // of the scenario soak
	Before    string        // another hotcell program, for the scenarios cpu and overload; empty: none
	Vegeta    string        // that program; empty: from PATH
	Log       *slog.Logger
	Progress  io.Writer // a line for each scenario that begins
}

// run is one benchmark that runs: what scenarios share is made when the first of
// them needs it.
type run struct {
	Options
	profile nsjail.Profile
	closers []func() error

	serving   *served.Service // that is measured, unless it runs elsewhere
	client    *traffic.Client // of the service that is measured
	resident  baseline.Baseline
	fronts    map[string]*traffic.Client // of baselines over HTTP, by name
	saturated float64                    // requests a second; 0: not known yet
}

// Run measures, and compares with the goals. After an error the report has what
// was measured before it.
func Run(ctx context.Context, options Options) (report *Report, err error) {
	report = &Report{Machine: machine.Name(), Version: options.Config.Version, Began: time.Now(), Seed: options.Seed, Scale: options.Scale}
	chosen, err := choose(options.Scenarios, options.URL != "")
	if err != nil {
		return report, err
	}
	if options.Scale <= 0 || options.Scale > 100 || options.Soak < time.Second || options.Soak > 24*time.Hour {
		return report, fmt.Errorf("%w: scale %v must be above 0 and at most 100, and soak %v from 1s to 24h", ErrOptions, options.Scale, options.Soak)
	}
	if options.URL != "" {
		if _, err := client.New(options.URL, client.Options{}); err != nil {
			return report, fmt.Errorf("%w: %w", ErrOptions, err)
		}
	}
	profile, err := options.Config.Profile.Jail()
	if err != nil {
		return report, err
	}
	report.Facts = machine.Facts(baseline.InterpreterOf(profile))
	report.Processors, report.PoolSize, report.RefillParallel = runtime.NumCPU(), options.Config.Profile.PoolSize, options.Config.Profile.RefillParallel
	options.Config.Keys, options.Config.AdminListen = "", "" // its requests have no key
	var watch machine.Watch
	r := &run{Options: options, profile: profile, fronts: make(map[string]*traffic.Client)}
	defer func() { err = errors.Join(err, r.close()) }()
	defer func() {
		report.Took = time.Since(report.Began).Seconds()
		report.Others = watch.Others()
		report.judge()
	}()
	for _, s := range chosen {
		if err := watch.Look(ctx, pauseToLook); err != nil {
			return report, err
		}
		fmt.Fprintf(options.Progress, "%6.1fs  %s: %s\n", time.Since(report.Began).Seconds(), s.Name, s.About)
		result := &Result{Scenario: s.Name, About: s.About}
		if err := s.measure(ctx, r, result); err != nil {
			return report, fmt.Errorf("%s: %w", s.Name, err)
		}
		report.Results = append(report.Results, result)
	}
	return report, watch.Look(ctx, pauseToLook)
}

// pauseToLook is the pause before each scenario in which other programs show whether the
// machine is quiet.
const pauseToLook = 500 * time.Millisecond

func (r *run) close() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i]())
	}
	return errors.Join(errs...)
}

// scaled returns how often, or for how long, something is measured.
func scaled[N int | time.Duration](r *run, n N) N { return max(1, N(float64(n)*r.Scale)) }

// pauseBetween is the pause between sequential requests, in which the pool fills
// again.
const pauseBetween = 20 * time.Millisecond

// warmUps is the number of requests before the first that counts. They fill the
// caches of Go and of the kernel, and open the connection.
const warmUps = 20

// service returns the service that is measured, warmed up.
func (r *run) service(ctx context.Context) (*traffic.Client, error) {
	if r.client != nil {
		return r.client, nil
	}
	url := r.URL
	if url == "" {
		started, err := r.start(ctx, func(*config.Config) {})
		if err != nil {
			return nil, err
		}
		r.closers, r.serving, url = append(r.closers, started.Close), started, started.URL()
	}
	client := traffic.NewClient(url, "")
	if _, err := client.Sequential(ctx, reference, warmUps, pauseBetween); err != nil {
		return nil, err
	}
	r.client = client
	return client, nil
}

// start starts a service like the one that is measured, with the changes that
// change makes, and returns when it is ready.
func (r *run) start(ctx context.Context, change func(*config.Config)) (*served.Service, error) {
	cfg := r.Config
	change(&cfg)
	return served.Start(ctx, r.Program, cfg)
}

// pipe returns the resident process, without HTTP.
func (r *run) pipe() (baseline.Baseline, error) {
	if r.resident != nil {
		return r.resident, nil
	}
	started, err := baseline.StartResident(baseline.InterpreterOf(r.profile), reference.Body)
	if err != nil {
		return nil, err
	}
	r.closers, r.resident = append(r.closers, started.Close), started
	return started, nil
}

// startFronts adds baselines to r.fronts, with the environment that cells have.
func (r *run) startFronts(names ...string) error {
	for _, name := range names {
		if r.fronts[name] == nil {
			started, err := baseline.StartFront(name, baseline.InterpreterOf(r.profile), reference.Body)
			if err != nil {
				return err
			}
			r.closers, r.fronts[name] = append(r.closers, started.Close), traffic.NewClient(started.URL, "")
		}
	}
	return nil
}

// saturation returns how many reference requests a second the service answers when
// it always has requests waiting.
func (r *run) saturation(ctx context.Context) (float64, error) {
	if r.saturated > 0 {
		return r.saturated, nil
	}
	client, err := r.service(ctx)
	if err != nil {
		return 0, err
	}
	load, err := saturate(ctx, client, reference, workers, scaled(r, 3*time.Second))
	r.saturated = load.Rate()
	return r.saturated, err
}
