package api

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

// TTYProtocol is the WebSocket subprotocol of GET /tty, which docs/tty.md describes.
const TTYProtocol = "hotcell.tty.v1"

// TerminalRequest is a decoded first message.
type TerminalRequest struct {
	Execution
	Columns, Rows uint16
}

// defaultTerm is the default of TERM: most terminals are compatible with it.
const defaultTerm = "xterm-256color"

// DecodeTerminal decodes the first message of a terminal, as strictly as
// DecodeExecution decodes a request.
func DecodeTerminal(message []byte, profiles []config.Profile, maxWall time.Duration) (TerminalRequest, *Problem) {
	f, given := readForm(message, terminalFields, scriptForm{})
	f.needsSide("/cols", given.columns)
	f.needsSide("/rows", given.rows)
	chosen := f.profile(given.profile, profiles)
	job := &given.job
	job.Limits = chosen.Default
	job.Limits.Wall, chosen.Max.Wall = maxWall, maxWall
	f.limits(given.limits, &job.Limits, chosen.Max, notOfTerminals...)
	f.fit(job)
	if job.Env["TERM"] == "" {
		if job.Env == nil {
			job.Env = make(map[string]string)
		}
		job.Env["TERM"] = defaultTerm
	}
	return TerminalRequest{Execution{Profile: chosen.Name, Job: *job}, given.columns, given.rows}, f.problem()
}

// terminalFields lists the fields of [DecodeTerminal].
var terminalFields = append([]field[scriptForm]{
	{"cols", func(f *form, s *scriptForm) { s.columns = f.side() }},
	{"rows", func(f *form, s *scriptForm) { s.rows = f.side() }},
}, only(executionFields, "script", "env", "limits", "profile", "files")...)

// notOfTerminals names the limits that do not apply to terminals.
var notOfTerminals = []string{"output_bytes", "result_bytes", "files_bytes", "outputs_bytes", "interrupt_grace_ms"}

// TerminalLimits returns the names of the limits that a terminal may have.
func TerminalLimits() []string { return limitsBut(notOfTerminals) }

// needsSide records an error if the side is missing.
func (f *form) needsSide(at string, side uint16) {
	if side == 0 && !f.refusedAt(at) {
		f.refuseAt(CodeInvalidRequest, at, "is missing")
	}
}

// side reads the width or height of a terminal. It returns 0 if that is invalid.
func (f *form) side() uint16 {
	if !f.kind(jsonscan.Number) {
		return 0
	}
	text := f.raw()
	n, err := strconv.ParseUint(string(text[:min(len(text), maxEcho)]), 10, 16)
	if err != nil || n == 0 {
		f.refuse(CodeInvalidRequest, "is %s; must be a whole number from 1 to 65535", shown(text))
		return 0
	}
	return uint16(n)
}

// Control is a later text message of a client: a new size, a signal, or whether the
// output may flow.
type Control struct {
	Columns, Rows uint16 // 0: no new size
	Signal        string
	Output        string // pause or resume
}

// What Control.Output may be.
const (
	OutputPause  = "pause"
	OutputResume = "resume"
)

// DecodeControl decodes a text message after the first one.
func DecodeControl(message []byte) (Control, *Problem) {
	f, given := readForm(message, controlFields, Control{})
	said := 0
	for _, has := range []bool{given.Columns != 0, given.Signal != "", given.Output != ""} {
		if has {
			said++
		}
	}
	if said != 1 && len(f.errors) == 0 {
		f.refuseAt(CodeInvalidRequest, "", "the message must have exactly one of resize, signal and output")
	}
	return *given, f.problem()
}

// controlFields lists the fields of [DecodeControl].
var controlFields = []field[Control]{
	{"resize", func(f *form, c *Control) {
		readFields(f, sizeFields, c)
		if (c.Columns == 0 || c.Rows == 0) && len(f.errors) == 0 {
			f.refuse(CodeInvalidRequest, "needs cols and rows")
		}
	}},
	{"signal", func(f *form, c *Control) {
		c.Signal, _ = f.text()
		if !slices.Contains(nsjail.TerminalSignals, c.Signal) && len(f.errors) == 0 {
			f.refuse(CodeInvalidRequest, "is %q; must be one of %s", Shorten(c.Signal), strings.Join(nsjail.TerminalSignals, ", "))
		}
	}},
	{"output", func(f *form, c *Control) {
		c.Output, _ = f.text()
		if c.Output != OutputPause && c.Output != OutputResume && len(f.errors) == 0 {
			f.refuse(CodeInvalidRequest, "is %q; must be %q or %q", Shorten(c.Output), OutputPause, OutputResume)
		}
	}},
}

var sizeFields = []field[Control]{
	{"cols", func(f *form, c *Control) { c.Columns = f.side() }},
	{"rows", func(f *form, c *Control) { c.Rows = f.side() }},
}

// Exit is the last text message: how a terminal's script or interpreter ended.
type Exit struct {
	Ending
	Usage Usage `json:"usage"`
}

// TerminalMessage is a text message from the server. One of its fields is set.
type TerminalMessage struct {
	Exit    *Exit    `json:"exit,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
}
