package main

import (
	"flag"
	"fmt"
	"io"
	neturl "net/url"
	"os"

	"golang.org/x/term"

	"github.com/hotcell/hotcell/attack"
	"github.com/hotcell/hotcell/progress"
)

const attackHelp = `usage: hotcell attack [flags] URL

Sends hostile scripts to the server at URL, such as http://127.0.0.1:8080, and
after each of them a plain one, which must still be answered. Prints what stood
and what fell. The server may be any that speaks hotcell's contract; it must be
on loopback, so forward a port to one that is elsewhere.

  --only NAME      a group of attacks, or one: escape, escape/mount_tmpfs
  --tag TAG        only attacks with this tag, or !TAG, without it: cgroup (cgroups
                   hold it: it falls where there are none), machine (reaches for
                   what the machine has once), single (falls where all cells share
                   one uid, as documented)
  --parallel N     attacks at a time (1)
  --slowness N     how many times slower than usual the server's machine is, as an
                   emulated one: limits of time and deadlines are as much longer (1)
  --json           print the outcomes as JSON, for machines
  --key-file FILE  send what the file holds as the key (Authorization: Bearer);
                   else HOTCELL_KEY from the environment. It needs the rights
                   execute and sessions

The exit status is 1 when an attack fell, and 125 when the server is not there, or
does not serve.
`

// attackServer runs the attacks.
func attackServer(args []string) int {
	flags := flag.NewFlagSet("attack", flag.ContinueOnError)
	only := flags.String("only", "", "")
	tag := flags.String("tag", "", "")
	parallel := flags.Int("parallel", 1, "")
	slowness := flags.Int("slowness", 1, "")
	asJSON := flags.Bool("json", false, "")
	keyFile := flags.String("key-file", "", "")
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
	if parsed, err := neturl.Parse(url); err != nil || parsed.Scheme != "http" || parsed.Host == "" {
		complain(fmt.Errorf("%w: %q is no URL of a server, such as %s", errUsage, url, defaultURL))
		return exitUsage
	}
	if *parallel < 1 {
		complain(fmt.Errorf("%w: --parallel %d: must be at least 1", errUsage, *parallel))
		return exitUsage
	}
	if *slowness < 1 || *slowness > 100 {
		complain(fmt.Errorf("%w: --slowness %d: must be 1 to 100", errUsage, *slowness))
		return exitUsage
	}
	key, err := clientKey(*keyFile)
	if err != nil {
		complain(err)
		return exitUsage
	}
	cfg := attack.Config{URL: url, Key: key, Only: *only, Tag: *tag, Parallel: *parallel, Slowness: *slowness}
	var line *progress.Line // of nobody
	if !*asJSON {
		cfg.Log = os.Stdout
	}
	if *asJSON || !term.IsTerminal(int(os.Stdout.Fd())) { // else what is printed is enough
		line = progress.New(os.Stderr)
		cfg.Progress = func(done, all int) { line.Update(fmt.Sprintf("%d of %d attacks", done, all)) }
	}
	stop, _ := signals()
	report, err := attack.Run(stop, cfg)
	line.End()
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
