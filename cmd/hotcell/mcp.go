package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/mcp"
)

func mcpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mcp [URL]",
		Short: "let an assistant run Python (Model Context Protocol)",
		Long: `Speaks the Model Context Protocol on standard input and output, so that an
assistant can run Python on the server at URL.

` + cli.URLHelp + `
If the server needs a key, set the environment variable HOTCELL_KEY to it.

In an assistant's configuration: {"command": "hotcell", "args": ["mcp"]}`,
		Args: cli.Args(0, 1, "one URL"),
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := cli.Key("")
			if err != nil {
				return err
			}
			server, err := mcp.New(mcp.Config{URL: cli.OptionalURL(args), Key: key, Version: cli.Version()})
			if err != nil {
				return cli.Usagef("%w", err)
			}
			stop, _ := cli.Signals()
			err = mcp.Stdio(stop, server)
			switch {
			case stop.Err() != nil:
				return cli.Exit(cli.ExitInterrupted, nil)
			case errors.Is(err, io.EOF): // the assistant has left
				return nil
			}
			return err
		},
	}
}
