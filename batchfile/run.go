package batchfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"sync"

	"github.com/hotcell/hotcell/client"
)

// Job is what Run does.
type Job struct {
	Client  *client.Client
	Request client.BatchRequest // with Scripts
	Cases   *Cases
	Results *Results
	Ran     func(Tally) // is told each result; nil: nobody is
}

// Tally counts runs.
type Tally struct {
	Cases  int            // that were read
	Had    int            // runs whose results were there
	Failed int            // runs whose results are others than accepted, also of those
	Counts map[string]int // runs that were made, by verdict
	NotRun int            // that stop_on_failure skipped, or that were not made any more
}

// Runs returns how many runs have a result.
func (t Tally) Runs() int {
	runs := t.Had
	for _, n := range t.Counts {
		runs += n
	}
	return runs
}

// job is a Job that runs.
type job struct {
	Job
	settings [][]byte // of each script: what its results depend on, besides the case
	stopped  []bool   // by script: stop_on_failure counts, and it has failed in an earlier case with a result

	mu    sync.Mutex // guards what follows
	tally Tally
	sent  []sent // by the number that the server gives it
	first *Case  // read before there was a batch
	err   error  // why no more cases are read
}

// sent is a case that has been sent.
type sent struct {
	number, line int
	inputs       []string // by script, empty for one that has stopped; nil: there is a result for each
	left         int
}

// Run runs the cases that have no result yet, and writes the results. The error is a
// [LineError] if a case is wrong, a [*client.Problem] if the server refused or ended the
// batch, or that of ctx; results may have come before.
func Run(ctx context.Context, given Job) (Tally, error) {
	j := &job{Job: given, stopped: make([]bool, len(given.Request.Scripts)), tally: Tally{Counts: make(map[string]int)}}
	for _, script := range given.Request.Scripts {
		of := given.Request
		of.Scripts, of.Script, of.StopOnFailure = nil, script, false
		settings, err := json.Marshal(of)
		if err != nil {
			return j.tally, err
		}
		j.settings = append(j.settings, settings)
	}
	err := j.run(ctx)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil {
		err = j.err
	}
	if err == nil {
		err = j.Results.tidy()
	}
	return j.tally, err
}

func (j *job) run(ctx context.Context) error {
	if first, ok := j.next(); ok {
		j.first = &first
	} else {
		return nil
	}
	batch, err := j.Client.Batch(ctx, j.Request, j.cases)
	if err != nil {
		return j.explain(err)
	}
	for run := range batch.Runs() {
		if err := j.note(run); err != nil {
			return err
		}
	}
	summary, err := batch.Summary()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	}
	j.mu.Lock()
	j.tally.NotRun += summary.NotRun
	j.mu.Unlock()
	if summary.Problem != nil {
		return j.explain(summary.Problem)
	}
	return nil
}

// cases gives the cases that are sent.
func (j *job) cases(yield func(client.BatchCase) bool) {
	for one, ok := *j.first, true; ok && yield(one.BatchCase); one, ok = j.next() {
	}
}

// next returns the next case that lacks a result.
func (j *job) next() (Case, bool) {
	for {
		one, err := j.Cases.Next() // without the lock: it may wait for standard input
		j.mu.Lock()
		if err != nil {
			if err != io.EOF {
				j.err = err
			}
			j.mu.Unlock()
			return Case{}, false
		}
		lacks := j.add(&one)
		j.mu.Unlock()
		if lacks {
			return one, true
		}
	}
}

// add counts a case, and reports whether it lacks a result.
func (j *job) add(one *Case) bool {
	number := j.tally.Cases
	j.tally.Cases++
	inputs, lacks := make([]string, len(j.settings)), 0
	for script, settings := range j.settings {
		inputs[script] = inputOf(settings, one.text)
		switch had, good := j.Results.find(run{script, number}, inputs[script]); {
		case had && good:
			j.tally.Had++
		case had:
			j.tally.Had++
			j.tally.Failed++
			j.stopped[script] = j.Request.StopOnFailure
		case j.stopped[script]:
			j.tally.NotRun++
			inputs[script] = ""
		default:
			lacks++
		}
	}
	if lacks > 0 {
		j.sent = append(j.sent, sent{number, one.Line, inputs, len(inputs)})
	}
	return lacks > 0
}

// inputOf names what a result is of.
func inputOf(settings, text []byte) string {
	sum := sha256.New()
	_, _ = sum.Write(settings)
	_, _ = sum.Write([]byte{0})
	_, _ = sum.Write(text)
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// note writes what came of a run.
func (j *job) note(given client.BatchRun) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if given.Case < 0 || given.Case >= len(j.sent) || given.Script < 0 || given.Script >= len(j.settings) || j.sent[given.Case].inputs == nil {
		return fmt.Errorf("the server answered with a run that was not asked for: script %d, case %d", given.Script, given.Case)
	}
	of := &j.sent[given.Case]
	result := Result{Script: given.Script, Case: of.number, Input: of.inputs[given.Script]}
	if of.left--; of.left == 0 {
		of.inputs = nil
	}
	if had, _ := j.Results.find(run{result.Script, result.Case}, result.Input); had || result.Input == "" { // only another script's was lacking
		return nil
	}
	var raw struct {
		Verdict         string
		Answer, Problem json.RawMessage
	}
	if err := json.Unmarshal(given.Raw, &raw); err != nil {
		return fmt.Errorf("read a run: %w", err)
	}
	result.Verdict, result.Answer, result.Problem = raw.Verdict, raw.Answer, raw.Problem
	if err := j.Results.write(result); err != nil {
		return fmt.Errorf("write a result: %w", err)
	}
	if j.tally.Counts[result.Verdict]++; result.Verdict != accepted {
		j.tally.Failed++
	}
	if j.Ran != nil {
		j.Ran(j.tally)
	}
	return nil
}

// itsCase is how a problem begins that is about one case.
var itsCase = regexp.MustCompile(`^/cases/(\d+)(?:/|: )(.*)$`)

// explain names the line of the case that a server refused.
func (j *job) explain(err error) error {
	var problem *client.Problem
	if !errors.As(err, &problem) {
		return err
	}
	parts := itsCase.FindStringSubmatch(problem.Detail)
	if parts == nil {
		return err
	}
	number, _ := strconv.Atoi(parts[1])
	j.mu.Lock()
	defer j.mu.Unlock()
	if number >= len(j.sent) {
		return err
	}
	return &LineError{j.sent[number].line, errors.New(parts[2])}
}
