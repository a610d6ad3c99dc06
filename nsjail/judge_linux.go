package nsjail

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/protocol"
)

// measure reads what the run used. The cell may be gone, but its cgroup still exists.
func (c *Cell) measure(usage *Usage) (outOfMemory bool, err error) {
	if usage.CPU, err = counted(c.group.CPUTime()); err != nil {
		return false, err
	}
	if usage.PeakMemoryBytes, err = counted(c.group.PeakMemory()); err != nil {
		return false, err
	}
	return c.group.OutOfMemory()
}

// counted returns nil for what no cgroup counts.
func counted[T any](value T, err error) (*T, error) {
	if errors.Is(err, cgroup.ErrUncounted) {
		return nil, nil
	}
	return &value, err
}

// judge fills in how the run ended. What was seen from outside counts more than what
// the cell said; err is what was wrong with what it said.
func (c *Cell) judge(v *Verdict, job Job, why ending, outOfMemory bool, said saying, err error) {
	result := said.result
	if why != endedByProtocol {
		v.Outputs = said.outputs
	}
	if result != nil && (why == endedByWall || why == endedByCPU) { // it was interrupted, and says where
		v.Error = result.Error
	}
	switch {
	case outOfMemory || why == endedByMemory:
		v.Status, v.Limit = protocol.StatusMemoryLimit, protocol.LimitMemory
	case why == endedByWall:
		v.Status, v.Limit = protocol.StatusTimeout, protocol.LimitWall
	case why == endedByCPU:
		v.Status, v.Limit = protocol.StatusTimeout, protocol.LimitCPU
	case why == endedByHangUp:
		v.Status, v.Signal = protocol.StatusKilled, "SIGKILL"
	case why == endedByOutput:
		v.Status, v.Limit = protocol.StatusOutputLimit, protocol.LimitOutput
	case why == endedByProtocol:
		v.Status, v.Signal = protocol.StatusKilled, "SIGKILL"
		v.Error = &protocol.ScriptError{Type: "ProtocolError", Message: err.Error()}
	case result != nil:
		v.Status, v.Error, v.Limit, v.ExitCode = result.Status, result.Error, result.Limit, result.ExitCode
		if v.Status == protocol.StatusOK {
			v.Result = result.Value
		}
		if v.Status == protocol.StatusException {
			c.explainRefusal(v)
		}
		if v.Limit != protocol.LimitFiles {
			v.Files = said.files
			slices.SortStableFunc(v.Files, func(a, b protocol.File) int { return strings.Compare(a.Path, b.Path) })
		}
	default:
		c.judgeExit(v)
	}
	if job.Mode == protocol.ScriptProgram {
		v.Status, v.ExitCode = protocol.EndOfProgram(v.Status, v.ExitCode)
	}
}

// refusal matches what Python and libraries say when they get no process or thread.
var refusal = regexp.MustCompile(`(?i)\bthread|\bfork|temporarily unavailable|process pool|CalledProcessError|BrokenProcessPool|EOFError|PanicException`)

// explainRefusal names the limit of processes if the kernel refused the script one, and
// its error sounds like that: Python's own words name no limit.
func (c *Cell) explainRefusal(v *Verdict) {
	if !refusal.MatchString(v.Error.Type+" "+v.Error.Message) || !cgroup.WasRefused(c.group) {
		return
	}
	v.Limit = protocol.LimitProcesses
	v.Error.Message += fmt.Sprintf(" (the cell may have %d processes and threads at a time: limits.processes)", c.limits.Processes)
}

func (c *Cell) judgeExit(v *Verdict) {
	exited, ok := c.exit()
	if ok && exited.Signal == 0 {
		v.Status, v.ExitCode = protocol.StatusExited, &exited.Code
		return
	}
	v.Status, v.Signal = protocol.StatusKilled, "SIGKILL"
	if ok {
		if v.Signal = unix.SignalName(unix.Signal(exited.Signal)); v.Signal == "SIGSYS" { // pyworker/aborts.py
			v.Signal = "SIGABRT"
		}
	}
}
