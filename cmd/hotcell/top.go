package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/columns"
	"github.com/hotcell/hotcell/top"
)

const shortestInterval = 100 * time.Millisecond

func topCommand() *cobra.Command {
	var interval time.Duration
	var once, asJSON bool
	var keyFile string
	cmd := &cobra.Command{
		Use:   "top [flags] [URL]",
		Short: "show what a server does, live",
		Long: `Shows what the server at URL does: pools, requests by verdict, refusals,
latency by step, the waiting line, zygotes, and missing layers of isolation. All
of it comes from GET /metrics: if the server has an admin_listen address, URL must
be that one. Press q or Ctrl-C to leave, p to pause.

` + cli.URLHelp + `

The environment variable NO_COLOR turns colours off. With --once or --json the
exit status is 125 when the server does not answer, and 2 when it refuses the key.`,
		Args: cli.Args(0, 1, "one URL"),
		RunE: func(_ *cobra.Command, args []string) error {
			if interval < shortestInterval {
				return cli.Usagef("--interval %v: must be at least %v", interval, shortestInterval)
			}
			key, err := cli.Key(keyFile)
			if err != nil {
				return err
			}
			source, err := top.NewSource(cli.OptionalURL(args), key)
			if err != nil {
				return cli.Usagef("%w", err)
			}
			stop, _ := cli.Signals()
			if once || asJSON || !term.IsTerminal(int(os.Stdout.Fd())) || !term.IsTerminal(int(os.Stdin.Fd())) {
				return showOnce(stop, source, asJSON)
			}
			err = top.Live(stop, source, interval, os.Getenv("NO_COLOR") == "")
			if errors.Is(err, context.Canceled) {
				return cli.Exit(cli.ExitInterrupted, nil)
			}
			return err
		},
	}
	cmd.Flags().DurationVar(&interval, "interval", 2*time.Second, "the `TIME` between two looks")
	cmd.Flags().BoolVar(&once, "once", false, "print one look as plain text, as if the output were no terminal; rates are since the server's start")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one look as JSON")
	cli.KeyFlag(cmd, &keyFile, `the "admin" right`)
	return cmd
}

func showOnce(stop context.Context, source *top.Source, asJSON bool) error {
	view, err := top.Once(stop, source)
	var problem *client.Problem
	switch {
	case stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, nil)
	case errors.As(err, &problem):
		return cli.Refused(problem, err)
	case err != nil:
		return err
	case asJSON:
		cli.PrintJSON(view)
	default:
		fmt.Println(top.Render(view, top.Look{Width: columns.Of(os.Stdout)}))
	}
	return nil
}
