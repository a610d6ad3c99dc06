package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hotcell/hotcell/mcp"
)

const mcpHelp = `usage: hotcell mcp [URL]

Speaks the Model Context Protocol on stdin and stdout, for an assistant that is
to run Python in the hotcell at URL (http://127.0.0.1:8080). The key, where the
server wants one, is in the environment variable HOTCELL_KEY.

In an assistant's configuration: {"command": "hotcell", "args": ["mcp"]}
`

// serveMCP serves an assistant on stdin and stdout.
func serveMCP(args []string) int {
	flags := flag.NewFlagSet("mcp", flag.ContinueOnError)
	if status, ok := parse(flags, args, func(w io.Writer) { fmt.Fprint(w, mcpHelp) }); !ok {
		return status
	}
	url := defaultURL
	if flags.NArg() > 0 {
		url = flags.Arg(0)
	}
	server, err := mcp.New(mcp.Config{URL: url, Key: strings.TrimSpace(os.Getenv(keyEnv)), Version: ownVersion()})
	if err != nil {
		err = fmt.Errorf("%w: %w", errUsage, err)
	} else if flags.NArg() > 1 {
		err = fmt.Errorf("%w: mcp takes one URL, and was given %q", errUsage, flags.Args())
	}
	if err != nil {
		complain(err)
		return exitUsage
	}
	stop, _ := signals()
	err = mcp.Stdio(stop, server)
	switch {
	case stop.Err() != nil:
		return exitInterrupted
	case err != nil && !errors.Is(err, io.EOF):
		complain(err)
		return exitFailed
	}
	return exitOK
}
