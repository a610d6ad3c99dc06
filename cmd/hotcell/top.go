package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/hotcell/hotcell/top"
)

const topHelp = `usage: hotcell top [flags] [URL]

Shows what the server at URL (http://127.0.0.1:8080) does: pools, requests by
verdict, refusals, latency by step, the waiting line, zygotes, and layers of
isolation that are missing. It all comes from GET /metrics, so with
--admin-listen URL is that of the admin listener. q or Ctrl-C leaves, p pauses.

  --interval TIME   from one look to the next (2s)
  --once            print one look as plain text; so does output that is no
                    terminal. Its rates are since the server began
  --json            print one look as JSON
  --key-file FILE   send what the file holds as the key (Authorization: Bearer);
                    else HOTCELL_KEY from the environment. It needs the right admin

NO_COLOR turns colours off. The exit status is 125 when the one look failed.
`

const shortestInterval = 100 * time.Millisecond

// showTop is the client of GET /metrics.
func showTop(args []string) int {
	flags := flag.NewFlagSet("top", flag.ContinueOnError)
	interval := flags.Duration("interval", 2*time.Second, "")
	once := flags.Bool("once", false, "")
	asJSON := flags.Bool("json", false, "")
	keyFile := flags.String("key-file", "", "")
	url, args := leading(args)
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, topHelp) }); !ok {
		return status
	}
	switch {
	case url == "" && flags.NArg() <= 1:
		url = flags.Arg(0)
	case flags.NArg() > 0:
		complain(fmt.Errorf("%w: top takes one URL", errUsage))
		return exitUsage
	}
	if *interval < shortestInterval {
		complain(fmt.Errorf("%w: --interval %v: must be at least %v", errUsage, *interval, shortestInterval))
		return exitUsage
	}
	if url == "" {
		url = defaultURL
	}
	key, err := clientKey(*keyFile)
	var source *top.Source
	if err == nil {
		source, err = top.NewSource(url, key)
	}
	if err != nil {
		complain(err)
		return exitUsage
	}
	stop, _ := signals()
	if *once || *asJSON || !term.IsTerminal(int(os.Stdout.Fd())) || !term.IsTerminal(int(os.Stdin.Fd())) {
		return showOnce(stop, source, *asJSON)
	}
	err = top.Live(stop, source, *interval, os.Getenv("NO_COLOR") == "")
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case err != nil:
		complain(err)
		return exitFailed
	}
	return exitOK
}

func showOnce(stop context.Context, source *top.Source, asJSON bool) int {
	view, err := top.Once(stop, source)
	switch {
	case stop.Err() != nil:
		return exitInterrupted
	case err != nil:
		complain(err)
		return exitFailed
	case asJSON:
		printJSON(view)
	default:
		fmt.Println(top.Render(view, top.Look{}))
	}
	return exitOK
}
