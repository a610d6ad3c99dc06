package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/internal/columns"
	"github.com/hotcell/hotcell/internal/serverflags"
)

func doctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "try every layer of isolation on this machine",
		Long: `Examines everything that jails need of this machine, and tries every layer of
isolation in real cells of each profile.

It also takes those settings of hotcell serve that concern cells. The exit status
is 1 when something is missing that allow_missing does not name.`,
		Args: cli.Args(0, 0, "no arguments"),
	}
	given := serverflags.Add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the checks as JSON")
	cmd.RunE = func(*cobra.Command, []string) error {
		cfg, err := given.Load()
		if err != nil {
			return err
		}
		profiles, err := cfg.Jails()
		if err != nil {
			return cli.Exit(cli.ExitUsage, serverflags.Hint(err))
		}
		stop, _ := cli.Signals()
		log := cli.OpenQuietLog(cfg.LogLevel, cfg.LogFormat)
		checks := doctor.Examine(stop, cfg.Host(log.Logger), profiles...)
		log.Close()
		if asJSON {
			cli.PrintJSON(checks)
		} else {
			printChecks(os.Stdout, columns.Of(os.Stdout), checks, cfg.AllowMissing)
		}
		if len(doctor.Unallowed(checks, cfg.AllowMissing)) > 0 {
			return cli.Exit(cli.ExitNegative, nil)
		}
		return nil
	}
	return cmd
}

// printChecks prints the checks as a table for people.
func printChecks(w io.Writer, width int, checks []doctor.Check, allowed []string) {
	var table columns.Table
	several := slices.ContainsFunc(checks, func(c doctor.Check) bool { return c.Profile != "" && c.Profile != checks[len(checks)-1].Profile })
	for _, check := range checks {
		mark := "ok"
		switch {
		case !check.Held && slices.Contains(allowed, check.Layer):
			mark = "allowed"
		case check.Optional:
			mark = "none"
		case !check.Held:
			mark = "MISSING"
		case check.Warning:
			mark = "warning"
		}
		name := check.Layer
		if several && check.Profile != "" {
			name = check.Profile + " " + name
		}
		table.Rows = append(table.Rows, []string{mark, name, strings.ReplaceAll(check.Found, "\n", "; ")})
		if check.Remedy != "" {
			table.Rows = append(table.Rows, []string{"", "", "→ " + check.Remedy})
		}
	}
	_ = table.Write(w, width) // a reader that is gone misses it
	if missing := len(doctor.Unallowed(checks, allowed)); missing > 0 {
		fmt.Fprintf(w, "\n%d of %d are missing: hotcell does not serve here.\n", missing, len(checks))
		return
	}
	if missing := len(doctor.Missing(checks)); missing > 0 {
		fmt.Fprintf(w, "\n%d of %d are missing, and allow_missing allows it\n", missing, len(checks))
		return
	}
	fmt.Fprintf(w, "\nall %d hold\n", len(checks))
}
