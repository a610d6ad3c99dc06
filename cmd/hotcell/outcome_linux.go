package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/cli"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
)

// exitStatus returns the status that tells how a script ended.
func exitStatus(answer *api.Answer) int {
	switch answer.Status {
	case protocol.StatusOK:
		return cli.ExitOK
	case protocol.StatusTimeout:
		return cli.ExitTimeout
	case protocol.StatusMemoryLimit:
		return cli.ExitMemory
	case protocol.StatusExited:
		return *answer.ExitCode
	case protocol.StatusKilled:
		return cli.ExitSignaled + int(unix.SignalNum(*answer.Signal))
	default:
		return cli.ExitNegative
	}
}

// printAnswer prints what a script printed, and how it ended.
func printAnswer(answer *api.Answer) {
	fmt.Fprint(os.Stderr, answer.Stderr)
	fmt.Fprint(os.Stdout, answer.Stdout)
	switch {
	case answer.Status == protocol.StatusOK:
		if answer.Stdout != "" && !strings.HasSuffix(answer.Stdout, "\n") {
			fmt.Println()
		}
		fmt.Printf("%s\n", answer.Result)
	case answer.Error != nil && answer.Error.Traceback != "":
		fmt.Fprint(os.Stderr, answer.Error.Traceback)
	case answer.Error != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s: %s\n", answer.Status, answer.Error.Type, answer.Error.Message)
	case answer.Limit != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: the script reached its limit of %s\n", answer.Status, *answer.Limit)
	case answer.Signal != nil:
		fmt.Fprintf(os.Stderr, "hotcell: %s: %s\n", answer.Status, *answer.Signal)
	}
}

// printProblem prints why a script was refused, and what it printed until then.
func printProblem(p *api.Problem) {
	if p.Stdout != nil {
		fmt.Fprint(os.Stdout, *p.Stdout)
		fmt.Fprint(os.Stderr, *p.Stderr)
	}
	if p.Err.Line != nil {
		fmt.Fprintf(os.Stderr, "hotcell: %s: line %d: %s\n", p.Code, *p.Err.Line, p.Detail)
		return
	}
	fmt.Fprintf(os.Stderr, "hotcell: %s: %s\n", p.Code, p.Detail)
}
