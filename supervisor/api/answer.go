package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// Ending says how a run ended, in answers, problems and messages of terminals. Every
// field is always present, and null if it does not apply.
type Ending struct {
	Status   protocol.Status `json:"status"`
	ExitCode *int            `json:"exit_code"`
	Signal   *string         `json:"signal"`
	Limit    *protocol.Limit `json:"limit"`
}

// EndingOf returns how a run ended. It keeps no reference to the verdict, which may be
// large.
func EndingOf(v *nsjail.Verdict) Ending {
	e := Ending{Status: v.Status, ExitCode: v.ExitCode}
	if v.Signal != "" {
		e.Signal = new(v.Signal)
	}
	if v.Limit != "" {
		e.Limit = new(v.Limit)
	}
	return e
}

// truncated says which of the two streams exceeded its limit.
type truncated struct {
	Stdout bool `json:"stdout"`
	Stderr bool `json:"stderr"`
}

// Usage is what the jail used while it ran the script; nil where no cgroup counts it.
type Usage struct {
	Wall            Millis  `json:"wall_ms"`
	CPU             *Millis `json:"cpu_ms"`
	PeakMemoryBytes *int64  `json:"peak_memory_bytes"`
}

// UsageOf returns what a run used.
func UsageOf(v *nsjail.Verdict) Usage {
	return Usage{Wall: Millis(v.Usage.Wall), CPU: (*Millis)(v.Usage.CPU), PeakMemoryBytes: v.Usage.PeakMemoryBytes}
}

// Timing says where the time went. Queue is the time until the request had a cell: in
// line, and while a cell was made. Run is the script's own time. Handoff is the rest:
// setting the cell's limits before, and reading its usage after.
type Timing struct {
	Queue   Millis `json:"queue_ms"`
	Handoff Millis `json:"handoff_ms"`
	Run     Millis `json:"run_ms"`
}

// Header returns the value of the Server-Timing header.
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
	*m = Millis(time.Duration(math.Round(ms*1000)) * time.Microsecond)
	return err
}

// Encode is like json.Marshal, but does not escape <, > and &. It ends with a
// newline.
func Encode(value any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return body.Bytes(), err
}
