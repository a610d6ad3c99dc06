package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/serverflags"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "serve POST /execute over HTTP",
		Long: `Serves POST /execute until it is told to stop: after SIGTERM running scripts may
go on for drain_grace, after a second SIGTERM they are ended.

Every setting is a flag, an environment variable and a key of the YAML file, in
this order of precedence: --pool-size 4, HOTCELL_POOL_SIZE=4, pool_size: 4. In
the file a dot is a level: below limits stands max, below max stands wall. Only
the file has profiles: below profiles and a name stand settings of cells and
limits; a setting that is not there is as in the default profile. OpenTelemetry's
variables, such as OTEL_EXPORTER_OTLP_ENDPOINT, say where traces go: see
docs/tracing.md.`,
		Args: cli.Args(0, 0, "no arguments"),
	}
	given := serverflags.Add(cmd)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		cli.WriteHelp(cmd.OutOrStdout(), cmd)
		serverflags.Describe(cmd.OutOrStdout(), cmd)
	})
	cmd.RunE = func(*cobra.Command, []string) error {
		cfg, err := given.Load()
		if err != nil {
			return err
		}
		cfg.Version = cli.Version()
		limitMemory(cfg)
		log := cli.OpenLog(cfg.LogLevel, cfg.LogFormat)
		defer log.Close()
		cfg.LogLost = log.Lost
		return log.Complain(serve(cfg, log))
	}
	return cmd
}

// serve runs the service until SIGTERM or SIGINT, drains it, and leaves nothing
// behind. A second signal ends the draining, a third the process.
func serve(cfg config.Config, log *cli.Log) error {
	cli.LeaveProcessors()
	if err := dropCapabilities(); err != nil {
		return err
	}
	stop, hurry := cli.Signals()
	reloading := make(chan os.Signal, 1)
	if cfg.Keys != "" { // else SIGHUP has its default effect
		signal.Notify(reloading, syscall.SIGHUP)
	}
	service, err := supervisor.Start(stop, cfg, log.Logger)
	switch {
	case err != nil && stop.Err() != nil: // told to stop before it was warm
		return nil
	case errors.Is(err, supervisor.ErrOpen):
		return cli.Exit(cli.ExitUsage, cli.Hint(err, "make a key with hotcell key new NAME >> keys.yaml, and serve with --keys keys.yaml; or add --open-to-all yes if everybody who can reach the server may run scripts"))
	case errors.Is(err, keys.ErrFile):
		return cli.Exit(cli.ExitUsage, cli.Hint(err, "docs/keys.md describes the file; hotcell key new makes an entry"))
	case errors.Is(err, config.ErrDescriptors):
		return cli.Exit(cli.ExitUsage, err)
	case err != nil:
		return serverflags.Hint(err)
	}
	go func() {
		for range reloading {
			service.ReloadKeys()
		}
	}()
	err = service.Run(stop)
	service.Drain(hurry)
	if closing := service.Close(); err == nil {
		err = closing
	}
	return err
}

// limitMemory keeps the garbage collector's heap within the configured memory.
func limitMemory(cfg config.Config) {
	memory, err := cfg.Memory()
	if err != nil {
		return // Load would have refused it
	}
	cli.CollectSeldom(memory.CollectorLimit())
}
