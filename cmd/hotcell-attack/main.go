// Command hotcell-attack sends hostile scripts to a server and checks that it
// holds. It is a program of its own so that the scripts are not part of the one
// that starts as root; hotcell attack starts it.
package main

import (
	"errors"
	"fmt"
	neturl "net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hotcell/hotcell/attack"
	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/progress"
)

func main() { os.Exit(cli.Main(command())) }

func command() *cobra.Command {
	var cfg attack.Config
	var asJSON bool
	var keyFile, otherKeyFile string
	cmd := &cobra.Command{
		Use: "hotcell-attack [flags] URL",
		Long: `Sends hostile scripts to the server at URL, such as ` + client.DefaultURL + `. After
each of them it sends a plain script, which must still be answered. It prints
which attacks the server stood and to which it fell. The server may be any that
implements hotcell's API. It must be on loopback: forward a port to one that is
elsewhere.

The exit status is 1 when the server fell to an attack, 2 when it refuses the key,
and 125 when there is no server or it does not serve.`,
		Args: cli.Args(1, 1, "one URL"),
		RunE: func(_ *cobra.Command, args []string) error {
			cfg.URL = args[0]
			if parsed, err := neturl.Parse(cfg.URL); err != nil || parsed.Scheme != "http" || parsed.Host == "" {
				return cli.Usagef("invalid URL %q: use for example %s", cfg.URL, client.DefaultURL)
			}
			if cfg.Parallel < 1 {
				return cli.Usagef("--parallel %d: must be at least 1", cfg.Parallel)
			}
			if cfg.Slowness < 1 || cfg.Slowness > 100 {
				return cli.Usagef("--slowness %d: must be 1 to 100", cfg.Slowness)
			}
			var err error
			if cfg.Key, err = cli.Key(keyFile); err != nil {
				return err
			}
			if otherKeyFile != "" {
				if cfg.Other, err = cli.Key(otherKeyFile); err != nil {
					return err
				}
			}
			return run(cfg, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Only, "only", "", "run the groups and attacks of these `NAMES`, separated by commas: escape, escape/mount_tmpfs")
	cli.LateChoices(cmd, "only", attackNames)
	flags.StringVar(&cfg.Tag, "tag", "", "run the attacks with this `TAG`, or with !TAG those without it: cgroup (cgroups stop it, and nothing else does), machine (uses what a machine has only once), single (succeeds where all cells share one uid, as documented), keys (is one tenant's on another: needs two keys)")
	flags.IntVar(&cfg.Parallel, "parallel", 1, "run `N` attacks at a time")
	flags.IntVar(&cfg.Slowness, "slowness", 1, "multiply time limits and deadlines by `N`, for a server on a slow machine such as an emulated one")
	flags.BoolVar(&asJSON, "json", false, "print the outcomes as JSON")
	cli.KeyFlag(cmd, &keyFile, `the "execute" and "sessions" rights`)
	flags.StringVar(&otherKeyFile, "other-key-file", "", "for attacks on another tenant, that tenant's key is in `FILE`; without it, or without a key, they are left out")
	return cmd
}

// attackNames returns the groups, or, for a name with a slash, the attacks.
func attackNames(typed string) (names []string) {
	cases, _ := attack.Cases() // a test reads them all
	for _, c := range cases {
		group, _, _ := strings.Cut(c.Name, "/")
		if strings.Contains(typed, "/") {
			group = c.Name
		}
		if len(names) == 0 || names[len(names)-1] != group {
			names = append(names, group)
		}
	}
	return names
}

func run(cfg attack.Config, asJSON bool) error {
	var line *progress.Line // nil prints nothing
	if !asJSON {
		cfg.Log = os.Stdout
	}
	if asJSON || !term.IsTerminal(int(os.Stdout.Fd())) { // else the outcomes show it
		line = progress.New(os.Stderr)
		cfg.Progress = func(done, all int) { line.Update(fmt.Sprintf("%d of %d attacks", done, all)) }
	}
	stop, _ := cli.Signals()
	report, err := attack.Run(stop, cfg)
	var problem *client.Problem
	line.End()
	if asJSON {
		cli.PrintJSON(report)
	} else if len(report.Outcomes) > 0 {
		fmt.Println(report.Summary())
	}
	switch {
	case stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, nil)
	case errors.Is(err, attack.ErrConfig):
		return cli.Exit(cli.ExitUsage, err)
	case errors.As(err, &problem):
		return cli.Refused(problem, err)
	case err != nil:
		return err
	case report.Fell > 0:
		return cli.Exit(cli.ExitNegative, nil)
	}
	return nil
}
