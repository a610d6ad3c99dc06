package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/serverflags"
	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/preflight"
)

// init keeps main on the first thread, which alone has the parent-death signal that
// cli.ExecuteAgain must keep.
func init() { runtime.LockOSThread() }

func serveCommand() *cobra.Command {
	var check, printConfig bool
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "serve POST /execute over HTTP",
		Long: `Serves POST /execute and the rest of the API until SIGTERM or SIGINT. Running
scripts may then finish within drain_grace; a second signal ends them at once.
SIGHUP reads the keys file and log_level again, and logs which other settings
have changed and need a restart.

Every setting is a flag, an environment variable and a key of the YAML file, in
this order of precedence: --pool-size 4, HOTCELL_POOL_SIZE=4, pool_size: 4. In
the file, a dot in a setting's name is a level: limits.max.wall is wall, below
max, below limits. Only the file defines further profiles: profiles.NAME has
settings of cells and limits, and takes from the default profile those that it
does not have. Where traces go is set with OpenTelemetry's own variables, such as
OTEL_EXPORTER_OTLP_ENDPOINT: see docs/tracing.md.

--check and --print-config start nothing, so another server may be running.`,
		Args: cli.Args(0, 0, "no arguments"),
	}
	cmd.Flags().BoolVar(&check, "check", false, "check settings, keys file, addresses and Python environments, and exit: with 0 if nothing is wrong, else with 2")
	cmd.Flags().BoolVar(&printConfig, "print-config", false, "print the settings as a YAML file, with where each value comes from, and exit")
	given := serverflags.Add(cmd)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		cli.WriteHelp(cmd.OutOrStdout(), cmd)
		serverflags.Describe(cmd.OutOrStdout(), cmd)
	})
	cmd.RunE = func(*cobra.Command, []string) error {
		if !check && !printConfig { // before the file is read: that of a pipe can be read once
			if err := cli.ExecuteAgain(dropCapabilities); err != nil {
				return err
			}
		}
		cfg, err := given.Load()
		if err != nil {
			return err
		}
		if printConfig {
			fmt.Print(cfg.Print())
		}
		if check {
			for _, warning := range preflight.Warnings(cfg) {
				fmt.Fprintln(os.Stderr, "warning: "+warning)
			}
			if err := preflight.Check(cfg); err != nil {
				return cli.Exit(cli.ExitUsage, explain(err))
			}
			fmt.Fprintln(os.Stderr, "nothing is wrong with the settings; hotcell doctor tries the machine")
		}
		if printConfig || check {
			return nil
		}
		cfg.Version = cli.Version()
		limitMemory(cfg)
		log := cli.OpenLog(cfg.LogLevel, cfg.LogFormat)
		defer log.Close()
		cfg.LogLost = log.Lost
		return log.Complain(serve(cfg, log, given))
	}
	return cmd
}

// serve runs the service until SIGTERM or SIGINT, drains it, and leaves nothing
// behind. A second signal ends the draining.
func serve(cfg config.Config, log *cli.Log, given serverflags.Given) error {
	cli.LeaveProcessors()
	stop, hurry := cli.Signals()
	reloading := make(chan os.Signal, 1)
	if cfg.Keys != "" || !term.IsTerminal(int(os.Stdin.Fd())) { // else a server ends with its terminal
		signal.Notify(reloading, syscall.SIGHUP)
	}
	service, err := supervisor.Start(stop, cfg, log.Logger)
	switch {
	case err != nil && stop.Err() != nil: // told to stop before it was warm
		return nil
	case err != nil && preflight.Check(cfg) != nil: // the settings are wrong, and not the machine
		return cli.Exit(cli.ExitUsage, explain(err))
	case err != nil:
		return explain(err)
	}
	go func() {
		for range reloading {
			reload(service, &cfg, log, given)
		}
	}()
	err = service.Run(stop)
	service.Drain(hurry)
	if closing := service.Close(); err == nil {
		err = closing
	}
	return err
}

// reload reads the keys file and the settings again. Only the level of the log can
// change while the service runs; the log names the others.
func reload(service *supervisor.Service, cfg *config.Config, log *cli.Log, given serverflags.Given) {
	read := "SIGHUP: the keys file and log_level were read again"
	if !service.ReloadKeys() {
		read = "SIGHUP: log_level was read again, and the keys are those from before"
	}
	now, err := given.Load()
	if err != nil {
		log.Error("SIGHUP: the settings are invalid: the service keeps those that it has", "error", err)
		return
	}
	log.SetLevel(now.LogLevel)
	changed := slices.DeleteFunc(now.Changed(cfg), func(key string) bool { return key == "log_level" })
	if len(changed) > 0 {
		log.Warn(read+"; these settings have changed, too, and need a restart", "settings", changed)
		return
	}
	log.Info(read + "; no other setting has changed")
}

// explain adds to what keeps a service from starting what the user can do about it.
func explain(err error) error {
	switch {
	case errors.Is(err, config.ErrOpen):
		return cli.Hint(err, "make a key with hotcell key new NAME >> keys.yaml, and serve with --keys keys.yaml; or add --open-to-all yes if everybody who can reach the server may run scripts")
	case errors.Is(err, keys.ErrFile):
		return cli.Hint(err, cli.Page("keys")+" describes the file; hotcell key new makes an entry")
	case errors.Is(err, config.ErrDescriptors):
		return err
	default:
		return serverflags.Hint(err)
	}
}

// limitMemory keeps the garbage collector's heap within the configured memory.
func limitMemory(cfg config.Config) {
	memory, err := cfg.Memory()
	if err != nil {
		return // Load would have refused it
	}
	cli.CollectSeldom(memory.CollectorLimit())
}
