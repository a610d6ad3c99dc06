package protocol

import "slices"

// A Status is how a run ended: the verdict. Its values are part of the protocol and
// of the HTTP contract, so they are only added.
type Status string

// The verdicts. The worker sets those of the first group. The supervisor, which sees
// the process from outside, sets those of the last; either sets the one between.
const (
	StatusOK          Status = "ok"           // main returned a value that JSON can represent
	StatusException   Status = "exception"    // the script or main raised
	StatusNotJSON     Status = "not_json"     // main returned a value that JSON cannot represent
	StatusOutputLimit Status = "output_limit" // stdout, stderr (supervisor) or the result (worker) was too large
	StatusSyntaxError Status = "syntax_error" // the script does not compile; a refusal, not an answer, in HTTP
	StatusNoMain      Status = "no_main"      // it ran and defined no callable main; likewise

	StatusExited Status = "exited" // the script called sys.exit (worker), or ended its process

	StatusTimeout     Status = "timeout"      // it exceeded its wall clock or CPU time
	StatusMemoryLimit Status = "memory_limit" // it exceeded its memory
	StatusKilled      Status = "killed"       // a signal killed it
)

// fromWorker lists the verdicts that the worker sets.
var fromWorker = []Status{StatusOK, StatusException, StatusNotJSON, StatusOutputLimit, StatusSyntaxError, StatusNoMain, StatusExited}

// Statuses lists all verdicts.
var Statuses = slices.Concat(fromWorker, []Status{StatusTimeout, StatusMemoryLimit, StatusKilled})

// A Limit names the limit that ended a run; empty if none did.
type Limit string

// The limits. Limits are only added.
const (
	LimitWall    Limit = "wall"
	LimitCPU     Limit = "cpu"
	LimitMemory  Limit = "memory"
	LimitOutput  Limit = "output"
	LimitResult  Limit = "result"
	LimitFiles   Limit = "files"   // size, number or depth of collected files
	LimitOutputs Limit = "outputs" // number or size of what the script shows
	// With StatusException: it did not end the run, but the script met it.
	LimitProcesses Limit = "processes"
	LimitIdle      Limit = "idle" // of a terminal without input or output
)

// limitsOfWorker lists the limits that a worker may name, with StatusOutputLimit.
var limitsOfWorker = []Limit{LimitResult, LimitFiles, LimitOutputs}

// EndOfProgram returns the status and the exit status of a program, which has one
// unless a signal or a limit ended it.
func EndOfProgram(status Status, exit *int) (Status, *int) {
	switch {
	case status == StatusOK:
		exit = new(0)
	case status == StatusException:
		exit = new(1)
	case status == StatusExited && *exit == 0: // by os._exit
		status = StatusOK
	}
	return status, exit
}

// OfProgram reports whether a program may have this result.
func (r Result) OfProgram() bool {
	switch r.Status {
	case StatusOK:
		return string(r.Value) == "null"
	case StatusException, StatusExited:
		return true
	}
	return r.Status == StatusOutputLimit && r.Limit != LimitResult
}
