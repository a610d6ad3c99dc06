package budget_test

import (
	"testing"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
)

func TestTheCostOfARequestCoversWhatItsLimitsAllow(t *testing.T) {
	l := nsjail.Limits{OutputBytes: 16 * mib, ResultBytes: 32 * mib, FilesBytes: 32 * mib}
	job := nsjail.Job{Limits: l, Collect: []string{"*"}, Env: map[string]string{"A": "b"}}
	v := nsjail.Verdict{Stdout: make([]byte, l.OutputBytes), Stderr: make([]byte, l.OutputBytes), Result: make([]byte, l.ResultBytes)}
	if held := budget.HeldBytes(&v); held+l.FilesBytes > budget.AnswerBytes(job) {
		t.Errorf("%d bytes are held, and %d were set aside", held, budget.AnswerBytes(job))
	}
	if plain := (nsjail.Job{Limits: l}); budget.AnswerBytes(plain) >= budget.AnswerBytes(job)-l.FilesBytes {
		t.Errorf("%d bytes without files, %d with", budget.AnswerBytes(plain), budget.AnswerBytes(job))
	}
}
