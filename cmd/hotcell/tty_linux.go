package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/supervisor/api"
)

const (
	dialDeadline = 30 * time.Second // includes the wait for a free place
	inputChunk   = 32 << 10         // the server takes at most 64 KiB at once
	escapeKey    = 0x1d             // Ctrl-]
	endOfFileKey = 0x04             // Ctrl-D
)

func ttyCommand() *cobra.Command {
	first := client.TerminalRequest{Env: make(map[string]string), Limits: make(map[string]int64)}
	var script, keyFile string
	cmd := &cobra.Command{
		Use:   "tty [flags] [URL]",
		Short: "open a terminal on a server: an interactive Python, or a script",
		Long: `Opens a terminal on the server at URL: an interactive Python in a fresh cell,
with numpy as np and pandas as pd, or a script.

` + cli.URLHelp + `

Every key goes to the cell, and so does Ctrl-C. Ctrl-D ends the interactive
Python, and Ctrl-] ends the terminal whatever runs in it. The output of the cell
goes to your terminal unchanged: run code that you do not trust only where that
is acceptable.

The exit status is that of hotcell exec.`,
		Args: cli.Args(0, 1, "one URL"),
		RunE: func(_ *cobra.Command, args []string) error {
			if name := os.Getenv("TERM"); name != "" && first.Env["TERM"] == "" {
				first.Env["TERM"] = name
			}
			key, err := cli.Key(keyFile)
			if err != nil {
				return err
			}
			url := cli.OptionalURL(args)
			if !strings.Contains(url, "://") {
				url = "http://" + url
			}
			server, err := client.New(url, client.Options{Key: key})
			if err != nil {
				return cli.Usagef("%w", err)
			}
			if script != "" {
				if first.Script, err = cli.ReadText(script); err != nil {
					return cli.Exit(cli.ExitUsage, fmt.Errorf("--script: %w", err))
				}
			}
			return openTTY(server, first)
		},
	}
	cmd.Flags().StringVar(&script, "script", "", "run the script in `FILE` instead")
	cmd.Flags().StringVar(&first.Profile, "profile", "", "the `NAME` of another set of libraries than the default")
	envFlag(cmd, first.Env)
	cmd.Flags().Func("limit", "a limit, as `NAME=N` in POST /execute: cpu_ms=60000; may be repeated", func(text string) error {
		name, value, _ := strings.Cut(text, "=")
		n, err := strconv.ParseInt(value, 10, 64)
		first.Limits[name] = n
		if err != nil {
			return errors.New("use for example cpu_ms=60000")
		}
		return nil
	})
	cli.NameChoices(cmd, "limit", api.TerminalLimits()...)
	cli.KeyFlag(cmd, &keyFile, `the "execute" right`)
	return cmd
}

// openTTY connects the user's terminal to one in a cell until either ends.
func openTTY(server *client.Client, first client.TerminalRequest) error {
	screen := &screen{in: os.Stdin, out: os.Stdout}
	first.Columns, first.Rows = screen.size()
	ctx, cancel := context.WithTimeout(context.Background(), dialDeadline)
	defer cancel()
	remote, err := server.OpenTerminal(ctx, first)
	if err != nil {
		return refused(err)
	}
	defer remote.Close()
	return (&ttyClient{remote: remote, screen: screen}).run()
}

// refused tells of a refusal of the server. It returns other errors as they are.
func refused(err error) error {
	var problem *client.Problem
	if !errors.As(err, &problem) {
		return err
	}
	return refusal(problem)
}

// ttyClient connects the user's terminal to one in a cell.
type ttyClient struct {
	remote *client.Terminal
	screen *screen
}

// run returns when the terminal has ended, and restores the user's before.
func (c *ttyClient) run() error {
	if err := c.screen.begin(c.resize); err != nil {
		return err
	}
	defer c.screen.restore()
	escaped := make(chan struct{})
	go c.screen.guard(func() { c.sendInput(escaped) })
	lost := c.showOutput()
	c.screen.restore() // before anything is printed
	select {
	case <-escaped:
		return cli.Exit(cli.ExitInterrupted, nil)
	default:
	}
	end, err := c.remote.End()
	switch {
	case err != nil:
		return refused(err)
	case end != nil:
		printEnding("terminal", end.Ending)
		return cli.Exit(exitStatus(end.Ending), nil)
	}
	return cli.Hint(lost, "if the server still runs, its log has the reason")
}

// sendInput sends what is typed. The end of an input that is a file is sent as
// Ctrl-D.
func (c *ttyClient) sendInput(escaped chan<- struct{}) {
	buffer := make([]byte, inputChunk)
	last := byte('\n')
	for {
		n, err := c.screen.in.Read(buffer)
		keys := buffer[:n]
		at := -1
		if c.screen.isTerminal() {
			at = bytes.IndexByte(keys, escapeKey)
		}
		if at >= 0 {
			keys = keys[:at]
		}
		if len(keys) > 0 {
			last = keys[len(keys)-1]
			if c.remote.Write(context.Background(), keys) != nil {
				return
			}
		}
		if at >= 0 {
			close(escaped)
			c.remote.Close()
			return
		}
		if err != nil {
			c.sendEnd(last != '\n')
			return
		}
	}
}

// sendEnd sends Ctrl-D for the end of the input, and a second one after an open
// line. The key is lost if the program in the cell changes the terminal's mode
// before it reads the key, as readline does for each line. Therefore it is sent
// again, at growing intervals.
func (c *ttyClient) sendEnd(openLine bool) {
	end := []byte{endOfFileKey}
	if openLine {
		end = append(end, endOfFileKey)
	}
	for pause := 100 * time.Millisecond; pause < time.Minute; pause *= 2 {
		if c.remote.Write(context.Background(), end) != nil {
			return
		}
		time.Sleep(pause)
		end = end[:1]
	}
}

// showOutput shows what comes until the terminal ends, and returns why it ended.
func (c *ttyClient) showOutput() error {
	for {
		output, err := c.remote.Read(context.Background())
		if err != nil {
			return err
		}
		if _, err := c.screen.out.Write(output); err != nil {
			return err
		}
	}
}

func (c *ttyClient) resize(columns, rows int) {
	_ = c.remote.Resize(context.Background(), columns, rows) // fails only when the terminal has ended
}
