package supervisor

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
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
func decodeTerminal(message []byte, profiles []config.Profile, maxWall time.Duration) (terminalRequest, *Problem) {
	var given terminalRequest
	var fields jobFields
	f := readForm(message, func(f *form, name []byte) {
		switch string(name) {
		case "cols":
			given.columns = f.side()
		case "rows":
			given.rows = f.side()
		case "script", "env", "limits", "profile", "files":
			fields.read(f, name, &given.job)
		default:
			f.refuse(CodeInvalidRequest, "there is no such field")
		}
	})
	f.needsSide("/cols", given.columns)
	f.needsSide("/rows", given.rows)
	chosen := f.profile(fields.profile, profiles)
	given.profile, given.job.Limits = chosen.Name, chosen.Default
	given.job.Limits.Wall, chosen.Max.Wall = maxWall, maxWall
	f.limits(fields.limits, &given.job.Limits, chosen.Max, notOfTerminals...)
	f.fit(given.job)
	if given.job.Env["TERM"] == "" {
		if given.job.Env == nil {
			given.job.Env = make(map[string]string)
		}
		given.job.Env["TERM"] = defaultTerm
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

// control is what a text message after the first one asks for: one of the two.
type control struct {
	columns, rows uint16 // a new size
	signal        string
}

// decodeControl reads a text message after the first one.
func decodeControl(message []byte) (control, *Problem) {
	var given control
	members := 0
	f := readForm(message, func(f *form, name []byte) {
		members++
		switch string(name) {
		case "resize":
			f.object(func(name []byte) {
				switch string(name) {
				case "cols":
					given.columns = f.side()
				case "rows":
					given.rows = f.side()
				default:
					f.refuse(CodeInvalidRequest, "there is no such field")
				}
			})
			if (given.columns == 0 || given.rows == 0) && len(f.errors) == 0 {
				f.refuse(CodeInvalidRequest, "needs cols and rows")
			}
		case "signal":
			given.signal, _ = f.text()
			if !slices.Contains(nsjail.TerminalSignals, given.signal) && len(f.errors) == 0 {
				f.refuse(CodeInvalidRequest, "must be one of %s", strings.Join(nsjail.TerminalSignals, ", "))
			}
		default:
			f.refuse(CodeInvalidRequest, "there is no such field")
		}
	})
	if members != 1 && len(f.errors) == 0 {
		f.refuseAt(CodeInvalidRequest, "", "the message must have one of resize and signal")
	}
	return given, f.problem()
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
