package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/internal/cli"
)

// exitStatus returns the status that says how a script ended.
func exitStatus(end client.Ending) int {
	switch {
	case end.Status == client.StatusOK:
		return cli.ExitOK
	case end.Status == client.StatusTimeout:
		return cli.ExitTimeout
	case end.Status == client.StatusMemoryLimit:
		return cli.ExitMemory
	case end.Status == client.StatusExited && end.ExitCode != nil:
		return *end.ExitCode
	case end.Status == client.StatusKilled && end.Signal != nil:
		return cli.ExitSignaled + int(unix.SignalNum(*end.Signal))
	default:
		return cli.ExitNegative
	}
}

// printAnswer prints what a script printed, and its result or what ended it.
func printAnswer(answer *client.Answer, mode string) {
	fmt.Fprint(os.Stderr, answer.Stderr)
	fmt.Fprint(os.Stdout, answer.Stdout)
	result, said := string(answer.Result), mode == "program" || mode == "cell"
	if len(answer.Outputs) > 0 && answer.Stdout != "" && !strings.HasSuffix(answer.Stdout, "\n") {
		fmt.Println()
		answer.Stdout = ""
	}
	for n, output := range answer.Outputs {
		if output.Kind == "result" {
			if !said && result != "null" {
				continue // it follows as JSON
			}
			said = true
		}
		fmt.Println(outputText(n, output))
	}
	switch {
	case said && answer.Status == client.StatusOK:
	case mode == "program" && answer.Status == client.StatusException: // its traceback is on its standard error
	case answer.Status == client.StatusOK:
		if answer.Stdout != "" && !strings.HasSuffix(answer.Stdout, "\n") {
			fmt.Println()
		}
		fmt.Println(result)
	case answer.Error != nil && answer.Error.Traceback != "":
		fmt.Fprintln(os.Stderr, strings.TrimSuffix(answer.Error.Traceback, "\n")) // a notebook's has no end of line
	case answer.Error != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s: %s\n", answer.Status, answer.Error.Type, answer.Error.Message)
	default:
		printEnding("script", answer.Ending)
	}
	if answer.Error != nil && answer.Error.Hint != "" {
		fmt.Fprintf(os.Stderr, "hotcell: hint: %s\n", answer.Error.Hint)
	}
}

// printEnding prints the limit or the signal that ended what.
func printEnding(what string, end client.Ending) {
	switch {
	case end.Limit != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: the %s reached its limit of %s\n", end.Status, what, *end.Limit)
	case end.Signal != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s\n", end.Status, *end.Signal)
	}
}

// refusal prints what a script printed before it was refused, and returns why it was.
func refusal(p *client.Problem) error {
	if p.Stdout != nil {
		fmt.Fprint(os.Stdout, *p.Stdout)
	}
	if p.Stderr != nil {
		fmt.Fprint(os.Stderr, *p.Stderr)
	}
	if p.Err.Line != nil {
		return cli.Refused(p, fmt.Errorf("%s: line %d: %s", p.Code, *p.Err.Line, p.Detail))
	}
	return cli.Refused(p, fmt.Errorf("%s: %s", p.Code, p.Detail))
}
