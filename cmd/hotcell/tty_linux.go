package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/supervisor/api"
)

const (
	dialDeadline = 30 * time.Second // the server may let us wait for a place
	inputChunk   = 32 << 10         // the server takes 64 KiB at once
	escapeKey    = 0x1d             // Ctrl-]
	endOfFileKey = 0x04             // Ctrl-D
)

// ttyRequest is the first message.
type ttyRequest struct {
	Columns int               `json:"cols"`
	Rows    int               `json:"rows"`
	Script  string            `json:"script,omitempty"`
	Profile string            `json:"profile,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Limits  map[string]int64  `json:"limits,omitempty"`
}

func ttyCommand() *cobra.Command {
	first := ttyRequest{Env: make(map[string]string), Limits: make(map[string]int64)}
	var script, keyFile string
	cmd := &cobra.Command{
		Use:   "tty [flags] [URL]",
		Short: "open a terminal on a server: an interactive Python, or a script",
		Long: `Opens a terminal on the server at URL (` + cli.DefaultURL + `): an interactive
Python in a fresh cell, with numpy as np and pandas as pd, or a script.

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
			address, err := ttyURL(cli.OptionalURL(args))
			if err != nil {
				return err
			}
			if script != "" {
				if first.Script, err = cli.ReadText(script); err != nil {
					return cli.Exit(cli.ExitUsage, fmt.Errorf("--script: %w", err))
				}
			}
			key, err := cli.Key(keyFile)
			if err != nil {
				return err
			}
			return openTTY(address, key, first)
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
	cli.KeyFlag(cmd, &keyFile, "execute")
	return cmd
}

// openTTY joins the user's terminal to one in a cell until either ends.
func openTTY(address, key string, first ttyRequest) error {
	header := make(http.Header)
	if key != "" {
		header.Set("Authorization", "Bearer "+key)
	}
	screen := &screen{in: os.Stdin, out: os.Stdout}
	first.Columns, first.Rows = screen.size()
	conn, err := dialTTY(address, header, first)
	var problem *api.Problem
	switch {
	case errors.As(err, &problem):
		return refused(problem)
	case err != nil:
		return err
	}
	defer conn.CloseNow()
	return (&ttyClient{conn: conn, screen: screen}).run()
}

// ttyURL is the terminal's address on the server that text names.
func ttyURL(text string) (string, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		return "", cli.Usagef("invalid URL %q: use for example %s", text, cli.DefaultURL)
	}
	return address.JoinPath("tty").String(), nil
}

// dialTTY connects and says what is wanted. A refusal is a *api.Problem.
func dialTTY(address string, header http.Header, first ttyRequest) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialDeadline)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{Subprotocols: []string{api.TTYProtocol}, HTTPHeader: header})
	if err != nil {
		problem := new(api.Problem)
		if response != nil && response.Header.Get("Content-Type") == "application/problem+json" && json.NewDecoder(response.Body).Decode(problem) == nil {
			return nil, problem
		}
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	if conn.Subprotocol() != api.TTYProtocol {
		_ = conn.CloseNow()
		return nil, fmt.Errorf("%s does not speak %s", address, api.TTYProtocol)
	}
	text, err := json.Marshal(first)
	if err == nil {
		err = conn.Write(ctx, websocket.MessageText, text)
	}
	if err != nil {
		_ = conn.CloseNow()
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	conn.SetReadLimit(1 << 20)
	return conn, nil
}

// refused prints a refusal.
func refused(p *api.Problem) error {
	printProblem(p)
	if p.Status >= http.StatusInternalServerError {
		return cli.Exit(cli.ExitFailure, nil)
	}
	return cli.Exit(cli.ExitUsage, nil)
}

// ttyClient joins the user's terminal to one in a cell.
type ttyClient struct {
	conn   *websocket.Conn
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
	said, err := c.showOutput()
	c.screen.restore() // before anything is printed
	select {
	case <-escaped:
		return cli.Exit(cli.ExitInterrupted, nil)
	default:
	}
	switch {
	case said.Problem != nil:
		return refused(said.Problem)
	case said.Exit != nil:
		return ended(*said.Exit)
	}
	return cli.Hint(fmt.Errorf("the connection to the terminal was lost: %w", err), "the log of the server says why, if it still runs")
}

// ended prints what the terminal itself has not shown of the end.
func ended(exit api.Exit) error {
	switch {
	case exit.Limit != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: the terminal reached its limit of %s\n", exit.Status, *exit.Limit)
	case exit.Signal != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s\n", exit.Status, *exit.Signal)
	}
	return cli.Exit(exitStatus(&api.Answer{Status: exit.Status, ExitCode: exit.ExitCode, Signal: exit.Signal}), nil)
}

// sendInput sends what is typed. Where the input is a file, its end is a Ctrl-D.
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
			if c.conn.Write(context.Background(), websocket.MessageBinary, keys) != nil {
				return
			}
		}
		if at >= 0 {
			close(escaped)
			_ = c.conn.CloseNow()
			return
		}
		if err != nil {
			c.sendEnd(last != '\n')
			return
		}
	}
}

// sendEnd sends Ctrl-D for the end of the input, and another where a line is
// open. The key is lost when the other side changes the terminal's mode before
// it reads it, as readline does for each line: so it is sent again, ever more
// rarely.
func (c *ttyClient) sendEnd(openLine bool) {
	end := []byte{endOfFileKey}
	if openLine {
		end = append(end, endOfFileKey)
	}
	for pause := 100 * time.Millisecond; pause < time.Minute; pause *= 2 {
		if c.conn.Write(context.Background(), websocket.MessageBinary, end) != nil {
			return
		}
		time.Sleep(pause)
		end = end[:1]
	}
}

// showOutput shows what comes until the connection ends: what was said last, and
// why it ended.
func (c *ttyClient) showOutput() (said api.TerminalMessage, err error) {
	for {
		kind, message, err := c.conn.Read(context.Background())
		if err != nil {
			return said, err
		}
		if kind == websocket.MessageText {
			_ = json.Unmarshal(message, &said) // of a newer server something else may come
			continue
		}
		if _, err := c.screen.out.Write(message); err != nil {
			return said, err
		}
	}
}

func (c *ttyClient) resize(columns, rows int) {
	text := fmt.Sprintf(`{"resize":{"cols":%d,"rows":%d}}`, columns, rows)
	_ = c.conn.Write(context.Background(), websocket.MessageText, []byte(text)) // else it is over
}
