package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/hotcell/hotcell/bench"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor"
)

const benchHelp = `usage: hotcell bench [flags]

Measures the service on this machine and, beside it, the same script in one
nsjail a request, so that the figures can be quoted as a ratio. Then what one
key has of it beside another that keeps 200 requests in line.

  --url URL        a service that runs already; else one is started for the time
  --requests N     sequential requests to measure (300)
  --json FILE      write the raw figures and the goals there

and the settings of "hotcell serve --help". The exit status is 1 when a goal is
missed.
`

const (
	pauseBetween   = 20 * time.Millisecond // in which the pool fills again
	warmUpRequests = 20
	oneNsjailRuns  = 15
	parkedCells    = 100
	crowd          = 200 // requests that the greedy of two keys has at all times
	fairRequests   = 50
)

// measure runs the short benchmark.
func measure(args []string) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	given := settingFlags(flags)
	url := flags.String("url", "", "")
	requests := flags.Int("requests", 300, "")
	file := flags.String("json", "", "")
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, benchHelp) }); !ok {
		return status
	}
	cfg, err := supervisor.LoadConfig(given, os.Environ())
	if err != nil {
		complain(err)
		return exitUsage
	}
	stop, _ := signals()
	report, err := takeFigures(stop, cfg, *url, *requests)
	if err == nil {
		report.Judge()
		err = report.Print(os.Stdout)
	}
	if err == nil && *file != "" {
		err = report.WriteFile(*file)
	}
	switch {
	case err != nil:
		complain(err)
		return exitFailed
	case !report.Met():
		return exitScript
	}
	return exitOK
}

func takeFigures(ctx context.Context, cfg supervisor.Config, url string, requests int) (report *bench.Report, err error) {
	log := newLog(cfg.LogFormat, max(cfg.LogLevel, slog.LevelWarn))
	report = &bench.Report{Machine: bench.Machine(), Began: time.Now()}
	profile, err := cfg.Profile.Jail()
	if err != nil {
		return nil, err
	}
	if report.ParkedPSS, err = bench.ParkedPSS(ctx, nsjail.HostConfig{StateDir: cfg.StateDir, AllowMissing: cfg.AllowMissing, Log: log}, profile, parkedCells); err != nil {
		return nil, err
	}
	own := url == ""
	if own {
		cfg.Keys = "" // its requests have none
		cfg.Listen = "127.0.0.1:0"
		service, err := supervisor.Start(ctx, cfg, log)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, service.Close()) }()
		url = "http://" + service.Addr().String()
	}
	client, err := bench.NewClient(url)
	if err != nil {
		return nil, err
	}
	if _, err = client.Sequential(ctx, warmUpRequests, pauseBetween); err != nil {
		return nil, err
	}
	// In turns, so that both meet the same moods of the machine.
	for range oneNsjailRuns {
		once, err := bench.OneNsjailARequest(ctx, profile.Python, 1)
		if err != nil {
			return nil, err
		}
		report.OneNsjail = append(report.OneNsjail, once...)
		many, err := client.Sequential(ctx, max(1, requests/oneNsjailRuns), pauseBetween)
		if err != nil {
			return nil, err
		}
		report.Sequential = append(report.Sequential, many...)
	}
	if own {
		cfg.Keys = "" // its requests have none
		report.Fairness, err = takeFairness(ctx, cfg, log)
	}
	return report, err
}

// takeFairness measures two keys at a service of their own, which runs as many
// scripts at a time as there are processors: what is measured is the line.
func takeFairness(ctx context.Context, cfg supervisor.Config, log *slog.Logger) (fairness bench.Fairness, err error) {
	dir, err := os.MkdirTemp("", "hotcell-bench-")
	if err != nil {
		return fairness, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var secrets []string
	var file string
	for _, name := range []string{"quiet", "greedy"} {
		secret, entry, err := supervisor.NewKeyEntry(name, string(supervisor.RightExecute))
		if err != nil {
			return fairness, err
		}
		secrets, file = append(secrets, secret), file+entry
	}
	cfg.Keys, cfg.Listen, cfg.AdminListen = filepath.Join(dir, "keys.yaml"), "127.0.0.1:0", ""
	cfg.MaxRunning, cfg.MaxWaiting, cfg.MaxWait = runtime.NumCPU(), 4*crowd, time.Minute
	if err := os.WriteFile(cfg.Keys, []byte(file), 0o600); err != nil {
		return fairness, err
	}
	service, err := supervisor.Start(ctx, cfg, log)
	if err != nil {
		return fairness, err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	client, err := bench.NewClient("http://" + service.Addr().String())
	if err != nil {
		return fairness, err
	}
	if _, err := client.WithKey(secrets[0]).Sequential(ctx, warmUpRequests, pauseBetween); err != nil {
		return fairness, err
	}
	return bench.MeasureFairness(ctx, client.WithKey(secrets[0]), client.WithKey(secrets[1]), crowd, fairRequests)
}
