package nsjail

import (
	"fmt"

	"github.com/hotcell/hotcell/protocol"
)

// LastOutputBytes limits what comes back of the last expression of a script that shows
// nothing else: its text, if it has no JSON form.
const LastOutputBytes = 64 << 10

// Shows reports whether what the script shows comes back.
func (j *Job) Shows() bool { return j.Display || j.Mode == protocol.ScriptCell }

// outputs is what a script may still show.
type outputs struct {
	left  int   // OUTPUTs
	bytes int64 // of their parts and metadata
}

// outputsOf returns what the script of a job may show, as a call of a session if call
// is not 0.
func outputsOf(job *Job, call int) outputs {
	switch {
	case job.Shows():
		return outputs{protocol.MaxOutputs, job.Limits.OutputsBytes}
	case job.LastExpression || call > 0:
		return outputs{1, min(LastOutputBytes, job.Limits.OutputsBytes)}
	}
	return outputs{}
}

// frameBytes returns the maximum size of the next OUTPUT.
func (o *outputs) frameBytes() int64 {
	if o.left == 0 {
		return 0
	}
	return protocol.MaxOutputHeadBytes + 1 + o.bytes
}

// decode reads an OUTPUT, and refuses one that is too much.
func (o *outputs) decode(payload []byte) (protocol.Output, error) {
	if o.left == 0 || int64(len(payload)) > o.frameBytes() {
		return protocol.Output{}, fmt.Errorf("OUTPUT of %d bytes; %d OUTPUTs of %d bytes are left", len(payload), o.left, o.bytes)
	}
	output, err := protocol.DecodeOutput(payload)
	if err != nil {
		return output, err
	}
	o.left--
	o.bytes -= int64(len(output.Metadata))
	for _, part := range output.Parts {
		o.bytes -= int64(len(part.Data))
	}
	if o.bytes < 0 { // it can be: the frame also has room for the head
		return protocol.Output{}, fmt.Errorf("the OUTPUTs have %d bytes more than is allowed", -o.bytes)
	}
	return output, nil
}
