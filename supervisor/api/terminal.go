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

// TTYProtocol is the WebSocket sub-protocol of GET /tty, which docs/tty.md
// describes.
const TTYProtocol = "hotcell.tty.v1"

// TerminalRequest is a first message that was understood.
type TerminalRequest struct {
	Execution
	Columns, Rows uint16
}

// defaultTerm is what TERM says where the client does not: what most terminals
// are like.
const defaultTerm = "xterm-256color"

// DecodeTerminal reads the first message of a terminal, as strictly as
// DecodeExecution reads a request.
func DecodeTerminal(message []byte, profiles []config.Profile, maxWall time.Duration) (TerminalRequest, *Problem) {
	var given TerminalRequest
	var fields jobFields
	f := readForm(message, func(f *form, name []byte) {
		switch string(name) {
		case "cols":
			given.Columns = f.side()
		case "rows":
			given.Rows = f.side()
		case "script", "env", "limits", "profile", "files":
			fields.read(f, name, &given.Job)
		default:
			f.refuse(CodeInvalidRequest, "unknown field")
		}
	})
	f.needsSide("/cols", given.Columns)
	f.needsSide("/rows", given.Rows)
	chosen := f.profile(fields.profile, profiles)
	given.Profile, given.Job.Limits = chosen.Name, chosen.Default
	given.Job.Limits.Wall, chosen.Max.Wall = maxWall, maxWall
	f.limits(fields.limits, &given.Job.Limits, chosen.Max, notOfTerminals...)
	f.fit(given.Job)
	if given.Job.Env["TERM"] == "" {
		if given.Job.Env == nil {
			given.Job.Env = make(map[string]string)
		}
		given.Job.Env["TERM"] = defaultTerm
	}
	return given, f.problem()
}

// notOfTerminals are the limits that a terminal does not keep.
var notOfTerminals = []string{"output_bytes", "result_bytes", "files_bytes"}

// needsSide refuses a message without it; what was wrong with it is told already.
func (f *form) needsSide(at string, side uint16) {
	if side == 0 && !slices.ContainsFunc(f.errors, func(e FieldError) bool { return e.Pointer == at }) {
		f.refuseAt(CodeInvalidRequest, at, "is missing")
	}
}

// side reads the width or height of a terminal; 0 where it cannot.
func (f *form) side() uint16 {
	if !f.kind(jsonscan.Number) {
		return 0
	}
	text := f.raw()
	n, err := strconv.ParseUint(string(text[:min(len(text), maxEcho)]), 10, 16)
	if err != nil || n == 0 {
		f.refuse(CodeInvalidRequest, "must be a whole number from 1 to 65535")
		return 0
	}
	return uint16(n)
}

// Control is what a text message after the first one asks for: one of the two.
type Control struct {
	Columns, Rows uint16 // a new size
	Signal        string
}

// DecodeControl reads a text message after the first one.
func DecodeControl(message []byte) (Control, *Problem) {
	var given Control
	members := 0
	f := readForm(message, func(f *form, name []byte) {
		members++
		switch string(name) {
		case "resize":
			f.object(func(name []byte) {
				switch string(name) {
				case "cols":
					given.Columns = f.side()
				case "rows":
					given.Rows = f.side()
				default:
					f.refuse(CodeInvalidRequest, "unknown field")
				}
			})
			if (given.Columns == 0 || given.Rows == 0) && len(f.errors) == 0 {
				f.refuse(CodeInvalidRequest, "needs cols and rows")
			}
		case "signal":
			given.Signal, _ = f.text()
			if !slices.Contains(nsjail.TerminalSignals, given.Signal) && len(f.errors) == 0 {
				f.refuse(CodeInvalidRequest, "must be one of %s", strings.Join(nsjail.TerminalSignals, ", "))
			}
		default:
			f.refuse(CodeInvalidRequest, "unknown field")
		}
	})
	if members != 1 && len(f.errors) == 0 {
		f.refuseAt(CodeInvalidRequest, "", "the message must have exactly one of resize and signal")
	}
	return given, f.problem()
}

// Exit is how a terminal's script or interpreter ended: the last text message.
type Exit struct {
	Ending
	Usage Usage `json:"usage"`
}

// TerminalMessage is a text message from the server: one of the two.
type TerminalMessage struct {
	Exit    *Exit    `json:"exit,omitempty"`
	Problem *Problem `json:"problem,omitempty"`
}
