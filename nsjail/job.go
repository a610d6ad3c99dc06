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
	FilesBytes  int64         // the files that are collected, together
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
	// Files are written below the working directory before the script starts.
	Files []protocol.File
	// Collect has patterns of the files below it that come back once main has
	// returned: "*.csv", "out/**". Only regular files count.
	Collect []string
	// LastExpression: the script needs no main, and without one its result is the
	// value of its last expression. In a session it is always so.
	LastExpression bool
	Limits         Limits
	// Output, if there is one, is given what the script writes, as it comes. It
	// is called by one goroutine for each stream; while it does not return, the
	// script that goes on writing waits. What it is given is valid until then.
	Output func(Stream, []byte)
}

// Stream is one of a script's two.
type Stream string

// The streams.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
)

// What is collected is at most this much, and Limits.FilesBytes.
const (
	MaxCollectedFiles = 1000
	MaxCollectedDepth = 64 // directories below the working directory
)

// Verdict tells how a run ended and what came of it. Everything in it but
// Usage is the tenant's, and hostile.
type Verdict struct {
	Status protocol.Status
	Limit  protocol.Limit // which limit ended it, or empty

	// Result is what main returned, as the cell sent it. It is not yet known to
	// be JSON: whoever writes the answer checks that.
	Result json.RawMessage
	Error  *protocol.ScriptError

	Stdout, Stderr                   []byte // at most Limits.OutputBytes each, any bytes
	StdoutTruncated, StderrTruncated bool

	Files []protocol.File // that were collected, by path; content is any bytes

	ExitCode *int   // set for StatusExited
	Signal   string // "SIGSEGV", set for StatusKilled

	Usage Usage
	Began time.Time // when the cell was given the job

	// Ended says that the cell is gone, or going. After [Cell.Run] it always is.
	Ended bool
}

// Usage is what the run took, without the making of its cell.
type Usage struct {
	Wall            time.Duration
	CPU             time.Duration
	PeakMemoryBytes int64 // of the whole cell while it ran the script
}
