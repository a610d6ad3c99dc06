package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

const doctorHelp = `usage: hotcell doctor [flags]

Looks at everything that jails need of this machine, and tries every layer of
isolation in real cells of each profile.

  --json           print it as JSON, for machines

and the settings of "hotcell serve --help" that concern cells. The exit status is
1 when something is missing that allow_missing does not name.
`

// examine is the doctor's visit.
func examine(args []string) int {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	given := settingFlags(flags)
	asJSON := flags.Bool("json", false, "")
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, doctorHelp) }); !ok {
		return status
	}
	cfg, err := config.Load(given, os.Environ())
	var profiles []nsjail.Profile
	if err == nil {
		profiles, err = cfg.Jails()
	}
	if err != nil {
		complain(err)
		return exitUsage
	}
	stop, _ := signals()
	log := openQuietLog(cfg)
	checks := doctor.Examine(stop, cfg.Host(log.Logger), profiles...)
	log.close()
	if *asJSON {
		printJSON(checks)
	} else {
		printChecks(os.Stdout, checks, cfg.AllowMissing)
	}
	if len(notAllowed(checks, cfg.AllowMissing)) > 0 {
		return exitScript
	}
	return exitOK
}

// notAllowed are the checks that did not hold and should.
func notAllowed(checks []doctor.Check, allowed []string) []doctor.Check {
	return slices.DeleteFunc(doctor.Missing(checks), func(c doctor.Check) bool { return slices.Contains(allowed, c.Layer) })
}

// printChecks prints a table that a person can read.
func printChecks(w io.Writer, checks []doctor.Check, allowed []string) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
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
		fmt.Fprintf(table, "%s\t%s\t%s\n", mark, name, check.Found)
		if check.Remedy != "" {
			fmt.Fprintf(table, "\t\t→ %s\n", check.Remedy)
		}
	}
	_ = table.Flush() // a reader that is gone misses it
	if missing := len(notAllowed(checks, allowed)); missing > 0 {
		fmt.Fprintf(w, "\n%d of %d are missing: hotcell will not serve here.\n", missing, len(checks))
		return
	}
	if missing := len(doctor.Missing(checks)); missing > 0 {
		fmt.Fprintf(w, "\n%d of %d are missing, and are allowed to be: allow_missing names them\n", missing, len(checks))
		return
	}
	fmt.Fprintf(w, "\nall %d hold\n", len(checks))
}
