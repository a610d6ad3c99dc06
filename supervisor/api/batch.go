package api

import (
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
)

// maxScripts is the most scripts of one batch.
const maxScripts = 1000

// Compare says how what a script printed is compared with what was expected.
type Compare string

// The ways to compare: see docs/batches.md.
const (
	CompareExact  Compare = "exact"
	CompareTrim   Compare = "trim"
	CompareTokens Compare = "tokens"
	CompareFloat  Compare = "float"
)

// Comparisons lists the ways to compare.
var Comparisons = []Compare{CompareExact, CompareTrim, CompareTokens, CompareFloat}

// Verdict is what came of a run of a batch.
type Verdict string

// The verdicts.
const (
	VerdictAccepted     Verdict = "accepted"
	VerdictWrongAnswer  Verdict = "wrong_answer"
	VerdictTimeout      Verdict = "timeout"
	VerdictMemoryLimit  Verdict = "memory_limit"
	VerdictOutputLimit  Verdict = "output_limit"
	VerdictRuntimeError Verdict = "runtime_error"
	VerdictInfraError   Verdict = "infra_error" // the service's fault
)

// Verdicts lists the verdicts, in the order of a batch's counts.
var Verdicts = []Verdict{
	VerdictAccepted, VerdictWrongAnswer, VerdictTimeout, VerdictMemoryLimit, VerdictOutputLimit, VerdictRuntimeError, VerdictInfraError,
}

// Batch is a decoded request for a batch, without its cases.
type Batch struct {
	Scripts       []string
	Profile       string
	Compare       Compare
	StopOnFailure bool
	// Cases is the text of the array, which aliases the body; nil if the text that was
	// decoded ends before it.
	Cases []byte

	job nsjail.Job // what all cases have in common
}

// Case is a decoded case of a batch.
type Case struct {
	Job      nsjail.Job // without its script
	Expected []byte     // what the script should print; nil: anything
}

// batchForm holds the fields of a batch until all are read.
type batchForm struct {
	Batch
	profile, limits []byte
	one, many       bool
}

// batchFields lists the fields of [DecodeBatch].
var batchFields = []field[batchForm]{
	{"script", func(f *form, b *batchForm) { b.one, b.Scripts = true, append(b.Scripts, f.script()) }},
	{"scripts", func(f *form, b *batchForm) {
		b.many = true
		f.array(maxScripts, func() { b.Scripts = append(b.Scripts, f.script()) })
	}},
	{"mode", func(f *form, b *batchForm) { b.job.Mode = f.mode() }},
	{"limits", func(f *form, b *batchForm) { b.limits = f.raw() }},
	{"profile", func(f *form, b *batchForm) { b.profile = f.raw() }},
	{"compare", func(f *form, b *batchForm) { b.Compare = f.compare() }},
	{"stop_on_failure", func(f *form, b *batchForm) { b.StopOnFailure = f.boolean() }},
	{"cases", func(f *form, b *batchForm) {
		if f.kind(jsonscan.Array) {
			b.Cases = f.raw()
		}
	}},
}

// caseFields lists the fields of [Batch.Case].
var caseFields = append(caseFieldsOf("args", "kwargs", "stdin", "files"), field[caseForm]{"expected_stdout", func(f *form, c *caseForm) {
	if text, ok := f.content(); ok {
		c.expected = append([]byte{}, text...) // never nil, even if it is empty
	}
}})

type caseForm struct {
	scriptForm
	expected []byte
}

// caseFieldsOf returns fields of a request to execute as fields of a case.
func caseFieldsOf(names ...string) (fields []field[caseForm]) {
	for _, of := range only(executionFields, names...) {
		fields = append(fields, field[caseForm]{of.name, func(f *form, c *caseForm) { of.read(f, &c.scriptForm) }})
	}
	return fields
}

// DecodeBatch decodes a request for a batch: all of its body, or what stands before its
// cases, closed by a brace. It is as strict as [DecodeExecution].
func DecodeBatch(text []byte, profiles []config.Profile) (Batch, *Problem) {
	f, given := readForm(text, batchFields, batchForm{Batch: Batch{Compare: CompareTrim}})
	switch {
	case given.one && given.many:
		f.refuseAt(CodeInvalidRequest, "/scripts", "cannot stand beside script: send one of them")
	case !given.one && !given.many:
		f.refuseAt(CodeInvalidRequest, "/script", "is missing: send script, or scripts, before cases")
	case len(given.Scripts) == 0 && !f.refusedAt("/scripts"):
		f.refuseAt(CodeInvalidRequest, "/scripts", "must have at least one script")
	}
	chosen := f.profile(given.profile, profiles)
	given.job.Limits = chosen.Default
	f.limits(given.limits, &given.job.Limits, chosen.Max)
	given.Profile = chosen.Name
	return given.Batch, f.problem()
}

// Case decodes the case with that number. The job aliases the text.
func (b *Batch) Case(number int, text []byte) (Case, *Problem) {
	f, given := readFormAt("/cases/"+strconv.Itoa(number), text, caseFields, caseForm{})
	job := given.job
	job.Mode, job.Limits = b.job.Mode, b.job.Limits
	f.program(&job)
	f.fit(&job)
	return Case{Job: job, Expected: given.expected}, f.problem()
}

func (f *form) compare() Compare {
	text, ok := f.text()
	if !ok {
		return ""
	}
	var names []string
	for _, known := range Comparisons {
		if string(known) == text {
			return known
		}
		names = append(names, strconv.Quote(string(known)))
	}
	f.refuse(CodeInvalidRequest, "unknown way to compare %q; available: %s", Shorten(text), strings.Join(names, ", "))
	return ""
}
