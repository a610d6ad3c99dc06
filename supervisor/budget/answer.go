package budget

import (
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

const (
	// runBytes is the memory of a running request besides what is counted exactly:
	// its goroutines, the buffers of its pipes, and the buffer of its answer.
	runBytes = 384 << 10
	// TerminalBytes is the memory of a terminal: the queues in both directions.
	TerminalBytes = 2 << 20
	// pathBytes is the memory for the headers of the files that a request collects.
	pathBytes = nsjail.MaxCollectedFiles * (protocol.MaxPathBytes + 1<<10)
	// shownBytes is the memory for the headers of what a script shows.
	shownBytes = protocol.MaxOutputs * (protocol.MaxOutputHeadBytes + protocol.MaxOutputParts*outputPartBytes)
	// outputPartBytes is that of one part, apart from its data.
	outputPartBytes = 48
	// envBytes is the memory for each byte of the environment on its way into the
	// cell.
	envBytes = 6
)

// AnswerBytes returns how much memory a request may need, by its own limits, from the
// hand-over of its job until the last byte of its answer is written.
func AnswerBytes(job nsjail.Job) int64 {
	l := job.Limits
	bytes := runBytes + 2*l.OutputBytes/4*5 + l.ResultBytes + protocol.MaxHeadBytes // output grows by steps: see nsjail
	if len(job.Collect) > 0 {
		bytes += l.FilesBytes + pathBytes
	}
	if job.Shows() {
		bytes += l.OutputsBytes + shownBytes
	} else {
		bytes += nsjail.LastOutputBytes
	}
	for name, value := range job.Env {
		bytes += envBytes * int64(len(name)+len(value))
	}
	return bytes
}

// HeldBytes returns how much of that is needed after the script has ended.
func HeldBytes(v *nsjail.Verdict) int64 {
	bytes := int64(runBytes + cap(v.Stdout) + cap(v.Stderr) + cap(v.Result))
	for _, file := range v.Files {
		bytes += int64(cap(file.Content) + protocol.MaxPathBytes + 1<<10)
	}
	for _, output := range v.Outputs {
		bytes += protocol.MaxOutputHeadBytes + int64(cap(output.Metadata))
		for _, part := range output.Parts {
			bytes += int64(cap(part.Data) + outputPartBytes)
		}
	}
	if e := v.Error; e != nil {
		bytes += int64(len(e.Type) + len(e.Message) + len(e.Traceback) + len(e.Hint))
		if e.Text != nil {
			bytes += int64(len(*e.Text))
		}
	}
	return bytes
}
