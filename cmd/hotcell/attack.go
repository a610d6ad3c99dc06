package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/hotcell/hotcell/attack"
)

const attackHelp = `usage: hotcell attack [flags] URL

Sends hostile scripts to the server at URL, such as http://127.0.0.1:8080, and
after each of them a plain one, which must still be answered. Prints what stood
and what fell. The server may be any that speaks hotcell's contract; it must be
on loopback, so forward a port to one that is elsewhere.

  --only NAME      a group of attacks, or one: escape, escape/mount_tmpfs
  --parallel N     attacks at a time (1)
  --json           print the outcomes as JSON, for machines

The exit status is 1 when an attack fell.
`

// attackServer runs the attacks.
func attackServer(args []string) int {
	flags := flag.NewFlagSet("attack", flag.ContinueOnError)
	only := flags.String("only", "", "")
	parallel := flags.Int("parallel", 1, "")
	asJSON := flags.Bool("json", false, "")
	url, args := leading(args)
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, attackHelp) }); !ok {
		return status
	}
	if url == "" && flags.NArg() == 1 {
		url = flags.Arg(0)
	} else if url == "" || flags.NArg() > 0 {
		complain(fmt.Errorf("%w: attack takes one URL", errUsage))
		return exitUsage
	}
	cfg := attack.Config{URL: url, Only: *only, Parallel: *parallel}
	if !*asJSON {
		cfg.Log = os.Stdout
	}
	stop, _ := signals()
	report, err := attack.Run(stop, cfg)
	if *asJSON {
		printJSON(report)
	} else if len(report.Outcomes) > 0 {
		fmt.Println(report.Summary())
	}
	switch {
	case stop.Err() != nil:
		return exitInterrupted
	case err != nil:
		complain(err)
		return exitFailed
	case report.Fell > 0:
		return exitScript
	}
	return exitOK
}

// leading takes an argument that stands before the flags, where package flag
// would stop reading them.
func leading(args []string) (first string, rest []string) {
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		return args[0], args[1:]
	}
	return "", args
}
