package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"unicode/utf8"
)

// Mode says how a jail makes cells.
type Mode string

// The spawn modes. They only grow.
const (
	ModeFork Mode = "fork" // the jail is a zygote: every SPAWN forks a cell
	ModeExec Mode = "exec" // the jail's one SPAWN turns its interpreter into the cell
)

// Start is the first frame: what the jail loads before it says HELLO.
type Start struct {
	Protocol int      `json:"protocol"`
	Mode     Mode     `json:"mode"`
	Preload  []string `json:"preload"` // modules to import, in this order
	Warmup   string   `json:"warmup"`  // a script with a main; run in the zygote, and rehearsed in each cell
	// Filters as struct sock_filter[], seccomp(2): the zygote's own, which it
	// loads before it imports anything, and the cells'.
	ZygoteSeccomp []byte `json:"zygote_seccomp"`
	Seccomp       []byte `json:"seccomp"`
	// Landlock says what cells restrict themselves to; nil where the kernel has none.
	Landlock *Landlock `json:"landlock,omitempty"`
}

// Landlock is what each cell restricts itself to, landlock(7). FS, Net and Scoped
// are the members of struct landlock_ruleset_attr: what is refused unless a rule
// allows it. Flags are those of landlock_restrict_self(2).
type Landlock struct {
	FS     uint64         `json:"fs"`
	Net    uint64         `json:"net"`
	Scoped uint64         `json:"scoped"`
	Flags  uint32         `json:"flags"`
	Rules  []LandlockRule `json:"rules"` // for what all cells share
	Disk   uint64         `json:"disk"`  // the rights below the cell's own disk
}

// LandlockRule allows Rights, LANDLOCK_ACCESS_FS_*, to everything below a path.
type LandlockRule struct {
	Path   string `json:"path"`
	Rights uint64 `json:"rights"`
}

// Hello answers Start once everything is loaded. With it come a pidfd of the zygote,
// and a directory with a ptmx of which terminals are made, devpts(5).
type Hello struct {
	Protocol int               `json:"protocol"`
	Python   string            `json:"python"`   // "3.11.2"
	Packages map[string]string `json:"packages"` // installed distributions by name, with their versions
}

// Spawn asks for one cell. Three descriptors travel with it: the cell's end of
// its channel (a stream socket), and the write ends of its stdout and stderr.
type Spawn struct {
	Cell      uint64 `json:"cell"`
	UID       int    `json:"uid"` // inside the jail's user namespace; the gid is the same
	DiskBytes int64  `json:"disk_bytes"`
	Files     int    `json:"files"` // RLIMIT_NOFILE, once it is ready
	Tasks     int    `json:"tasks"` // RLIMIT_NPROC, likewise
	Rehearse  bool   `json:"rehearse"`
}

// Spawned answers Spawn; a pidfd of the cell's process travels with it.
type Spawned struct {
	Cell uint64 `json:"cell"`
}

// Exited tells that a cell's process ended. Exactly one of Code and Signal
// says something: Signal is 0 after a normal exit.
type Exited struct {
	Cell   uint64 `json:"cell"` // 0: the zygote itself
	Code   int    `json:"code"`
	Signal int    `json:"signal"`
}

// Ready says that a cell waits for its RUN. A descriptor of fspick(2) for its
// disk travels with it, through which the supervisor can resize the disk.
type Ready struct {
	StepsUS map[string]int64 `json:"steps_us"` // microseconds that each step of the start took
}

// Run is one script. On the wire it is the JSON of a head, a newline, and then
// Script, Args, Kwargs and Stdin as they are, whose lengths are in the head: what a
// client has sent is passed on without being encoded once more.
type Run struct {
	Script string
	Args   json.RawMessage // an array
	Kwargs json.RawMessage // an object
	Stdin  string
	// Env names and values hold no NUL and names no "=".
	Env         map[string]string
	ResultBytes int64 // a longer result is not sent
	Collect     *Collect
	// Call is 0 for a cell's one script. In a session it is the number of the
	// call, from 1: names stay from call to call, main may be missing, and the
	// cell waits for another RUN after its RESULT.
	Call int
	// TTY says that a TTY follows: the script runs on that terminal, and without
	// a script an interactive interpreter does.
	TTY bool
}

// runHead is the head of a RUN.
type runHead struct {
	ScriptBytes int               `json:"script_bytes"`
	ArgsBytes   int               `json:"args_bytes,omitempty"` // 0: there are none
	KwargsBytes int               `json:"kwargs_bytes,omitempty"`
	StdinBytes  int               `json:"stdin_bytes,omitempty"`
	Env         map[string]string `json:"env,omitempty"`
	ResultBytes int64             `json:"result_bytes"`
	Collect     *Collect          `json:"collect,omitempty"`
	Call        int               `json:"call,omitempty"`
	TTY         bool              `json:"tty,omitempty"`
}

// Collect asks for files once main has returned: a FILE for each that is there,
// then RESULT. Where there is more than the maxima allow it is only a RESULT.
type Collect struct {
	Patterns []string `json:"patterns"` // "*.csv", "out/**"; ** is any number of directories
	MaxBytes int64    `json:"max_bytes"`
	MaxFiles int      `json:"max_files"`
	MaxDepth int      `json:"max_depth"` // of directories below the working directory
}

// File is one file below the working directory. To a cell it comes before RUN,
// which then finds it there; from a cell before RESULT. On the wire it is the
// JSON of its path, a newline, and its content as it is.
type File struct {
	Path    string `json:"path"` // with slashes, relative, clean
	Content []byte `json:"-"`
}

// Result is the answer to Run. On the wire it is the JSON of everything but
// Value, a newline, and Value as it is: a large value is parsed once, when the
// answer to the client is written, and not twice.
type Result struct {
	Status Status          `json:"status"`
	Error  *ScriptError    `json:"error,omitempty"`
	Limit  Limit           `json:"limit,omitempty"` // of StatusOutputLimit: LimitResult or LimitFiles
	Value  json.RawMessage `json:"-"`
}

// ScriptError says what went wrong in a script. Message and Traceback are the
// tenant's text.
type ScriptError struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	Traceback string `json:"traceback"`
	Line      *int   `json:"line"` // in the script, from 1; nil where it is in no line of it
}

// Failed says which step of a start went wrong, in the jail's own words.
type Failed struct {
	Cell  uint64 `json:"cell"` // 0: the jail as a whole
	Step  string `json:"step"` // "import pandas", "mount /box", "seccomp"
	Error string `json:"error"`
}

// EncodeMessage is the frame of a message that is plain JSON.
func EncodeMessage(t Type, message any, maxBytes int) ([]byte, error) {
	payload, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t, err)
	}
	return AppendFrame(make([]byte, 0, HeaderBytes+len(payload)), t, payload, maxBytes)
}

// EncodeRun is the frame of a RUN, in parts that alias what run holds.
func EncodeRun(run Run) (net.Buffers, error) {
	var head bytes.Buffer
	encoder := json.NewEncoder(&head) // it writes the newline, too
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(runHead{
		ScriptBytes: len(run.Script), ArgsBytes: len(run.Args), KwargsBytes: len(run.Kwargs), StdinBytes: len(run.Stdin),
		Env: run.Env, ResultBytes: run.ResultBytes, Collect: run.Collect, Call: run.Call, TTY: run.TTY,
	})
	if err != nil {
		return nil, fmt.Errorf("encode RUN: %w", err)
	}
	parts := net.Buffers{head.Bytes(), []byte(run.Script), run.Args, run.Kwargs, []byte(run.Stdin)}
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	header, err := AppendHeader(nil, TypeRun, size, MaxRunBytes)
	return append(net.Buffers{header}, parts...), err
}

// DecodeMessage reads a payload that is plain JSON into message. Every member's
// name must be a field's exactly and be there once, and the text be UTF-8: both
// sides come from one build.
func DecodeMessage(t Type, payload []byte, message any) error {
	if !utf8.Valid(payload) {
		return fmt.Errorf("decode %s: it is not UTF-8", t)
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(message); err != nil {
		return fmt.Errorf("decode %s: %w", t, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("decode %s: more than one JSON value", t)
	}
	if err := checkNames(json.NewDecoder(bytes.NewReader(payload)), reflect.TypeOf(message)); err != nil {
		return fmt.Errorf("decode %s: %w", t, err)
	}
	return nil
}

// DecodeResult reads the payload of a RESULT. Value aliases payload and is not
// yet known to be JSON; whoever sends it on checks that.
func DecodeResult(payload []byte) (Result, error) {
	head, value, found := bytes.Cut(payload, []byte{'\n'})
	if !found || len(head) > MaxHeadBytes {
		return Result{}, fmt.Errorf("decode RESULT: no head line of at most %d bytes", MaxHeadBytes)
	}
	var result Result
	if err := DecodeMessage(TypeResult, head, &result); err != nil {
		return Result{}, err
	}
	if !result.Status.fromWorker() {
		return Result{}, fmt.Errorf("decode RESULT: status %q is not a worker's to give", result.Status)
	}
	if limited := result.Limit == LimitResult || result.Limit == LimitFiles; limited != (result.Status == StatusOutputLimit) || !limited && result.Limit != "" {
		return Result{}, fmt.Errorf("decode RESULT: limit %q with status %q", result.Limit, result.Status)
	}
	if result.explained() != (result.Error != nil) {
		return Result{}, fmt.Errorf("decode RESULT: status %q and its error contradict each other", result.Status)
	}
	result.Value = value
	return result, nil
}

// explained: such a result comes with an error, and any other without.
func (r Result) explained() bool {
	return r.Status == StatusException || r.Status == StatusNotJSON || r.Status == StatusSyntaxError || r.Limit == LimitFiles
}

// EncodeFile is the frame of a FILE, in parts of which one is its content.
func EncodeFile(file File, maxBytes int) (net.Buffers, error) {
	head, err := json.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("encode FILE: %w", err)
	}
	head = append(head, '\n')
	header, err := AppendHeader(nil, TypeFile, len(head)+len(file.Content), maxBytes)
	return net.Buffers{append(header, head...), file.Content}, err
}

// DecodeFile reads the payload of a FILE from a cell, which Content aliases. The
// path is what [CheckPortablePath] takes, so that whoever writes the file somewhere
// by that name does not write elsewhere.
func DecodeFile(payload []byte) (File, error) {
	head, content, found := bytes.Cut(payload, []byte{'\n'})
	if !found || len(head) > MaxFileHeadBytes {
		return File{}, fmt.Errorf("decode FILE: no head line of at most %d bytes", MaxFileHeadBytes)
	}
	file := File{Content: content}
	if err := DecodeMessage(TypeFile, head, &file); err != nil {
		return File{}, err
	}
	return file, CheckPortablePath(file.Path)
}
