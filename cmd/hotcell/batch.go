package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hotcell/hotcell/batchfile"
	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/progress"
)

func batchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "batch [flags] --script FILE CASES [URL]",
		Short: "run a script with each case in a file",
		Long: `Runs each script with each case in the file CASES, or on standard input if CASES is
-, on the server at URL, by POST /batches. A line of CASES is one case: an object of
JSON with args, kwargs, stdin, files and expected_stdout, which all are optional.

` + cli.URLHelp + `
If the server needs a key, set the environment variable HOTCELL_KEY to it.

Results come as they finish, one line of JSON each, on standard output or in the
file of --output. Case counts from 0, and empty lines do not count. With --output
the command goes on where it stopped when it is given again: what has a result of
the same script, settings and case is not run again, except after infra_error.

exit status:

    0    every run was accepted, or was skipped by --stop-on-failure
    1    a run was not accepted
    2    invalid command line, script or case; the server refused the batch or the key
    125  the server did not answer, ended the batch, or could not run a case
    130  hotcell was told to stop`,
		Args: cli.Args(1, 2, "the file of cases and perhaps one URL"),
	}
	var request client.BatchRequest
	var scripts []string
	var output, keyFile string
	flags := cmd.Flags()
	flags.StringArrayVar(&scripts, "script", nil, "a `FILE` with a script; may be repeated: each runs with each case")
	flags.StringVarP(&output, "output", "o", "", "write the results to `FILE`, and go on after those that are there")
	flags.StringVar(&request.Mode, "mode", "program", "the `MODE` of the scripts: program, or function, with a main that is called")
	flags.StringVar(&request.Compare, "compare", "", "the `WAY` in which stdout is compared: trim (default), exact, tokens or float")
	flags.BoolVar(&request.StopOnFailure, "stop-on-failure", false, "run a script no further after its first verdict other than accepted")
	flags.StringVar(&request.Profile, "profile", "", "the `NAME` of one of the server's profiles")
	flags.Func("limits", "the limits of each run, as `JSON`, such as '{\"wall_ms\": 2000}'", func(text string) error {
		in := json.NewDecoder(strings.NewReader(text))
		in.DisallowUnknownFields()
		return in.Decode(&request.Limits)
	})
	cli.Choices(cmd, "mode", "program", "function")
	cli.Choices(cmd, "compare", "trim", "exact", "tokens", "float")
	cli.KeyFlag(cmd, &keyFile, `the "execute" right`)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(scripts) == 0 {
			return cli.Usagef("batch needs --script FILE")
		}
		for _, name := range scripts {
			text, err := cli.ReadText(name)
			if err != nil {
				return cli.Exit(cli.ExitUsage, fmt.Errorf("--script: %w", err))
			}
			request.Scripts = append(request.Scripts, text)
		}
		key, err := cli.Key(keyFile)
		if err != nil {
			return err
		}
		server, err := client.New(cli.OptionalURL(args[1:]), client.Options{Key: key})
		if err != nil {
			return cli.Usagef("%w", err)
		}
		return runBatchFile(server, request, args[0], output)
	}
	return cmd
}

// runBatchFile runs the cases in a file, and writes the results to another, or to standard
// output if it has no name.
func runBatchFile(server *client.Client, request client.BatchRequest, name, output string) (err error) {
	cases, count := os.Stdin, 0
	if name != "-" {
		if cases, err = os.Open(name); err != nil {
			return cli.Exit(cli.ExitUsage, err)
		}
		defer cases.Close()
		if count, err = countCases(cases); err != nil { // before anything runs
			return wrongCase(name, err)
		}
	}
	results := batchfile.ToStream(os.Stdout)
	if output != "" {
		if results, err = batchfile.OpenResults(output); err != nil {
			return cli.Exit(cli.ExitUsage, fmt.Errorf("--output: %w", err))
		}
		defer results.Close()
	}
	stop, _ := cli.Signals()
	line := progress.New(os.Stderr)
	show := &batchProgress{line: line, runs: count * len(request.Scripts), began: time.Now()}
	tally, err := batchfile.Run(stop, batchfile.Job{Client: server, Request: request, Cases: batchfile.NewCases(cases), Results: results, Ran: show.ran})
	line.End()
	if tally.Runs() > 0 || tally.NotRun > 0 {
		fmt.Fprintln(os.Stderr, summaryOf(tally))
	}
	if again := tally.Counts["infra_error"]; err == nil && again > 0 {
		err = fmt.Errorf("the server could not run %d of them", again)
	}
	switch {
	case stop.Err() != nil:
		return cli.Exit(cli.ExitInterrupted, goOn(errors.New("stopped"), output))
	case err != nil:
		return goOn(wrongCase(name, err), output)
	case tally.Failed > 0:
		return cli.Exit(cli.ExitNegative, nil)
	}
	return nil
}

// countCases reads a file of cases, and rewinds it. What is no regular file is read once,
// and its cases are not counted.
func countCases(file *os.File) (int, error) {
	if stat, err := file.Stat(); err != nil || !stat.Mode().IsRegular() {
		return 0, err
	}
	cases, count := batchfile.NewCases(file), 0
	for {
		if _, err := cases.Next(); err == io.EOF {
			_, err = file.Seek(0, io.SeekStart)
			return count, err
		} else if err != nil {
			return count, err
		}
		count++
	}
}

// wrongCase is the error for what is wrong with the file of cases, or another one.
func wrongCase(name string, err error) error {
	var wrong *batchfile.LineError
	var problem *client.Problem
	switch {
	case errors.As(err, &wrong):
		return cli.Exit(cli.ExitUsage, fmt.Errorf("%s: %w", name, err))
	case errors.As(err, &problem):
		return cli.Refused(problem, err)
	default:
		return err
	}
}

// goOn tells how a batch that ended early goes on.
func goOn(err error, output string) error {
	if output == "" || cli.Status(err) == cli.ExitUsage {
		return err
	}
	return cli.Hint(err, "the same command goes on with what has no result in "+output)
}

// batchProgress shows how far a batch has come.
type batchProgress struct {
	line  *progress.Line
	runs  int // 0: it is not known
	began time.Time
	last  time.Time // when it was shown
}

const barWidth = 30

func (p *batchProgress) ran(t batchfile.Tally) {
	if now := time.Now(); now.Sub(p.last) > 100*time.Millisecond {
		p.last = now
		p.line.Update(p.text(t, now.Sub(p.began)))
	}
}

func (p *batchProgress) text(t batchfile.Tally, took time.Duration) string {
	made := t.Runs() - t.Had
	text := fmt.Sprintf("%d runs", t.Runs())
	if p.runs > 0 {
		full := min(barWidth, barWidth*t.Runs()/p.runs)
		text = fmt.Sprintf("[%s%s] %d of %d", strings.Repeat("█", full), strings.Repeat("·", barWidth-full), t.Runs(), p.runs)
	}
	text += fmt.Sprintf(", %.0f/s", float64(made)/max(took.Seconds(), 0.001))
	if t.Failed > 0 {
		text += fmt.Sprintf(", %d not accepted", t.Failed)
	}
	return text
}

// verdicts are those of runs, in the order in which they are told.
var verdicts = []string{"accepted", "wrong_answer", "timeout", "memory_limit", "output_limit", "runtime_error", "infra_error"}

func summaryOf(t batchfile.Tally) string {
	var parts []string
	for _, verdict := range verdicts {
		if n := t.Counts[verdict]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	if t.Had > 0 {
		parts = append(parts, fmt.Sprintf("%d had a result", t.Had))
	}
	if t.NotRun > 0 {
		parts = append(parts, fmt.Sprintf("%d not run", t.NotRun))
	}
	return fmt.Sprintf("cases %d: %s", t.Cases, strings.Join(parts, ", "))
}
