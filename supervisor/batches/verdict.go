package batches

import (
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
)

// judge returns the verdict on a script that ran.
func judge(how api.Compare, reply *api.Reply, expected []byte) api.Verdict {
	v := &reply.Verdict
	switch v.Status {
	case protocol.StatusOK:
		if expected == nil || matches(how, v.Stdout, expected) {
			return api.VerdictAccepted
		}
		return api.VerdictWrongAnswer
	case protocol.StatusTimeout:
		return api.VerdictTimeout
	case protocol.StatusMemoryLimit:
		return api.VerdictMemoryLimit
	case protocol.StatusOutputLimit:
		return api.VerdictOutputLimit
	default:
		return api.VerdictRuntimeError
	}
}

// judgeRefusal returns the verdict on a script that has no answer.
func judgeRefusal(p *api.Problem) api.Verdict {
	switch p.Code {
	case api.CodeSyntaxError, api.CodeNoMain, api.CodeTooLarge: // the script's own fault
		return api.VerdictRuntimeError
	default:
		return api.VerdictInfraError
	}
}
