package dify

import (
	"fmt"

	"github.com/hotcell/hotcell/client"
)

// reply is every answer: code 0 with data, or a negative code with a message.
type reply struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

// outcome is the data of a script that ran. Dify shows any text in Error to its user and
// takes its result from Stdout only if there is none.
type outcome struct {
	Stdout   string `json:"stdout"`
	Stderr   string `json:"stderr"`
	Error    string `json:"error"`
	ExitCode int    `json:"exit_code"`
}

// outcomeOf says how a script ended as dify-sandbox does: the exit status, or -1 for a
// process that was ended, whose error then says why.
func outcomeOf(answer *client.Answer) outcome {
	o := outcome{Stdout: answer.Stdout, Stderr: answer.Stderr, ExitCode: -1}
	if answer.ExitCode != nil {
		o.ExitCode = *answer.ExitCode
	}
	if o.ExitCode != 0 {
		o.Error = fmt.Sprintf("process exited with code %d\n%s%s", o.ExitCode, ended(answer), o.Stderr)
	}
	return o
}

// ended says what ended a script that did not end by itself, or is empty.
func ended(answer *client.Answer) string {
	switch answer.Status {
	case client.StatusTimeout:
		return "error: timeout\n"
	case client.StatusMemoryLimit:
		return "error: memory limit exceeded\n"
	case client.StatusOutputLimit:
		return "error: output limit exceeded\n"
	case client.StatusKilled:
		if answer.Signal != nil {
			return fmt.Sprintf("error: killed by %s\n", *answer.Signal)
		}
		return "error: killed\n"
	}
	return ""
}

// dependency is a package that scripts can import.
type dependency struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}
