package nsjail

import (
	"github.com/hotcell/hotcell/nsjail/output"
	"github.com/hotcell/hotcell/protocol"
)

// LastOutputBytes limits what comes back of the last expression of a script that shows
// nothing else: its text, if it has no JSON form.
const LastOutputBytes = 64 << 10

// Shows reports whether what the script shows comes back.
func (j *Job) Shows() bool { return j.Display || j.Mode == protocol.ScriptCell }

// outputsOf returns what the script of a job may show, as a call of a session if call
// is not 0.
func outputsOf(job *Job, call int) output.Shown {
	switch {
	case job.Shows():
		return output.Shown{Left: protocol.MaxOutputs, Bytes: job.Limits.OutputsBytes}
	case job.LastExpression || call > 0:
		return output.Shown{Left: 1, Bytes: min(LastOutputBytes, job.Limits.OutputsBytes)}
	}
	return output.Shown{}
}
