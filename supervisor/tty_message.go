package supervisor

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// terminalRequest is a first message that was understood.
type terminalRequest struct {
	execution
	columns, rows uint16
}

// defaultTerm is what TERM says where the client does not: what most terminals
// are like.
const defaultTerm = "xterm-256color"

// decodeTerminal reads the first message of a terminal, as strictly as
// decodeExecution reads a request.
func decodeTerminal(message []byte, profiles []ProfileConfig, maxWall time.Duration) (terminalRequest, *Problem) {
	if problem := checkObject(message); problem != nil {
		return terminalRequest{}, problem
	}
	form := form{}
	var given terminalRequest
	var profile, asked json.RawMessage
	form.object("", message, func(name, at string, value json.RawMessage) {
		switch name {
		case "cols":
			given.columns = form.side(at, value)
		case "rows":
			given.rows = form.side(at, value)
		case "script":
			given.job.Script = form.text(at, value)
			if len(given.job.Script) > maxScript {
				form.refuse(CodeTooLarge, at, "has %d bytes, and at most %d are taken", len(given.job.Script), maxScript)
			}
		case "env":
			given.job.Env = form.variables(at, value)
		case "limits":
			asked = value
		case "profile":
			profile = value
		case "files":
			given.job.Files = form.files(at, value)
		default:
			form.refuse(CodeInvalidRequest, at, "there is no such field")
		}
	})
	form.needsSide("/cols", given.columns)
	form.needsSide("/rows", given.rows)
	chosen := form.profile(profile, profiles)
	given.profile, given.job.Limits = chosen.Name, chosen.Default
	given.job.Limits.Wall, chosen.Max.Wall = maxWall, maxWall
	if asked != nil {
		form.terminalLimits(asked)
		form.limits("/limits", asked, &given.job.Limits, chosen.Max)
	}
	form.fit(given.job)
	if given.job.Env["TERM"] == "" {
		if given.job.Env == nil {
			given.job.Env = make(map[string]string)
		}
		given.job.Env["TERM"] = defaultTerm
	}
	return given, form.problem()
}

// needsSide refuses a message without it; what was wrong with it is told already.
func (f *form) needsSide(at string, side uint16) {
	if side == 0 && !slices.ContainsFunc(f.errors, func(e FieldError) bool { return e.Pointer == at }) {
		f.refuse(CodeInvalidRequest, at, "is missing")
	}
}

// terminalLimits refuses those that a terminal does not keep.
func (f *form) terminalLimits(asked json.RawMessage) {
	if kindOf(asked) != "an object" {
		return
	}
	eachMember(asked, func(name string, _ json.RawMessage) {
		if name == "output_bytes" || name == "result_bytes" || name == "files_bytes" {
			f.refuse(CodeInvalidRequest, pointer("/limits", name), "does not apply to a terminal")
		}
	})
}

// side reads the width or height of a terminal; 0 where it cannot.
func (f *form) side(at string, value json.RawMessage) uint16 {
	if !f.kind(at, value, "a number") {
		return 0
	}
	n, err := strconv.ParseUint(string(value), 10, 16)
	if err != nil || n == 0 {
		f.refuse(CodeInvalidRequest, at, "must be a whole number from 1 to 65535")
		return 0
	}
	return uint16(n)
}

// control is what a text message after the first one asks for: one of the two.
type control struct {
	columns, rows uint16 // a new size
	signal        string
}

// decodeControl reads a text message after the first one.
func decodeControl(message []byte) (control, *Problem) {
	if problem := checkObject(message); problem != nil {
		return control{}, problem
	}
	form := form{}
	var given control
	members := 0
	form.object("", message, func(name, at string, value json.RawMessage) {
		members++
		switch name {
		case "resize":
			form.object(at, value, func(name, at string, value json.RawMessage) {
				switch name {
				case "cols":
					given.columns = form.side(at, value)
				case "rows":
					given.rows = form.side(at, value)
				default:
					form.refuse(CodeInvalidRequest, at, "there is no such field")
				}
			})
			if (given.columns == 0 || given.rows == 0) && len(form.errors) == 0 {
				form.refuse(CodeInvalidRequest, at, "needs cols and rows")
			}
		case "signal":
			given.signal = form.text(at, value)
			if !slices.Contains(nsjail.TerminalSignals, given.signal) && len(form.errors) == 0 {
				form.refuse(CodeInvalidRequest, at, "must be one of %s", strings.Join(nsjail.TerminalSignals, ", "))
			}
		default:
			form.refuse(CodeInvalidRequest, at, "there is no such field")
		}
	})
	if members != 1 && len(form.errors) == 0 {
		form.refuse(CodeInvalidRequest, "", "the message must have one of resize and signal")
	}
	return given, form.problem()
}

// Exit is how a terminal's script or interpreter ended: the last text message.
type Exit struct {
	Status   protocol.Status `json:"status"`
	ExitCode *int            `json:"exit_code"`
	Signal   *string         `json:"signal"`
	Limit    *protocol.Limit `json:"limit"`
	Usage    Usage           `json:"usage"`
}

// TerminalMessage is a text message from the server: one of the two.
type TerminalMessage struct {
	Exit    *Exit    `json:"exit,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
}
