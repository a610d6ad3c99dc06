// Command hotcell-bench measures the service on this machine. It is a program of
// its own so that the load generators are not part of the one that starts as
// root; hotcell bench starts it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/bench"
	"github.com/hotcell/hotcell/bench/baseline"
	"github.com/hotcell/hotcell/bench/capacity"
	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/columns"
	"github.com/hotcell/hotcell/internal/serverflags"
)

func main() { os.Exit(cli.Main(command())) }

func command() *cobra.Command {
	cmd := &cobra.Command{
		Use: "hotcell-bench [flags]",
		Long: `Measures the service on this machine. In turns with it, it measures what people do
without such a service, so that the figures can be quoted as ratios: one warm
process that runs every script, one that forks for each request (both without a
jail), one nsjail for each request, and hotcell in spawn mode exec.

It also takes the settings of hotcell serve. The exit status is 1 when a goal is
missed. The scenarios:

` + scenarios(),
		Args: cli.Args(0, 0, "no arguments"),
	}
	options := bench.Options{Progress: os.Stderr}
	var file, dir, capacityOf string
	given, flags := serverflags.Add(cmd), cmd.Flags()
	flags.Func("scenario", "the `NAMES` of the scenarios to run, separated by commas, or \"all\"; without it those marked *, about five minutes", func(names string) error {
		options.Scenarios = append(options.Scenarios, strings.Split(names, ",")...)
		return nil
	})
	cli.LateChoices(cmd, "scenario", func(string) []string {
		names := []string{"all"}
		for _, scenario := range bench.Scenarios() {
			names = append(names, scenario.Name)
		}
		return names
	})
	flags.Float64Var(&options.Scale, "scale", 1, "multiply the time that each scenario measures by `N`")
	flags.Uint64Var(&options.Seed, "seed", 1, "the seed `N` of arrival times and mixes")
	flags.DurationVar(&options.Soak, "soak", 30*time.Second, "the `DURATION` of the scenario soak")
	flags.StringVar(&options.Before, "before", "", "the `PATH` of another hotcell program, with which the scenarios cpu and overload compare")
	flags.StringVar(&options.Vegeta, "vegeta", "", "the `PATH` of the program for the scenario vegeta (default vegeta)")
	flags.StringVar(&options.URL, "url", "", "the `URL` of a running service without keys; by default a service is started for the measurement")
	flags.StringVar(&file, "json", "", "write the raw figures and the goals to `FILE`")
	flags.StringVar(&dir, "out", "", "write results.json, results.md and the plots to `DIR`")
	flags.StringVar(&capacityOf, "capacity", "", "measure nothing: print what machines of several sizes hold, computed from a results.json in `FILE`")
	cmd.RunE = func(*cobra.Command, []string) error {
		if capacityOf != "" {
			input, err := bench.ReadCapacity(capacityOf)
			if err != nil {
				return err
			}
			return capacity.Page(os.Stdout, input)
		}
		cfg, err := given.Load()
		if err != nil {
			return err
		}
		cfg.Version = cli.Version()
		log := cli.OpenQuietLog(cfg.LogLevel, cfg.LogFormat)
		self, err := os.Executable()
		if err != nil {
			return err
		}
		options.Config, options.Log, options.Program = cfg, log.Logger, filepath.Join(filepath.Dir(self), "hotcell")
		stop, _ := cli.Signals()
		if options.URL != "" {
			if err := answers(stop, options.URL); err != nil {
				return err
			}
		}
		cli.CollectSeldom(heap)
		report, err := bench.Run(stop, options)
		log.Close()
		if errors.Is(err, bench.ErrOptions) {
			return cli.Usagef("%w", err)
		}
		err = errors.Join(err, report.Print(os.Stdout, columns.Of(os.Stdout)))
		if file != "" {
			err = errors.Join(err, report.WriteFile(file))
		}
		if dir != "" {
			err = errors.Join(err, report.WriteDir(dir))
		}
		switch {
		case err != nil:
			return serverflags.Hint(err)
		case !report.Met():
			return cli.Exit(cli.ExitNegative, nil)
		}
		return nil
	}
	cmd.AddCommand(frontCommand())
	return cmd
}

// heap is more than this program and the baselines' fronts ever have.
const heap = 1 << 30

// frontCommand is what bench/baseline executes. Its process is as that of hotcell serve.
func frontCommand() *cobra.Command {
	return &cobra.Command{
		Use: baseline.FrontCommand + " NAME ROOT PYTHON", Hidden: true, Args: cli.Args(3, 3, "NAME, ROOT and PYTHON"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := cli.ExecuteAgain(nil); err != nil {
				return err
			}
			cli.LeaveProcessors()
			cli.CollectSeldom(heap)
			return baseline.ServeFront(args[0], args[1], args[2], os.Stdin, os.Stdout)
		},
	}
}

// answers returns why a running service cannot be measured.
func answers(ctx context.Context, url string) error {
	server, err := client.New(url, client.Options{})
	if err != nil {
		return cli.Usagef("%w", err)
	}
	_, err = server.Info(ctx)
	if problem := new(client.Problem); errors.As(err, &problem) {
		if problem.Code == client.CodeUnauthorized {
			err = cli.Hint(err, "requests of the benchmark have no key: measure a service without keys")
		}
		return cli.Refused(problem, err)
	}
	return err
}

// scenarios lists them, those of the short benchmark with a star.
func scenarios() string {
	var list strings.Builder
	for _, scenario := range bench.Scenarios() {
		mark := " "
		if scenario.Short {
			mark = "*"
		}
		fmt.Fprintf(&list, "    %-12s %s %s\n", scenario.Name, mark, scenario.About)
	}
	return list.String()
}
