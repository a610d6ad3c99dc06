package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
)

// BatchRequest is what all runs of a batch have in common. Script or Scripts is required.
type BatchRequest struct {
	Script        string   `json:"script,omitempty"`
	Scripts       []string `json:"scripts,omitempty"` // each runs with each case
	Mode          string   `json:"mode,omitempty"`
	Limits        *Limits  `json:"limits,omitempty"`
	Profile       string   `json:"profile,omitempty"`
	Compare       string   `json:"compare,omitempty"`         // trim, which is the default, exact, tokens or float
	StopOnFailure bool     `json:"stop_on_failure,omitempty"` // of a script, which then has no further runs
}

// BatchCase is what a script runs with. Everything is optional.
type BatchCase struct {
	Args           []any          `json:"args,omitempty"`
	Kwargs         map[string]any `json:"kwargs,omitempty"`
	Stdin          string         `json:"stdin,omitempty"`
	Files          []File         `json:"files,omitempty"`
	ExpectedStdout *string        `json:"expected_stdout,omitempty"` // nil: anything
}

// BatchRun is what came of a script with a case.
type BatchRun struct {
	Script  int      `json:"script"` // its index
	Case    int      `json:"case"`   // its number, from 0
	Verdict string   `json:"verdict"`
	Answer  *Answer  `json:"answer"`  // nil: Problem says why
	Problem *Problem `json:"problem"` // nil: there is an answer

	Raw []byte `json:"-"` // the line, as it was sent
}

// BatchSummary is how a batch ended.
type BatchSummary struct {
	Counts  map[string]int `json:"counts"` // of runs, by verdict
	Cases   int            `json:"cases"`
	NotRun  int            `json:"not_run"`
	Problem *Problem       `json:"problem"` // why it ended early; nil: it did not
}

// Batch is a batch that runs. The caller reads [Batch.Runs] to the end or closes it.
type Batch struct {
	body    io.ReadCloser
	url     string
	cancel  context.CancelFunc
	summary *BatchSummary
	err     error
}

// Batch runs each script with each case. It takes the next case when the server reads it,
// so that there may be any number of them:
//
//	batch, err := c.Batch(ctx, request, slices.Values(cases))
//	...
//	for run := range batch.Runs() {
//		fmt.Println(run.Case, run.Verdict)
//	}
//	summary, err := batch.Summary()
//
// It does not send a batch again that was refused.
func (c *Client) Batch(ctx context.Context, request BatchRequest, cases iter.Seq[BatchCase]) (*Batch, error) {
	head, err := encode(request)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	body, send := io.Pipe()
	go func() { _ = send.CloseWithError(writeBatch(send, head, cases)) }()
	response, err := c.send(ctx, http.MethodPost, "/batches", "application/x-ndjson", "application/json", body)
	if err != nil {
		cancel()
		_ = body.Close() // the writer ends
		return nil, err
	}
	return &Batch{body: response.Body, url: c.url + "/batches", cancel: func() { cancel(); _ = body.Close() }}, nil
}

// writeBatch writes the body of a batch; head is the object without its cases.
func writeBatch(w io.Writer, head []byte, cases iter.Seq[BatchCase]) error {
	out := bufio.NewWriter(w)
	_, _ = out.Write(head[:len(head)-1])
	if len(head) > len("{}") {
		_ = out.WriteByte(',')
	}
	_, err := out.WriteString(`"cases":[`)
	separator := ""
	for one := range cases {
		text, failed := encode(one)
		if failed != nil {
			return failed
		}
		_, _ = out.WriteString(separator)
		if _, err = out.Write(text); err != nil {
			return err
		}
		if err = out.Flush(); err != nil { // the server may wait for it
			return err
		}
		separator = ","
	}
	_, _ = out.WriteString("]}")
	return errors.Join(err, out.Flush())
}

// Runs gives the runs as they end. It ends early when the loop breaks; that cancels what
// has not finished.
func (b *Batch) Runs() iter.Seq[BatchRun] {
	return func(yield func(BatchRun) bool) {
		defer b.Close()
		lines := bufio.NewReader(b.body)
		for b.summary == nil && b.err == nil {
			run, is := b.next(lines)
			if is && !yield(run) {
				return
			}
		}
	}
}

// next reads one line; is reports whether it is a run.
func (b *Batch) next(lines *bufio.Reader) (run BatchRun, is bool) {
	text, err := lines.ReadBytes('\n')
	var last BatchSummary
	if err == nil {
		err = json.Unmarshal(text, &last)
	}
	switch {
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	case err == nil && last.Counts != nil:
		b.summary = &last
	case err == nil:
		err = json.Unmarshal(text, &run)
		run.Raw, is = text, err == nil
	}
	if err != nil {
		b.err = fmt.Errorf("read the answer of %s: %w", b.url, err)
	}
	return run, is
}

// Summary returns how the batch ended, after its last run, or why that is not known. A
// batch that ended early has a summary with a Problem.
func (b *Batch) Summary() (*BatchSummary, error) {
	if b.summary == nil && b.err == nil {
		return nil, errors.New("the batch was not read to its end")
	}
	return b.summary, b.err
}

// Close cancels what has not finished. It may be called again.
func (b *Batch) Close() {
	b.cancel()
	_ = b.body.Close()
}

// Capacity is what a server runs now, and how much it can take.
type Capacity struct {
	Profiles             map[string]CapacityProfile `json:"profiles"`
	Running              int                        `json:"running"`
	Waiting              int                        `json:"waiting"`
	MaxRunning           int                        `json:"max_running"`           // of this key
	SuggestedConcurrency int                        `json:"suggested_concurrency"` // requests that this client should have in flight
	Fleet                *FleetCapacity             `json:"fleet,omitempty"`       // nil: there is only this node
}

// FleetCapacity is what all nodes of a fleet run, and how much they can take.
type FleetCapacity struct {
	Nodes                int                        `json:"nodes"`
	Profiles             map[string]CapacityProfile `json:"profiles"`
	Running              int                        `json:"running"`
	Waiting              int                        `json:"waiting"`
	MaxRunning           int                        `json:"max_running"`
	SuggestedConcurrency int                        `json:"suggested_concurrency"`
}

// CapacityProfile counts the warm jails of a profile.
type CapacityProfile struct {
	Ready  int `json:"ready"`
	Target int `json:"target"`
}

// Capacity asks how much runs, and how much is worth sending.
func (c *Client) Capacity(ctx context.Context) (*Capacity, error) {
	capacity := new(Capacity)
	return capacity, c.call(ctx, http.MethodGet, "/capacity", nil, capacity)
}
