package jobruns

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/dropin"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/logline"
)

const (
	// storing is how long storing an answer may take.
	storing = 30 * time.Second
	// attempts is how often a run is tried that fails for a reason of the service's.
	attempts = 3
	// patience is how long a job waits for memory before it is given back.
	patience = 30 * time.Second
)

var (
	errOver  = errors.New("the job has been ended by somebody else")
	errNoKey = errors.New("its key is no longer in use")
	// errAgain is why a job is given back.
	errAgain = errors.New("the job cannot be run here now")
)

// work claims jobs and runs them, one after the other, until the service drains. There are
// as many workers as runs may have a place.
func (j *Jobs) work(store jobs.Store) {
	j.untilDrained("a job is tried again", func() error { return j.workOnce(store) })
}

// untilDrained calls once again and again until the service drains. An error is logged
// as failed, unless the log has it since the last success, and followed by a pause.
func (j *Jobs) untilDrained(failed string, once func() error) {
	for j.claims.Err() == nil {
		err := once()
		if err == nil {
			j.failures.over()
		} else if j.claims.Err() == nil {
			if j.failures.isNew(failed + ": " + err.Error()) {
				j.cfg.Log.Warn(failed, "error", err)
			}
			select {
			case <-j.claims.Done():
			case <-time.After(pause):
			}
		}
	}
}

// failures are what the log says of workers: all of them fail for the same reason when their
// store has no leader, and again and again while it has none.
type failures struct {
	mu     sync.Mutex
	logged map[string]bool // since the last success of a worker
}

// mostLogged is how many failures are known to be in the log.
const mostLogged = 100

// isNew reports whether a failure is to be logged.
func (f *failures) isNew(failure string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logged[failure] {
		return false
	}
	if f.logged == nil || len(f.logged) == mostLogged {
		f.logged = make(map[string]bool)
	}
	f.logged[failure] = true
	return true
}

// over notes that a worker has succeeded: a failure after that is logged again.
func (f *failures) over() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logged = nil
}

func (j *Jobs) workOnce(store jobs.Store) (err error) {
	defer panics.Caught(func(thrown error) { err = thrown })
	// A job is claimed only if it could run now: others may have an idle cell.
	ticket, err := j.cfg.Line.EnterBehind(j.claims, line.Unbounded(""), line.Cost{})
	if err != nil {
		return err
	}
	ticket.Leave()
	run, err := store.Claim(j.claims)
	if err != nil {
		return err
	}
	if run.Attempts > 0 {
		j.cfg.Redelivered()
	}
	return j.serve(&running{Run: run, claimed: time.Now()})
}

// running is a job that runs here, and what the log says of it.
type running struct {
	*jobs.Run

	claimed time.Time
	cancel  context.CancelCauseFunc // ends it
	said    logline.Job
	batch   *batches.Summary // nil: it is none, or did not run
}

// log writes the line of a job's run, which has ended so.
func (r *running) log(ctx context.Context, log *slog.Logger, status string) {
	line := r.said
	line.ID, line.Key, line.Kind, line.Status, line.Attempts, line.Took = r.ID, r.Owner, r.Kind, status, r.Attempts, time.Since(r.claimed)
	var more []slog.Attr
	if r.batch != nil {
		more = append(more, slog.Int("cases", r.batch.Cases), slog.Int("not_run", r.batch.NotRun), slog.Any("verdicts", r.batch.Counts))
	}
	line.Write(ctx, log, more...)
}

// begin begins the job, which ends if that cannot be written.
func (r *running) begin(ctx context.Context) error {
	failed := func(err error) error { return fmt.Errorf("mark that a job is begun: %w", err) }
	if err := r.Begin(ctx); err != nil {
		return failed(err)
	}
	wait := r.Begun()
	go func() {
		defer panics.Caught(r.cancel)
		if err := wait(ctx); err != nil {
			r.cancel(failed(err))
		}
	}()
	return nil
}

// refused returns the answer of a job that is not run.
func (r *running) refused(problem *api.Problem) []byte {
	r.said.Code = problem.Code
	return encoded("problem", func(w *jsonwriter.Writer) { problem.Encode(w, r.ID) })
}

// serve runs a job, and stores its answer or gives it back.
func (j *Jobs) serve(run *running) (err error) {
	ctx, cancel := context.WithCancelCause(j.cfg.Runs)
	defer cancel(nil)
	run.cancel = cancel
	go func() {
		defer panics.Caught(cancel)
		cancel(j.untilOver(ctx, run))
	}()
	settled, how := false, "given back"
	defer func() {
		defer func() { run.log(ctx, j.cfg.Log, how) }()
		if !settled { // also after a panic
			err = errors.Join(err, run.GiveBack(context.WithoutCancel(ctx)))
		}
	}()
	over := func(status jobs.Status, why error) error { // without an answer
		store, stop := toStore(ctx)
		defer stop()
		err := run.End(store, status, why.Error())
		if settled = err == nil; settled {
			how = string(run.Status)
			j.cfg.Ended(status)
		}
		return err
	}
	owner, ok := j.cfg.Owner(run.Owner, run.ID)
	if !ok {
		return over(jobs.Cancelled, errNoKey)
	}
	held, err := j.cfg.Line.Hold(owner.Party(), 0) // a service that drains waits until the answer is stored
	if err != nil {
		return err
	}
	defer held.Release()
	answer, err := j.answer(ctx, owner, run, held)
	switch {
	case errors.Is(context.Cause(ctx), errOver):
		settled, how = true, "ended by another" // who removes it
		return nil
	case errors.Is(err, errNoKey), errors.Is(context.Cause(ctx), errNoKey):
		return over(jobs.Cancelled, errNoKey)
	case errors.Is(err, jobs.ErrLate):
		return over(jobs.Expired, jobs.ErrLate)
	case errors.Is(err, jobs.ErrNoInput):
		return over(jobs.Lost, jobs.ErrNoInput)
	case j.cfg.Runs.Err() != nil, errors.Is(err, line.ErrClosed), j.claims.Err() != nil && err != nil:
		return nil // the service ends: it is given back
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	store, stop := toStore(ctx)
	defer stop()
	first, err := keep(store, run, answer)
	if errors.Is(err, jobs.ErrFull) && run.Attempts >= j.cfg.Settings.MaxDeliveries {
		return over(jobs.Lost, fmt.Errorf("its answer of %d bytes could not be stored: %w", len(answer), jobs.ErrFull))
	}
	if err != nil {
		return fmt.Errorf("store an answer: %w", err)
	}
	settled, how = true, string(run.Status) // another may have cancelled it
	if first {
		j.cfg.Ended(jobs.Done)
	}
	return nil
}

// keep stores an answer. It tries again while the store is away: otherwise the job would
// have run in vain.
func keep(ctx context.Context, run *running, answer []byte) (first bool, err error) {
	for {
		one, cancel := context.WithTimeout(ctx, storing/6)
		first, err = run.Finish(one, answer)
		cancel()
		if err == nil {
			return first, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false, err
		}
	}
}

// toStore derives a context for storing the end of a run, which ends the run's own.
func toStore(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storing)
}

// untilOver waits for the end of ctx, or of a reason to run the job, and returns that.
func (j *Jobs) untilOver(ctx context.Context, run *running) error {
	var look <-chan time.Time // whether its key is in use
	if j.cfg.Settings.EndRevokedRuns {
		ticker := time.NewTicker(pause)
		defer ticker.Stop()
		look = ticker.C
	}
	for {
		select {
		case <-run.Over():
			return errOver
		case <-ctx.Done():
			return nil
		case <-look:
			if _, ok := j.cfg.Owner(run.Owner, run.ID); !ok {
				return errNoKey
			}
		}
	}
}

// answer runs a job and returns its answer, whose memory is held by the caller.
func (j *Jobs) answer(ctx context.Context, owner Owner, run *running, held *line.Reservation) (answer []byte, err error) {
	most, all := held.Most(), int64(0)
	hold := func(bytes int64) error {
		if all += bytes; all > most {
			return line.ErrTooLarge
		}
		return dropin.Grow(ctx, held, bytes, time.Now().Add(patience))
	}
	if err = hold(run.Size); err != nil {
		err = fmt.Errorf("%w: %w", errAgain, err)
	} else if input, failed := run.Input(ctx); failed != nil {
		err = fmt.Errorf("read a job's input: %w", failed)
	} else if run.Kind == api.KindBatch {
		answer, err = j.batch(ctx, owner, run, input, hold)
	} else {
		answer, err = j.execute(ctx, owner, run, input, hold)
	}
	if errors.Is(err, line.ErrTooLarge) { // and would be each time
		problem := api.Refuse(api.CodeTooLarge, "the job and its answer need more memory than they can ever get, %d bytes: split the batch, or ask for less output", most)
		return run.refused(problem), nil
	}
	return answer, err
}

// execute runs a job that is one script.
func (j *Jobs) execute(ctx context.Context, owner Owner, run *running, input []byte, hold func(int64) error) ([]byte, error) {
	var given api.Execution
	var problem *api.Problem
	if err := owner.Turn(ctx, len(input), func() { given, problem = api.DecodeExecution(input, owner.Profiles()) }); err != nil {
		return nil, err
	}
	run.said.Profile = given.Profile
	if problem != nil { // its key, or the service, allows less than it did
		return run.refused(problem), nil
	}
	wait, stop := j.waiting(ctx)
	defer stop()
	place, err := owner.Begin(wait, given.Profile, &given.Job, false)
	if errors.Is(err, line.ErrTooLarge) {
		if errors.As(j.cfg.Explain(ctx, err), &problem) {
			return run.refused(problem), nil
		}
	}
	if err != nil {
		return nil, err
	}
	defer place.Leave()
	if err := run.begin(ctx); err != nil {
		return nil, err
	}
	reply, err := place.Run(ctx, given.Job)
	for range attempts - 1 {
		if !errors.As(err, &problem) || !batches.Again(problem) || ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(problem.RetryAfter, pause)):
		}
		reply, err = place.Run(ctx, given.Job)
	}
	place.Yield()
	switch {
	case err == nil:
	case ctx.Err() == nil && errors.As(err, &problem) && !batches.Again(problem):
		return run.refused(problem), nil
	default:
		return nil, err
	}
	v := &reply.Verdict
	run.said.Verdict, run.said.Limit, run.said.Timing = string(v.Status), string(v.Limit), reply.Timing
	if v.Error != nil {
		run.said.ErrorType = logline.ErrorType(v.Error.Type)
	}
	if err := hold(jsonwriter.Size(reply.Write)); err != nil {
		return nil, fmt.Errorf("%w: %w", errAgain, err)
	}
	return encoded("answer", reply.Write), nil
}

// waiting derives a context for waiting before a run, which ends when the service drains.
func (j *Jobs) waiting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(j.claims, func() { cancel(line.ErrClosed) })
	return ctx, func() { stop(); cancel(nil) }
}

// encoded returns an object with one member.
func encoded(name string, write func(*jsonwriter.Writer)) []byte {
	var text bytes.Buffer
	out := jsonwriter.New(&text)
	out.RawString("{")
	out.Value(name)
	out.RawString(":")
	write(out)
	out.RawString("}")
	_ = out.Close() // memory takes everything
	return text.Bytes()
}
