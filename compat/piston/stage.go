package piston

import (
	"fmt"

	"github.com/hotcell/hotcell/client"
)

// stage is how a program ended. The names of the statuses, and the messages, are those of
// isolate, on which Piston is built.
type stage struct {
	Stdout   string   `json:"stdout"`
	Stderr   string   `json:"stderr"`
	Output   string   `json:"output"` // both, as they came
	Code     *int     `json:"code"`
	Signal   *string  `json:"signal"`
	Message  *string  `json:"message"`
	Status   *string  `json:"status"`
	CPUTime  *float64 `json:"cpu_time"`  // in milliseconds
	WallTime float64  `json:"wall_time"` // likewise
	Memory   *int64   `json:"memory"`    // the most, in bytes
}

// The statuses of a program that did not end well. There is none for one that did.
const (
	runtimeError = "RE" // it ended with an exit status
	signalled    = "SG"
	timedOut     = "TO"
	outputLimit  = "OL"
	errorLimit   = "EL" // too much on stderr
	internal     = "XX"
)

const sigkill = "SIGKILL"

func stageOf(answer *client.Answer, output string) stage {
	s := stage{Stdout: answer.Stdout, Stderr: answer.Stderr, Output: output, Code: answer.ExitCode, Signal: answer.Signal,
		CPUTime: answer.Usage.CPUMS, WallTime: answer.Usage.WallMS, Memory: answer.Usage.PeakMemoryBytes}
	killed := func(status, message string) {
		signal := sigkill
		s.Status, s.Message, s.Code, s.Signal = &status, &message, nil, &signal
	}
	switch answer.Status {
	case client.StatusOK:
	case client.StatusTimeout:
		killed(timedOut, "Time limit exceeded")
	case client.StatusMemoryLimit:
		killed(signalled, "Memory limit exceeded")
	case client.StatusOutputLimit:
		if answer.Truncated.Stderr && !answer.Truncated.Stdout {
			killed(errorLimit, "stderr length exceeded")
		} else {
			killed(outputLimit, "stdout length exceeded")
		}
	default:
		s.Status, s.Message = new(string), new(string)
		switch {
		case s.Signal != nil:
			*s.Status, *s.Message = signalled, "Caught fatal signal "+*s.Signal
		case s.Code != nil:
			*s.Status, *s.Message = runtimeError, fmt.Sprintf("Exited with error status %d", *s.Code)
		default:
			*s.Status, *s.Message = internal, "The program's end is not known"
		}
	}
	return s
}
