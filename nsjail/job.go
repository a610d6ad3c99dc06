package nsjail

import (
	"encoding/json"
	"time"

	"github.com/hotcell/hotcell/protocol"
)

// Limits are the limits of one run. Every field but
// InterruptGrace is greater than zero.
type Limits struct {
	Wall         time.Duration // wall clock, from when the cell is given the job
	CPU          time.Duration // CPU time of all the cell's processes together
	MemoryBytes  int64         // memory of all of them, with the disk's contents and the kernel's share
	OutputBytes  int64         // stdout and stderr, each
	ResultBytes  int64         // the result as JSON
	FilesBytes   int64         // the files that are collected, together
	OutputsBytes int64         // what the script shows, together
	DiskBytes    int64         // the working directory and /tmp together; it is memory too
	Processes    int           // processes and threads at the same time
	// InterruptGrace is how long a session's call may go on after it was interrupted,
	// before it is killed; 0: it is not interrupted but killed.
	InterruptGrace time.Duration
}

// Job is one script to run.
type Job struct {
	Script string
	Args   json.RawMessage // an array, or empty
	Kwargs json.RawMessage // an object, or empty
	Stdin  string
	Env    map[string]string
	// Files are written below the working directory before the script starts.
	Files []protocol.File
	// Collect has patterns, such as "*.csv" and "out/**", of the files below the
	// working directory that come back when the script has ended by itself: returned,
	// raised, or exited. Only regular files count.
	Collect []string
	// LastExpression means that the script needs no main: without one, the value of
	// its last expression is the result. Calls of a session always behave so.
	LastExpression bool
	Mode           protocol.ScriptMode
	// Display means that what the script shows comes back, as it always does in
	// protocol.ScriptCell.
	Display bool
	Limits  Limits
	// Output is called with what the script writes, as it comes; it may be nil. One
	// goroutine for each stream calls it. While it does not return, a script that
	// writes more waits. The data is valid until it returns.
	Output func(Stream, []byte)
	// Shown is called with what the script shows, as it comes; it may be nil. While it
	// does not return, a script that shows more waits.
	Shown func(protocol.Output)
}

// Stream is one of the two streams that a script writes to.
type Stream string

// The streams.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// Beside Limits.FilesBytes, this limits what is collected.
const (
	MaxCollectedFiles = 1000
	maxCollectedDepth = 64 // directories below the working directory
)

// Verdict is how a run ended and what it produced. Everything in it but Usage comes
// from the tenant and is hostile.
type Verdict struct {
	Status protocol.Status
	Limit  protocol.Limit // which limit ended it, or empty

	// Result is what main returned, as the cell sent it. Nothing has checked yet that
	// it is JSON: the code that writes the answer does.
	Result json.RawMessage
	Error  *protocol.ScriptError

	Stdout, Stderr                   []byte // at most Limits.OutputBytes each, any bytes
	StdoutTruncated, StderrTruncated bool

	Files []protocol.File // the collected files, sorted by path; their content is any bytes

	// Outputs is what the script showed, in order, however it ended. As with Result,
	// nothing has checked yet that what should be JSON is.
	Outputs []protocol.Output

	ExitCode *int   // set for StatusExited; for a program unless a signal or limit ended it
	Signal   string // "SIGSEGV", set for StatusKilled

	Usage Usage
	Began time.Time // when the cell was given the job

	// Ended reports whether the cell is gone or about to go. After [Cell.Run] it always is.
	Ended bool
}

// Usage is what the run used, without what it took to make its cell. CPU and
// PeakMemoryBytes are nil where no cgroup counts them.
type Usage struct {
	Wall            time.Duration
	CPU             *time.Duration
	PeakMemoryBytes *int64 // of the whole cell while it ran the script
}
