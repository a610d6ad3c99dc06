package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hotcell/hotcell/bench"
	"github.com/hotcell/hotcell/bench/capacity"
	"github.com/hotcell/hotcell/supervisor/config"
)

const benchHelp = `usage: hotcell bench [flags]

Measures the service on this machine and, beside it and in turns, what people do
without one, so that the figures can be quoted as ratios: (a) one warm process
that runs everything, (b) one that forks for each request, both without a jail,
(c) one nsjail a request, (d) hotcell in spawn mode exec.

  --scenario A,B   which to run, or "all"; without it those marked *, about two minutes
  --scale N        how long each measures, of the usual (1)
  --seed N         of arrival times and mixes (1)
  --soak DURATION  of the scenario soak (30s)
  --before PATH    another hotcell program, which the scenario overload compares with
  --vegeta PATH    the program for the scenario vegeta (vegeta)
  --url URL        a service that runs already, which then has no key; else one is started for the time
  --json FILE      write the raw figures and the goals there
  --out DIR        write results.json, results.md and the plots there
  --capacity FILE  no measurement: what machines of several sizes hold, computed from a results.json

and the settings of "hotcell serve --help". The exit status is 1 when a goal is
missed. The scenarios:

`

func printBenchHelp(w io.Writer) {
	fmt.Fprint(w, benchHelp)
	for _, scenario := range bench.Scenarios() {
		mark := " "
		if scenario.Short {
			mark = "*"
		}
		fmt.Fprintf(w, "  %-12s %s %s\n", scenario.Name, mark, scenario.About)
	}
}

// measure runs the benchmark.
func measure(args []string) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	given := settingFlags(flags)
	options := bench.Options{Progress: os.Stderr}
	flags.StringVar(&options.URL, "url", "", "")
	flags.Func("scenario", "", func(names string) error {
		options.Scenarios = append(options.Scenarios, strings.Split(names, ",")...)
		return nil
	})
	flags.Float64Var(&options.Scale, "scale", 1, "")
	flags.Uint64Var(&options.Seed, "seed", 1, "")
	flags.DurationVar(&options.Soak, "soak", 30*time.Second, "")
	flags.StringVar(&options.Before, "before", "", "")
	flags.StringVar(&options.Vegeta, "vegeta", "", "")
	file, dir := flags.String("json", "", ""), flags.String("out", "", "")
	from := flags.String("capacity", "", "")
	if status, ok := parse(flags, args, printBenchHelp); !ok {
		return status
	}
	if *from != "" {
		return compute(*from)
	}
	cfg, err := config.Load(given, os.Environ())
	if err != nil {
		complain(err)
		return exitUsage
	}
	cfg.Version = ownVersion()
	log := openQuietLog(cfg)
	options.Config, options.Log = cfg, log.Logger
	stop, _ := signals()
	leaveProcessors()
	report, err := bench.Run(stop, options)
	log.close()
	if errors.Is(err, bench.ErrOptions) {
		complain(err)
		return exitUsage
	}
	err = errors.Join(err, report.Print(os.Stdout))
	if *file != "" {
		err = errors.Join(err, report.WriteFile(*file))
	}
	if *dir != "" {
		err = errors.Join(err, report.WriteDir(*dir))
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

// compute prints what follows from a measurement.
func compute(file string) int {
	input, err := bench.ReadCapacity(file)
	if err == nil {
		err = capacity.Page(os.Stdout, input)
	}
	if err != nil {
		complain(err)
		return exitFailed
	}
	return exitOK
}
