package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// Answer is what a client gets whose script was run, however it ended. Every
// field is always there.
type Answer struct {
	ID        string                `json:"id"`
	Status    protocol.Status       `json:"status"`
	Result    json.RawMessage       `json:"result"`
	Stdout    string                `json:"stdout"`
	Stderr    string                `json:"stderr"`
	Truncated Truncated             `json:"truncated"`
	Error     *protocol.ScriptError `json:"error"`
	ExitCode  *int                  `json:"exit_code"`
	Signal    *string               `json:"signal"`
	Limit     *protocol.Limit       `json:"limit"`
	Files     []File                `json:"files"` // that were collected, by path
	Usage     Usage                 `json:"usage"`
	Timing    Timing                `json:"timing"`
}

// Truncated tells which stream had more than its limit.
type Truncated struct {
	Stdout bool `json:"stdout"`
	Stderr bool `json:"stderr"`
}

// Usage is what the jail used while it ran the script.
type Usage struct {
	Wall            Millis `json:"wall_ms"`
	CPU             Millis `json:"cpu_ms"`
	PeakMemoryBytes int64  `json:"peak_memory_bytes"`
}

// Timing is where the time went. Queue is until there was a cell: in line, and
// while one was made. Run is the script's own. Handoff is what lies around it:
// to set the cell's limits before and to read its usage after.
type Timing struct {
	Queue   Millis `json:"queue_ms"`
	Handoff Millis `json:"handoff_ms"`
	Run     Millis `json:"run_ms"`
}

// Header is the Server-Timing header.
func (t Timing) Header() string {
	return fmt.Sprintf("queue;dur=%v, handoff;dur=%v, run;dur=%v", t.Queue, t.Handoff, t.Run)
}

// Millis is a duration that is written in milliseconds, to the microsecond.
type Millis time.Duration

func (m Millis) String() string {
	return strconv.FormatFloat(float64(time.Duration(m).Microseconds())/1000, 'f', -1, 64)
}

// MarshalJSON writes a number.
func (m Millis) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Millis) UnmarshalJSON(text []byte) error {
	ms, err := strconv.ParseFloat(string(text), 64)
	*m = Millis(ms * float64(time.Millisecond))
	return err
}

// NewAnswer makes the answer to a script that was run.
func NewAnswer(id string, v nsjail.Verdict, timing Timing) *Answer {
	answer := &Answer{
		ID: id, Status: v.Status, Result: v.Result, Error: v.Error, ExitCode: v.ExitCode,
		Stdout: string(v.Stdout), Stderr: string(v.Stderr), // encoding/json makes U+FFFD of what is no UTF-8
		Truncated: Truncated{Stdout: v.StdoutTruncated, Stderr: v.StderrTruncated},
		Files:     newFiles(v.Files),
		Usage:     Usage{Wall: Millis(v.Usage.Wall), CPU: Millis(v.Usage.CPU), PeakMemoryBytes: v.Usage.PeakMemoryBytes},
		Timing:    timing,
	}
	if v.Signal != "" {
		answer.Signal = &v.Signal
	}
	if v.Limit != "" {
		answer.Limit = &v.Limit
	}
	return answer
}

// Encode gives the answer as JSON.
func (a *Answer) Encode() ([]byte, error) { return Encode(a) }

// Encode is json.Marshal that leaves <, > and & as they are.
func Encode(value any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return body.Bytes(), err
}
