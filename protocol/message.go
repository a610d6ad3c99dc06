package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"reflect"
	"slices"

	"github.com/hotcell/hotcell/internal/jsonscan"
)

// A Mode says how a jail creates cells.
type Mode string

// The spawn modes. Modes are only added.
const (
	ModeFork Mode = "fork" // the jail is a zygote: every SPAWN forks a cell
	ModeExec Mode = "exec" // the jail's only SPAWN turns its interpreter into the cell
)

// A ScriptMode says what a script is to a cell.
type ScriptMode string

// The modes of a script. Modes are only added.
const (
	ScriptFunction ScriptMode = ""        // a module that defines main
	ScriptProgram  ScriptMode = "program" // what python script.py would run
	ScriptCell     ScriptMode = "cell"    // a notebook's cell
)

// Start is the first message: what the jail loads before it sends HELLO.
type Start struct {
	Protocol int      `json:"protocol"`
	Mode     Mode     `json:"mode"`
	Preload  []string `json:"preload"` // modules to import, in this order
	Warmup   string   `json:"warmup"`  // a script with a main; runs in the zygote and then once in each cell
	// Filters as struct sock_filter[], seccomp(2): the zygote's own, which it
	// loads before it imports anything, and the cells'.
	ZygoteSeccomp []byte `json:"zygote_seccomp"`
	Seccomp       []byte `json:"seccomp"`
	// Landlock is how cells restrict themselves; nil if the kernel does not have it.
	Landlock *Landlock `json:"landlock,omitempty"`
	// OSFork reports whether cells are forked by Python's os.fork, though C's fork() would do.
	OSFork bool `json:"os_fork,omitempty"`
	// PrintThrough reports whether each print is written into the pipe, though it could go
	// into a log first.
	PrintThrough bool `json:"print_through,omitempty"`
	// Snapshot reports whether a SNAPSHOT follows HELLO.
	Snapshot bool `json:"snapshot,omitempty"`
}

// Landlock is how each cell restricts itself, landlock(7). FS, Net and Scoped are
// the members of struct landlock_ruleset_attr: what is denied unless a rule allows
// it. Flags are those of landlock_restrict_self(2).
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

// Hello answers Start once everything is loaded. It comes with a pidfd of the zygote
// and a directory whose ptmx creates terminals, devpts(5).
type Hello struct {
	Protocol int               `json:"protocol"`
	Python   string            `json:"python"`   // "3.11.2"
	Packages map[string]string `json:"packages"` // installed distributions by name, with their versions
	// Requested are those of them that the environment was made for; others are needed by
	// these.
	Requested []string `json:"requested,omitempty"`
	// Threaded is the step after which the zygote had more threads than one, "import
	// pandas"; empty while it has one.
	Threaded string `json:"threaded,omitempty"`
	// OSFork is why cells are forked by os.fork; empty: C's fork() does.
	OSFork string `json:"os_fork,omitempty"`
	// PrintThrough is why each print is written into the pipe; empty: it goes into a log first.
	PrintThrough string `json:"print_through,omitempty"`
}

// Snapshot asks a zygote to settle, if it is empty, and otherwise to move into the file
// that comes with it. The zygote answers each with one, or with FAILED.
//
// At Offset the file has Bytes to be mapped for reading and execution: machine code, a
// table of Moved regions of the zygote's memory, one of Hot ranges of pages that cells
// write, and a seccomp filter that the zygote loads before it moves. Regions, Runs and
// Filter are where in it they begin.
type Snapshot struct {
	Offset  int64 `json:"offset"`
	Bytes   int   `json:"bytes"`
	Regions int   `json:"regions"`
	Moved   int   `json:"moved"`
	Runs    int   `json:"runs"`
	Hot     int   `json:"hot"`

	Filter      int `json:"filter"`
	FilterBytes int `json:"filter_bytes"`

	// Cgroups is how many descriptors will come with GO, if the zygote may make cells by
	// machine code: see pyworker/loop.py. Otherwise it is 0.
	Cgroups int `json:"cgroups"`
	// Loop, in the zygote's answer, says that it does: it sends SPAWN back, instead of
	// SPAWNED, and no EXITED.
	Loop bool `json:"loop,omitempty"`
}

// Spawn requests one cell. It comes with three descriptors: the cell's end of its
// channel (a stream socket), and the write ends of its stdout and stderr.
type Spawn struct {
	Cell      uint64 `json:"cell"`
	UID       int    `json:"uid"` // inside the jail's user namespace; the gid is the same
	DiskBytes int64  `json:"disk_bytes"`
	// MemoryBytes is what the cell tells its script of its memory; its cgroup limits it.
	MemoryBytes int64 `json:"memory_bytes"`
	Files       int   `json:"files"` // RLIMIT_NOFILE, set once the cell is ready
	Tasks       int   `json:"tasks"` // RLIMIT_NPROC, likewise
	Rehearse    bool  `json:"rehearse"`
}

// Spawned answers Spawn. It comes with a pidfd of the cell's process. A zygote with Loop
// answers with the same Spawn.
type Spawned struct {
	Cell uint64 `json:"cell"`
}

// Exited reports that a cell's process ended. If Signal is 0, it exited with Code.
type Exited struct {
	Cell   uint64 `json:"cell"` // 0: the zygote itself
	Code   int    `json:"code"`
	Signal int    `json:"signal"`
}

// Ready reports that a cell waits for its RUN. It comes with a descriptor from
// fspick(2) for the cell's disk, with which the supervisor can resize the disk, and with
// the read ends of the pipes for its stdout and stderr.
type Ready struct {
	StepsUS map[string]int64 `json:"steps_us"` // microseconds that each step of the start took
}

// Run is one script. On the wire it is a header in JSON, a newline, and then Script,
// Args, Kwargs and Stdin unchanged; the header has their lengths. So what a client
// sent is passed on without being encoded again.
type Run struct {
	Script string
	Args   json.RawMessage // an array
	Kwargs json.RawMessage // an object
	Stdin  string
	// Names and values of Env contain no NUL, and names no "=".
	Env         map[string]string
	ResultBytes int64 // a longer result is not sent
	// MemoryBytes is 0, or differs from what SPAWN said.
	MemoryBytes int64
	// Tasks is 0, or a lower RLIMIT_NPROC than what SPAWN said. The kernel looks at it before
	// it copies a process, for which it takes locks that all cells share, and asks the cgroup
	// afterwards: so of the processes of a fork bomb only one at a time copies in vain.
	Tasks int
	Mode  ScriptMode
	// Display reports whether the cell sends what the script shows, as
	// ScriptCell always does: at most OutputsBytes of it.
	Display      bool
	OutputsBytes int64
	Collect      *Collect
	// Call is 0 for the only script of a cell. In a session it is the number of
	// the call, from 1: names persist between calls, main is optional, and the
	// cell waits for another RUN after its RESULT.
	Call int
	// LastExpression reports whether the script needs no main: without one, its result
	// is the value of its last expression. A call of a session never needs one.
	LastExpression bool
	// Live reports whether somebody reads the output while the script runs: then nothing of it
	// is held back until the pipe is worth a write.
	Live bool
	// TTY reports whether a TTY follows: the script runs on that terminal, or,
	// without a script, an interactive interpreter does.
	TTY bool
}

// runHead is the header of a RUN.
type runHead struct {
	ScriptBytes    int               `json:"script_bytes"`
	ArgsBytes      int               `json:"args_bytes,omitempty"` // 0: no arguments
	KwargsBytes    int               `json:"kwargs_bytes,omitempty"`
	StdinBytes     int               `json:"stdin_bytes,omitempty"`
	Env            map[string]string `json:"env,omitempty"`
	ResultBytes    int64             `json:"result_bytes"`
	MemoryBytes    int64             `json:"memory_bytes,omitempty"`
	Tasks          int               `json:"tasks,omitempty"`
	Mode           ScriptMode        `json:"mode,omitempty"`
	Display        bool              `json:"display,omitempty"`
	OutputsBytes   int64             `json:"outputs_bytes,omitempty"`
	Collect        *Collect          `json:"collect,omitempty"`
	Call           int               `json:"call,omitempty"`
	LastExpression bool              `json:"last_expression,omitempty"`
	Live           bool              `json:"live,omitempty"`
	TTY            bool              `json:"tty,omitempty"`
}

// Collect requests files once the script has ended by itself: a FILE for each that exists, then
// RESULT. If there are more than the maxima allow, only a RESULT is sent.
type Collect struct {
	Patterns []string `json:"patterns"` // "*.csv", "out/**"; ** matches any number of directories
	MaxBytes int64    `json:"max_bytes"`
	MaxFiles int      `json:"max_files"`
	MaxDepth int      `json:"max_depth"` // directories below the working directory
}

// File is a file below the working directory. The supervisor sends it before RUN, so
// that the script finds it; a cell sends it before RESULT. On the wire it is a header
// in JSON with the path, a newline, and the content unchanged.
type File struct {
	Path    string `json:"path"` // with slashes, relative, clean
	Content []byte `json:"-"`
}

// Result is the answer to Run. On the wire it is the JSON of everything except
// Value, a newline, and Value unchanged. So a large value is parsed only once, when
// the answer to the client is written.
type Result struct {
	Status Status       `json:"status"`
	Error  *ScriptError `json:"error,omitempty"`
	Limit  Limit        `json:"limit,omitempty"` // for StatusOutputLimit: LimitResult, LimitFiles or LimitOutputs
	// ExitCode is for StatusExited: from 0 to 255.
	ExitCode *int            `json:"exit_code,omitempty"`
	Value    json.RawMessage `json:"-"`
}

// ScriptError is an error in a script. Message and Traceback are text that the
// tenant controls.
type ScriptError struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	Traceback string `json:"traceback"`
	Line      *int   `json:"line"` // in the script, from 1; nil if it is not in a line of the script
	// Column, from 1, and Text, the line, are those of a syntax error in the script.
	Column *int    `json:"column,omitempty"`
	Text   *string `json:"text,omitempty"`
	// Hint is what the supervisor adds for the client; it replaces what a cell sends.
	Hint string `json:"hint,omitempty"`
}

// Failed reports which step of a start failed, in the jail's own words.
type Failed struct {
	Cell  uint64 `json:"cell"` // 0: the jail as a whole
	Step  string `json:"step"` // "import pandas", "mount /box", "seccomp"
	Error string `json:"error"`
}

// EncodeMessage returns the frame of a message that is plain JSON.
func EncodeMessage(t Type, message any, maxBytes int) ([]byte, error) {
	payload, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t, err)
	}
	return AppendFrame(make([]byte, 0, HeaderBytes+len(payload)), t, payload, maxBytes)
}

// EncodeRun returns the frame of a RUN, in parts that alias the fields of run.
func EncodeRun(run Run) (net.Buffers, error) {
	var head bytes.Buffer
	encoder := json.NewEncoder(&head) // it also writes the newline
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(runHead{
		ScriptBytes: len(run.Script), ArgsBytes: len(run.Args), KwargsBytes: len(run.Kwargs), StdinBytes: len(run.Stdin),
		Env: run.Env, ResultBytes: run.ResultBytes, MemoryBytes: run.MemoryBytes, Tasks: run.Tasks, Mode: run.Mode, Display: run.Display, OutputsBytes: run.OutputsBytes, Collect: run.Collect, Call: run.Call, LastExpression: run.LastExpression, Live: run.Live, TTY: run.TTY,
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

// DecodeMessage parses a payload that is plain JSON into message. Each member's name
// must match a field's exactly and appear once, and the text must be UTF-8: both
// sides come from the same build.
func DecodeMessage(t Type, payload []byte, message any) error {
	reader := jsonscan.NewReader(payload)
	err := checkNames(reader, reflect.TypeOf(message))
	if err == nil {
		err = reader.End()
	}
	if err == nil {
		err = json.Unmarshal(payload, message)
	}
	if err != nil {
		return fmt.Errorf("decode %s: %w", t, err)
	}
	return nil
}

// DecodeResult parses the payload of a RESULT. Value aliases payload and is not yet
// known to be JSON: the caller must check it before passing it on.
func DecodeResult(payload []byte) (Result, error) {
	head, value, found := bytes.Cut(payload, []byte{'\n'})
	if !found || len(head) > MaxHeadBytes {
		return Result{}, fmt.Errorf("decode RESULT: no header line of at most %d bytes", MaxHeadBytes)
	}
	var result Result
	if err := DecodeMessage(TypeResult, head, &result); err != nil {
		return Result{}, err
	}
	if !slices.Contains(fromWorker, result.Status) {
		return Result{}, fmt.Errorf("decode RESULT: a worker may not set status %q", result.Status)
	}
	if limited := slices.Contains(limitsOfWorker, result.Limit); limited != (result.Status == StatusOutputLimit) || !limited && result.Limit != "" {
		return Result{}, fmt.Errorf("decode RESULT: limit %q with status %q", result.Limit, result.Status)
	}
	if code := result.ExitCode; (code != nil) != (result.Status == StatusExited) || code != nil && (*code < 0 || *code > 255) {
		return Result{}, fmt.Errorf("decode RESULT: status %q and its exit code contradict each other", result.Status)
	}
	if result.explained() != (result.Error != nil) {
		return Result{}, fmt.Errorf("decode RESULT: status %q and its error contradict each other", result.Status)
	}
	result.Value = value
	return result, nil
}

// explained reports whether the result must have an error. All others must not.
func (r Result) explained() bool {
	return r.Status == StatusException || r.Status == StatusNotJSON || r.Status == StatusSyntaxError || r.Limit == LimitFiles
}

// EncodeFile returns the frame of a FILE, in parts that alias its content.
func EncodeFile(file File, maxBytes int) (net.Buffers, error) {
	head, err := json.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("encode FILE: %w", err)
	}
	head = append(head, '\n')
	header, err := AppendHeader(nil, TypeFile, len(head)+len(file.Content), maxBytes)
	return net.Buffers{append(header, head...), file.Content}, err
}

// DecodeFile parses the payload of a FILE from a cell; Content aliases it. The path
// passes [CheckPortablePath], so that a client that writes the file by that name does
// not write elsewhere.
func DecodeFile(payload []byte) (File, error) {
	head, content, found := bytes.Cut(payload, []byte{'\n'})
	if !found || len(head) > MaxFileHeadBytes {
		return File{}, fmt.Errorf("decode FILE: no header line of at most %d bytes", MaxFileHeadBytes)
	}
	file := File{Content: content}
	if err := DecodeMessage(TypeFile, head, &file); err != nil {
		return File{}, err
	}
	return file, CheckPortablePath(file.Path)
}
