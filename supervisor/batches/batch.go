package batches

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
	"github.com/hotcell/hotcell/supervisor/stream"
)

// Config is what a batch needs of the service. Its functions may be called concurrently.
type Config struct {
	ID string // of the request

	// Begin waits for a place for a job. Its error ends the batch: no more is run.
	Begin func(ctx context.Context, job *nsjail.Job) (Place, error)
	// Watch calls half if the client closes its sending side, and gone if it is gone,
	// until stop is called.
	Watch func(half, gone func()) (stop func())
	// Turn does work on a number of bytes of a client.
	Turn func(ctx context.Context, bytes int, work func()) error
	// Explain turns an error of a context into a problem, or into [api.ErrClientGone].
	Explain func(ctx context.Context, err error) error
	// Ran is told each verdict.
	Ran func(api.Verdict)

	// AtOnce is how many runs have a place, or an answer that the client has not taken.
	AtOnce int
}

// Place is where one run of a batch takes place.
type Place interface {
	// Run runs the job in a fresh cell. It may be called again if it fails. The error is
	// an [api.Problem], or wraps [api.ErrClientGone].
	Run(ctx context.Context, job nsjail.Job) (*api.Reply, error)
	// Yield gives the place to others. The answer keeps its memory.
	Yield()
	// Leave gives back what is left.
	Leave()
}

// batch is a batch that runs.
type batch struct {
	Config
	api.Batch
	out    *stream.Stream
	ctx    context.Context
	end    context.CancelCauseFunc
	places chan struct{} // has a value for each of AtOnce

	failed []atomic.Bool // by script: it has a verdict other than accepted, if that counts

	mu     sync.Mutex // guards what follows
	counts map[api.Verdict]int
	notRun int
}

// Summary is the last line.
type Summary struct {
	Counts map[api.Verdict]int `json:"counts"`
	Cases  int                 `json:"cases"`   // that were read
	NotRun int                 `json:"not_run"` // runs of these cases that were not begun, or not answered
}

// Serve runs a batch, and answers it. ctx is that of the runs; wait, which may end
// earlier, is for waiting before them. The error is the problem for which the batch has
// ended early: if nothing has been sent, the caller answers with it. It wraps
// [api.ErrClientGone] if the client has.
func Serve(ctx, wait context.Context, w http.ResponseWriter, given api.Batch, cases *Body, c Config) (Summary, error) {
	b := &batch{Config: c, Batch: given, places: make(chan struct{}, c.AtOnce), failed: make([]atomic.Bool, len(given.Scripts)), counts: make(map[api.Verdict]int)}
	b.ctx, b.end = context.WithCancelCause(ctx)
	defer b.end(nil)
	b.out = stream.New(stream.Lines, w, func(err error) {
		if !panics.Is(err) {
			err = api.ErrClientGone
		}
		b.end(err)
	})
	var running sync.WaitGroup
	defer func() { // also after a panic: w is no longer ours when this has returned
		b.end(nil)
		running.Wait()
		b.out.Refuse(nil, "")
	}()
	defer c.Watch(b.out.KeepOpen, func() { b.end(api.ErrClientGone) })()
	wait, stop := context.WithCancelCause(wait)
	defer stop(nil)
	defer context.AfterFunc(b.ctx, func() { stop(context.Cause(b.ctx)) })()

	read, err := b.begin(wait, cases, &running)
	if err != nil {
		err = c.Explain(wait, err)
	}
	if errors.Is(err, api.ErrCutShort) {
		b.end(api.ErrClientGone)
	}
	running.Wait()
	summary := Summary{Counts: b.counts, Cases: read, NotRun: b.notRun}
	if b.ctx.Err() != nil {
		err = c.Explain(b.ctx, context.Cause(b.ctx))
	}
	var problem *api.Problem
	if err != nil && (!errors.As(err, &problem) || !b.out.Started()) {
		b.out.Refuse(nil, "")
		return summary, err
	}
	b.out.End("", func(w *jsonwriter.Writer) { b.writeSummary(w, summary, problem) })
	return summary, err
}

// begin reads cases and begins their runs until there are no more, or none may begin. It
// returns how many cases it has read.
func (b *batch) begin(wait context.Context, cases *Body, running *sync.WaitGroup) (int, error) {
	for number := 0; ; number++ {
		text, err := cases.Next()
		if errors.Is(err, io.EOF) {
			return number, nil
		}
		if err != nil && wait.Err() == nil {
			return number, err
		}
		if err != nil { // the case never came
			return number, context.Cause(wait)
		}
		if wait.Err() != nil {
			b.skip(len(b.Scripts))
			return number + 1, context.Cause(wait)
		}
		if b.allFailed() {
			b.skip(len(b.Scripts))
			continue
		}
		text, release, err := cases.Keep(wait, text)
		if err != nil {
			b.skip(len(b.Scripts))
			return number + 1, err
		}
		left := new(sync.WaitGroup)
		left.Add(1)
		running.Go(func() {
			defer panics.Caught(b.end)
			left.Wait()
			release()
		})
		begun, err := b.beginCase(wait, number, text, left, running)
		if err != nil {
			b.skip(len(b.Scripts) - begun)
			return number + 1, err
		}
	}
}

// beginCase begins the runs of one case, and returns how many it has begun or skipped. It
// is one of those for whom the case is kept, who leave when they are done.
func (b *batch) beginCase(wait context.Context, number int, text []byte, left, running *sync.WaitGroup) (int, error) {
	defer left.Done()
	var one api.Case
	var problem *api.Problem
	if err := b.Turn(wait, len(text), func() { one, problem = b.Case(number, text) }); err != nil {
		return 0, err
	}
	if problem != nil {
		return 0, problem
	}
	for script := range b.Scripts {
		if b.failed[script].Load() {
			b.skip(1)
			continue
		}
		if wait.Err() != nil { // though there is a place
			return script, context.Cause(wait)
		}
		job := one.Job
		job.Script = b.Scripts[script]
		select {
		case b.places <- struct{}{}:
		case <-wait.Done():
			return script, context.Cause(wait)
		}
		place, err := b.Begin(wait, &job)
		if err != nil {
			<-b.places
			return script, err
		}
		if b.failed[script].Load() { // meanwhile
			place.Leave()
			<-b.places
			b.skip(1)
			continue
		}
		left.Add(1)
		running.Go(func() {
			defer panics.Caught(b.end)
			defer func() { place.Leave(); <-b.places; left.Done() }()
			b.run(place, script, number, job, one.Expected)
		})
	}
	return len(b.Scripts), nil
}

func (b *batch) skip(runs int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notRun += runs
}

func (b *batch) allFailed() bool {
	for i := range b.failed {
		if !b.failed[i].Load() {
			return false
		}
	}
	return true
}

const (
	// attempts is how often a run is tried that fails for a reason of the service's.
	attempts = 3
	// longestPause bounds the pause before the next attempt.
	longestPause = 2 * time.Second
)

// run runs one job and sends its line.
func (b *batch) run(place Place, script, number int, job nsjail.Job, expected []byte) {
	counted := false
	defer func() {
		if !counted { // also after a panic
			b.skip(1)
		}
	}()
	reply, err := place.Run(b.ctx, job)
	for range attempts - 1 {
		var problem *api.Problem
		if !errors.As(err, &problem) || !Again(problem) {
			break
		}
		select {
		case <-b.ctx.Done():
		case <-time.After(min(problem.RetryAfter, longestPause)):
		}
		reply, err = place.Run(b.ctx, job)
	}
	place.Yield()
	var verdict api.Verdict
	var problem *api.Problem
	switch {
	case err == nil:
		if turn := b.Turn(b.ctx, len(expected)+len(reply.Verdict.Stdout), func() { verdict = judge(b.Compare, reply, expected) }); turn != nil {
			return
		}
	case errors.As(err, &problem):
		verdict = judgeRefusal(problem)
	default: // the client is gone
		return
	}
	if verdict != api.VerdictAccepted && b.StopOnFailure {
		b.failed[script].Store(true)
	}
	b.Ran(verdict)
	b.mu.Lock()
	b.counts[verdict]++
	b.mu.Unlock()
	counted = true
	b.out.Line(func(w *jsonwriter.Writer) { b.writeLine(w, script, number, verdict, reply, problem) })
}

// Again reports whether a run that was refused may succeed in another cell.
func Again(p *api.Problem) bool {
	return p.Code == api.CodeUnavailable || p.Code == api.CodeInternal
}

func (b *batch) writeLine(w *jsonwriter.Writer, script, number int, verdict api.Verdict, reply *api.Reply, problem *api.Problem) {
	w.RawString(`{"script":`)
	w.Value(script)
	w.RawString(`,"case":`)
	w.Value(number)
	w.RawString(`,"verdict":`)
	w.Value(verdict)
	w.RawString(`,"answer":`)
	if reply != nil {
		reply.Write(w)
	} else {
		w.RawString("null")
	}
	b.writeProblem(w, problem)
}

func (b *batch) writeSummary(w *jsonwriter.Writer, summary Summary, problem *api.Problem) {
	w.RawString(`{"counts":{`)
	for i, verdict := range api.Verdicts {
		if i > 0 {
			w.RawString(",")
		}
		w.Value(verdict)
		w.RawString(":")
		w.Value(summary.Counts[verdict])
	}
	w.RawString(`},"cases":`)
	w.Value(summary.Cases)
	w.RawString(`,"not_run":`)
	w.Value(summary.NotRun)
	b.writeProblem(w, problem)
}

// writeProblem writes the last member of a line.
func (b *batch) writeProblem(w *jsonwriter.Writer, problem *api.Problem) {
	w.RawString(`,"problem":`)
	if problem != nil {
		problem.Encode(w, b.ID)
	} else {
		w.RawString("null")
	}
	w.RawString("}")
}
