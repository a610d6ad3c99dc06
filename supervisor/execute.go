package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/stream"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

// This file tells the way of a script from top to bottom: its request is read, it
// waits for a place, claims a cell, runs, is answered, and leaves its place. Calls
// of sessions and terminals take the same steps, with a cell of their own.

// execute serves POST /execute.
func (s *Service) execute(w http.ResponseWriter, r *http.Request, x *exchange) error {
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return err
	}
	var given api.Execution
	err = s.decode(r.Context(), x, body, func() (problem *api.Problem) {
		given, problem = api.DecodeExecution(body, x.key.Narrow(s.cfg.AllProfiles()))
		return problem
	})
	if err != nil {
		return err
	}
	x.parse = time.Since(x.began)
	// The body has been read to its end, and net/http now looks out for the
	// client hanging up: then this context ends, and with it the cell.
	return s.answer(w, r, x, &given.Job, func(ctx, wait context.Context) (nsjail.Verdict, error) {
		return s.runInCell(ctx, wait, x, given.Profile, given.Job, cell.Run)
	})
}

// answer runs a job, and sends its answer: whole, or where the client asks for a
// stream, piece by piece. run is to run the job, which answer may change.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, x *exchange, job *nsjail.Job, run runner) error {
	format := stream.Wanted(r.Header)
	ctx := r.Context()
	if format != nil || s.cfg.EndRevokedRuns {
		var done context.CancelFunc
		ctx, done = x.untilRevoked(ctx)
		defer done()
	}
	if format == nil {
		reply, err := s.reply(ctx, x, *job, run)
		s.collected(ctx, x, err)
		if err != nil {
			return err
		}
		x.writeReply(w, reply)
		return nil
	}
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	out := stream.New(format, w, gone)
	job.Output = out.Output
	conns.OnHalfClose(r.Context(), out.KeepOpen) // which shows whether the client is there
	reply, err := s.reply(ctx, x, *job, run)
	s.collected(ctx, x, err)
	if err != nil {
		x.err = err
		out.Refuse(x.problem(), x.id)
		return err
	}
	out.End("result", reply.Write)
	return nil
}

// writeReply sends a whole answer.
func (x *exchange) writeReply(w http.ResponseWriter, reply *api.Reply) {
	w.Header().Set("Server-Timing", reply.Timing.Header())
	if x.parse > 0 {
		w.Header().Add("Server-Timing", "parse;dur="+api.Millis(x.parse).String())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.FormatInt(jsonwriter.Size(reply.Write)+1, 10))
	out := jsonwriter.New(w)
	reply.Write(out)
	out.RawString("\n")
	_ = out.Close() // a client that is gone by now misses it
}

// runner runs a job, for a request that has its place. ctx is the run's; wait, which
// ends before it, is for what is still to be waited for.
type runner func(ctx, wait context.Context) (nsjail.Verdict, error)

// reply waits for a place, has the job run, and makes the answer. The error is a
// *api.Problem, or wraps api.ErrClientGone.
func (s *Service) reply(ctx context.Context, x *exchange, job nsjail.Job, run runner) (*api.Reply, error) {
	arrived := time.Now()
	ctx, cancel := s.untilKilled(ctx)
	defer cancel(nil)
	wait, stop := s.waiting(ctx, x)
	defer stop()
	ticket, err := s.enter(wait, x, line.Cost{Bytes: budget.AnswerBytes(job)})
	if err != nil {
		return nil, explain(ctx, err)
	}
	x.ticket, x.done = ticket, x.leave
	verdict, err := run(ctx, wait)
	if err != nil {
		if x.claimed.IsZero() {
			x.waited = time.Since(arrived)
		}
		return nil, explain(ctx, err)
	}
	x.timing = x.timed(x.claimed.Sub(arrived), verdict)
	s.metrics.Ran(x.profile, verdict.Status, verdict.Usage.Wall, x.exemplar)
	var reply *api.Reply
	if err := s.turn(ctx, x, len(verdict.Result), func() { reply = api.NewReply(x.id, verdict, x.timing) }); err != nil {
		return nil, explain(ctx, err)
	}
	ticket.Shrink(budget.HeldBytes(&reply.Verdict))
	if problem := reply.Refusal(); problem != nil {
		return nil, problem
	}
	x.verdict = reply.Verdict.Status
	return reply, nil
}

// untilKilled derives the context of a run, which also ends, with errDraining, when
// the service kills what runs.
func (s *Service) untilKilled(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.runs, func() { cancel(errDraining) })
	return ctx, func(cause error) { stop(); cancel(cause) }
}

// waiting derives the context of a wait for a place or a cell, which also ends when
// that has taken too long, and when the request's key is revoked, whether or not
// what runs may go on.
func (s *Service) waiting(ctx context.Context, x *exchange) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithTimeoutCause(ctx, x.longestWait(s.cfg), errWaitedTooLong)
	ctx, done := x.untilRevoked(ctx)
	return ctx, func() { done(); stop() }
}

// enter waits in line for a place, which the caller leaves.
func (s *Service) enter(wait context.Context, x *exchange, cost line.Cost) (*line.Ticket, error) {
	arrived := time.Now()
	ctx, span := s.tracing.Start(wait, "queue")
	ticket, err := s.line.EnterWithin(ctx, x.party.Party, cost, x.expected())
	tracing.End(span, err)
	if err != nil {
		x.waited = time.Since(arrived)
	}
	return ticket, err
}

// maxAttempts bounds how many cells are tried that die before the script
// begins: one is bad luck, three in a row are an epidemic.
const maxAttempts = 3

// runInCell claims a cell and has run run the job in it, which gives it back. A
// cell that is lost before the script began is replaced by another.
func (s *Service) runInCell(ctx, wait context.Context, x *exchange, profile string, job nsjail.Job, run func(cell, context.Context, nsjail.Job) (nsjail.Verdict, error)) (nsjail.Verdict, error) {
	var lost error
	for range maxAttempts {
		claimed, err := s.claim(wait, x, profile)
		if err != nil {
			return nsjail.Verdict{}, err
		}
		x.gone = claimed.Gone()
		verdict, err := s.ran(ctx, x, profile, job, func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) { return run(claimed, ctx, job) })
		if !errors.Is(err, nsjail.ErrCellLost) {
			return verdict, err
		}
		s.metrics.CellLost(profile)
		lost = err
	}
	return nsjail.Verdict{}, fmt.Errorf("%w: %w", errEpidemic, lost)
}

// claim waits for a cell of a profile.
func (s *Service) claim(wait context.Context, x *exchange, profile string) (cell, error) {
	began := time.Now()
	x.claimed = time.Time{}
	ctx, span := s.tracing.Start(wait, "claim")
	claimed, err := s.profiles[profile].Claim(ctx)
	if span.IsRecording() {
		span.SetAttributes(tracing.Profile.String(profile))
	}
	tracing.End(span, err)
	if err != nil && wait.Err() != nil {
		return nil, context.Cause(wait)
	}
	if err == nil {
		x.claimed = time.Now()
		s.metrics.Claimed(profile, x.claimed.Sub(began), tracing.Exemplar(wait))
	}
	return claimed, err
}

// ran runs a job in run, with a span that is the script's parent. What the
// request has to tell afterwards goes into x.
func (s *Service) ran(ctx context.Context, x *exchange, profile string, job nsjail.Job, run func(context.Context, nsjail.Job) (nsjail.Verdict, error)) (nsjail.Verdict, error) {
	ctx, span := s.tracing.Start(ctx, "run")
	x.profile = profile
	parent := x.parent
	if s.tracing != nil {
		parent = tracing.Parent(ctx)
	}
	job.Env = tracing.WithParent(job.Env, parent)
	verdict, err := run(ctx, job)
	if !span.IsRecording() {
		span.End()
		return verdict, err
	}
	span.SetAttributes(tracing.Profile.String(profile))
	if verdict.Status == "" {
		tracing.End(span, err)
		return verdict, err
	}
	span.SetAttributes(tracing.Verdict.String(string(verdict.Status)))
	span.AddEvent("handed over", trace.WithTimestamp(verdict.Began))
	x.collecting = verdict.Began.Add(verdict.Usage.Wall)
	span.End(trace.WithTimestamp(x.collecting))
	return verdict, err
}

// timed is where the time went of a run that is over just now, and that waited so
// long before.
func (x *exchange) timed(queued time.Duration, v nsjail.Verdict) api.Timing {
	return api.Timing{Queue: api.Millis(queued), Handoff: api.Millis(time.Since(x.claimed) - v.Usage.Wall), Run: api.Millis(v.Usage.Wall)}
}

// collected ends what began with the script's end: counters are read, the
// verdict is found, and the answer is encoded.
func (s *Service) collected(ctx context.Context, x *exchange, err error) {
	if x.collecting.IsZero() {
		return
	}
	_, span := s.tracing.StartAt(ctx, "collect", x.collecting)
	tracing.End(span, err)
}

// leave gives back the place and the memory of a request, once its answer is
// written: at once, or when its cell has ended.
func (x *exchange) leave() {
	gone := x.gone
	if gone == nil {
		gone = neverBegun
	}
	x.ticket.Linger(gone)
}

// neverBegun is the end of the work of a request that had no cell.
var neverBegun = func() <-chan struct{} {
	ended := make(chan struct{})
	close(ended)
	return ended
}()
