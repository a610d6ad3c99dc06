package nsjail

import (
	"encoding/json"
	"time"

	"github.com/hotcell/hotcell/protocol"
)

// Limits bound one run. Every field is greater than zero.
type Limits struct {
	Wall        time.Duration // wall clock, from the hand-over
	CPU         time.Duration // CPU time of all the cell's processes together
	MemoryBytes int64         // memory of all of them, with the disk's contents and the kernel's share
	OutputBytes int64         // stdout and stderr, each
	ResultBytes int64         // the result as JSON
	DiskBytes   int64         // the working directory and /tmp together; it is memory too
	Processes   int           // processes and threads at a time
}

// Job is one script to run.
type Job struct {
	Script string
	Args   json.RawMessage // an array, or empty
	Kwargs json.RawMessage // an object, or empty
	Stdin  string
	Env    map[string]string
	Limits Limits
}

// Verdict tells how a run ended and what came of it. Everything in it but
// Usage is the tenant's, and hostile.
type Verdict struct {
	Status protocol.Status
	Limit  protocol.Limit // which limit ended it, or empty

	// Result is what main returned, as the cell sent it. It is not yet known to
	// be JSON: encoding/json checks it when the answer is written.
	Result json.RawMessage
	Error  *protocol.ScriptError

	Stdout, Stderr                   []byte // at most Limits.OutputBytes each, any bytes
	StdoutTruncated, StderrTruncated bool

	ExitCode *int   // set for StatusExited
	Signal   string // "SIGSEGV", set for StatusKilled

	Usage Usage
}

// Usage is what the run took, without the making of its cell.
type Usage struct {
	Wall            time.Duration
	CPU             time.Duration
	PeakMemoryBytes int64 // of the whole cell while it ran the script
}
