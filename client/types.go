package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Request is a script to run. Everything but Script is optional.
type Request struct {
	Script         string            `json:"script"`            // Python source, at most 1 MiB
	Args           []any             `json:"args,omitempty"`    // positional arguments of main
	Kwargs         map[string]any    `json:"kwargs,omitempty"`  // keyword arguments of main
	Stdin          string            `json:"stdin,omitempty"`   // what the script reads from standard input
	Env            map[string]string `json:"env,omitempty"`     // added to the script's environment
	Files          []File            `json:"files,omitempty"`   // written into the working directory first
	Collect        []string          `json:"collect,omitempty"` // patterns of files to send back, such as out/**
	Limits         *Limits           `json:"limits,omitempty"`
	LastExpression bool              `json:"last_expression,omitempty"` // without main, the last expression is the result
	Mode           string            `json:"mode,omitempty"`            // function, which is the default, program or cell
	Display        bool              `json:"display,omitempty"`         // what the script shows comes back; always so in mode cell
	Profile        string            `json:"profile,omitempty"`         // a name in Info.Profiles; empty: Info.DefaultProfile
}

// File is a file that goes in.
type File struct {
	Path     string `json:"path" jsonschema:"relative to the working directory"`
	Content  string `json:"content"`
	Encoding string `json:"encoding,omitempty" jsonschema:"utf-8, which is the default, or base64"`
}

// Collected is a file that comes back. Size is in bytes.
type Collected struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"`
	Content  string `json:"content"`
	Encoding string `json:"encoding"`
}

// Bytes decodes the content.
func (f Collected) Bytes() ([]byte, error) {
	if f.Encoding != "base64" {
		return []byte(f.Content), nil
	}
	content, err := base64.StdEncoding.DecodeString(f.Content)
	if err != nil {
		return nil, fmt.Errorf("decode file %s: %w", f.Path, err)
	}
	return content, nil
}

// Limits bound a script. A limit of 0 is the server's default.
type Limits struct {
	WallMS       int64 `json:"wall_ms,omitempty"`
	CPUMS        int64 `json:"cpu_ms,omitempty"`
	MemoryBytes  int64 `json:"memory_bytes,omitempty"`
	OutputBytes  int64 `json:"output_bytes,omitempty"` // of stdout and of stderr
	ResultBytes  int64 `json:"result_bytes,omitempty"`
	FilesBytes   int64 `json:"files_bytes,omitempty"`   // of collected files together
	OutputsBytes int64 `json:"outputs_bytes,omitempty"` // of what the script shows, together
	DiskBytes    int64 `json:"disk_bytes,omitempty"`
	Processes    int64 `json:"processes,omitempty"`
	// InterruptGraceMS is how long a session's call may go on after an interrupt,
	// before it is killed.
	InterruptGraceMS int64 `json:"interrupt_grace_ms,omitempty"`
}

// Status says how a script ended.
type Status string

// The statuses.
const (
	StatusOK          Status = "ok"           // main returned, and its result is JSON
	StatusException   Status = "exception"    // it raised
	StatusNotJSON     Status = "not_json"     // main returned what JSON cannot hold
	StatusTimeout     Status = "timeout"      // limit wall, cpu or idle
	StatusMemoryLimit Status = "memory_limit" // limit memory
	StatusOutputLimit Status = "output_limit" // limit output, result, files or outputs
	StatusExited      Status = "exited"       // it ended its process: ExitCode
	StatusKilled      Status = "killed"       // a signal ended it: Signal
)

// Statuses lists all statuses.
var Statuses = []Status{
	StatusOK, StatusException, StatusNotJSON, StatusTimeout, StatusMemoryLimit, StatusOutputLimit, StatusExited, StatusKilled,
}

// Ending is how a script ended. A field that does not apply is nil.
type Ending struct {
	Status   Status  `json:"status"`
	ExitCode *int    `json:"exit_code"`
	Signal   *string `json:"signal"` // "SIGKILL"
	Limit    *string `json:"limit"`  // "wall", "cpu", "memory", "output", "result", "files", "outputs", "processes" or "idle"
}

// Answer is what came of a script that ran.
type Answer struct {
	ID string `json:"id"` // of the request, as in the server's log
	Ending
	Result    json.RawMessage `json:"result"` // what main returned; null unless Status is ok
	Stdout    string          `json:"stdout"`
	Stderr    string          `json:"stderr"`
	Truncated Truncated       `json:"truncated"`
	Error     *ScriptError    `json:"error"` // nil if the script raised nothing
	Files     []Collected     `json:"files"`
	Outputs   []Output        `json:"outputs"` // what the script showed, in order
	Usage     Usage           `json:"usage"`
	Timing    Timing          `json:"timing"`
}

// Output is something that a script showed, in each form that it has, as in Jupyter.
type Output struct {
	Kind string `json:"kind"` // "result", if it is the value of the last expression, or "display"
	// Data is a string for text and, in base64, for binary types such as image/png, and
	// any JSON for application/json and types that end in +json.
	Data     map[string]json.RawMessage `json:"data"`
	Metadata map[string]json.RawMessage `json:"metadata"`
}

// A PictureType is a MIME type of pictures, with the end of their files' names.
type PictureType struct{ Type, End string }

// texts are the forms of an Output that can be read, the plainest first.
var texts = []string{"text/plain", "text/markdown", "text/latex", "application/json", "text/html", "image/svg+xml"}

// onlyNamed matches plain text that says which object it is, and nothing else.
var onlyNamed = regexp.MustCompile(`^<[\w.<>]+ (object|at 0x[0-9a-f]+|object at 0x[0-9a-f]+)>$`)

// Text returns what can be read of an output, as text: the plainest of its forms. ok is
// false if it has none.
func (o *Output) Text() (text string, ok bool) {
	for _, kind := range texts {
		data, there := o.Data[kind]
		if !there {
			continue
		}
		var s string
		if json.Unmarshal(data, &s) != nil {
			s = string(data)
		}
		if text, ok = s, true; !onlyNamed.MatchString(s) {
			break
		}
	}
	return text, ok
}

// PictureTypes are those that an Output may have, the best first.
var PictureTypes = []PictureType{
	{"image/png", ".png"}, {"image/jpeg", ".jpg"}, {"image/gif", ".gif"}, {"image/webp", ".webp"}, {"image/svg+xml", ".svg"},
}

// Picture returns the best picture among the forms of an output. If there is none, its
// type is zero.
func (o *Output) Picture() (kind PictureType, content []byte, err error) {
	for _, kind := range PictureTypes {
		data, ok := o.Data[kind.Type]
		if !ok {
			continue
		}
		var text string
		err := json.Unmarshal(data, &text)
		if content = []byte(text); err == nil && !strings.HasSuffix(kind.Type, "+xml") {
			content, err = base64.StdEncoding.DecodeString(text)
		}
		return kind, content, err
	}
	return PictureType{}, nil, nil
}

// Truncated says which output the output limit cut.
type Truncated struct {
	Stdout bool `json:"stdout"`
	Stderr bool `json:"stderr"`
}

// ScriptError is what a script raised.
type ScriptError struct {
	Type      string  `json:"type"`
	Message   string  `json:"message"`
	Traceback string  `json:"traceback"`
	Line      *int    `json:"line"`             // of the script; nil: unknown
	Column    *int    `json:"column,omitempty"` // of a syntax error, from 1
	Text      *string `json:"text,omitempty"`   // that line
	Hint      string  `json:"hint"`             // what would help, if the server knows: which packages there are
}

// Usage is what a script used, as the kernel counted it. CPUMS and PeakMemoryBytes are
// nil where the server has no cgroups that count them.
type Usage struct {
	WallMS          float64  `json:"wall_ms"`
	CPUMS           *float64 `json:"cpu_ms"`
	PeakMemoryBytes *int64   `json:"peak_memory_bytes"`
}

// Timing is where the server spent the time of a request.
type Timing struct {
	QueueMS   float64 `json:"queue_ms"`   // until there was a jail
	HandoffMS float64 `json:"handoff_ms"` // until the script began
	RunMS     float64 `json:"run_ms"`
}

// Info is what a server tells of itself.
type Info struct {
	Version        string                 `json:"version"`
	Go             string                 `json:"go"`
	DefaultProfile string                 `json:"default_profile"`
	UIDs           string                 `json:"uids"` // "range": each jail has its own uid; "single": all share one
	LandlockABI    int                    `json:"landlock_abi"`
	Memory         InfoMemory             `json:"memory"`
	Connections    InfoConnections        `json:"connections"`
	Profiles       map[string]InfoProfile `json:"profiles"` // those that the key may use
}

// InfoMemory is what the server's own process takes for clients, in bytes.
type InfoMemory struct {
	MaxBytes        int64 `json:"max_bytes"`
	MaxBodiesBytes  int64 `json:"max_bodies_bytes"`
	MaxAnswersBytes int64 `json:"max_answers_bytes"`
}

// InfoConnections are the limits on connections.
type InfoConnections struct {
	Max           int `json:"max"`
	MaxPerAddress int `json:"max_per_address"`
	Descriptors   int `json:"descriptors"`
}

// InfoProfile is one set of libraries, and how its jails are held.
type InfoProfile struct {
	Python           string            `json:"python"`
	Packages         map[string]string `json:"packages"` // versions by name
	Preload          []string          `json:"preload"`
	SpawnMode        string            `json:"spawn_mode"`
	Zygotes          int               `json:"zygotes"`   // interpreters that cells are forked from now
	Isolation        map[string]bool   `json:"isolation"` // by layer: whether it is in force
	SharedCounts     []string          `json:"shared_counts"`
	DiskReadsLimited bool              `json:"disk_reads_limited"`
	Shortcuts        map[string]bool   `json:"shortcuts"` // by name: whether it is taken
	Limits           InfoLimits        `json:"limits"`
}

// InfoLimits are a profile's limits for this key.
type InfoLimits struct {
	Default Limits `json:"default"`
	Max     Limits `json:"max"`
}

// SessionRequest asks for a session. Everything is optional.
type SessionRequest struct {
	Profile string            `json:"profile,omitempty"`
	Limits  *Limits           `json:"limits,omitempty"`
	TTLS    int               `json:"ttl_s,omitempty"`  // seconds for which it may live
	IdleS   int               `json:"idle_s,omitempty"` // seconds without a call that end it
	Mode    string            `json:"mode,omitempty"`   // of calls that name none
	Env     map[string]string `json:"env,omitempty"`
	Files   []File            `json:"files,omitempty"` // written into the working directory first
	ID      string            `json:"id,omitempty"`    // an id of the caller's own choice
}

// SessionState is a session as the server sees it.
type SessionState struct {
	ID        string    `json:"id"`
	Profile   string    `json:"profile"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	IdleS     int       `json:"idle_s"`
	Limits    Limits    `json:"limits"`
	Busy      bool      `json:"busy"`          // a call runs
	Calls     int       `json:"calls"`         // that have ended
	Key       string    `json:"key,omitempty"` // name of the key that made it; for operators only
}
