package budget_test

import (
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/budget"
)

func TestTheCostOfARequestCoversWhatItsLimitsAllow(t *testing.T) {
	l := nsjail.Limits{OutputBytes: 16 * mib, ResultBytes: 32 * mib, FilesBytes: 32 * mib, OutputsBytes: 32 * mib}
	job := nsjail.Job{Limits: l, Collect: []string{"*"}, Display: true, Env: map[string]string{"A": "b"}}
	v := nsjail.Verdict{Stdout: make([]byte, l.OutputBytes), Stderr: make([]byte, l.OutputBytes), Result: make([]byte, l.ResultBytes)}
	for range protocol.MaxOutputs {
		output := protocol.Output{Metadata: make([]byte, l.OutputsBytes/protocol.MaxOutputs/2)}
		for range protocol.MaxOutputParts {
			output.Parts = append(output.Parts, protocol.OutputPart{Data: make([]byte, l.OutputsBytes/protocol.MaxOutputs/2/protocol.MaxOutputParts)})
		}
		v.Outputs = append(v.Outputs, output)
	}
	if held := budget.HeldBytes(&v); held+l.FilesBytes > budget.AnswerBytes(job) {
		t.Errorf("%d bytes are held, and %d were set aside", held, budget.AnswerBytes(job))
	}
	if plain := (nsjail.Job{Limits: l}); budget.AnswerBytes(plain) >= budget.AnswerBytes(job)-l.FilesBytes {
		t.Errorf("%d bytes without files, %d with", budget.AnswerBytes(plain), budget.AnswerBytes(job))
	}
	silent := job
	silent.Display = false
	if budget.AnswerBytes(silent) >= budget.AnswerBytes(job)-l.OutputsBytes {
		t.Errorf("%d bytes without outputs, %d with", budget.AnswerBytes(silent), budget.AnswerBytes(job))
	}
}
