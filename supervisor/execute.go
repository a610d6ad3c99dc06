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
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/logline"
	"github.com/hotcell/hotcell/supervisor/refusals"
	"github.com/hotcell/hotcell/supervisor/stream"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

// This file follows a script from top to bottom: its request is read, waits for a
// place in line, claims a cell, runs, is answered, and leaves its place. Session
// calls and terminals take the same steps, with cells of their own.

// execute serves POST /execute.
func (s *Service) execute(w http.ResponseWriter, r *http.Request, x *exchange) error {
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return err
	}
	var given api.Execution
	if err = s.decode(r.Context(), x, body, func() (problem *api.Problem) {
		given, problem = api.DecodeExecution(body, x.key.Narrow(s.cfg.AllProfiles()))
		return problem
	}); err != nil {
		return err
	}
	x.parse = time.Since(x.began)
	// The body has been read to its end, so net/http now notices if the client hangs
	// up. Then this context ends, and with it the run.
	return s.answer(w, r, x, &given.Job, func(ctx, wait context.Context) (nsjail.Verdict, error) {
		return s.runInCell(ctx, wait, x, given.Profile, given.Job, cell.Run)
	})
}

// answer runs a job with run and sends its answer: as a whole or, if the client asks
// for a stream, piece by piece. It may change the job before it calls run.
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
	ctx, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	defer context.AfterFunc(ctx, func() { // a client that reads slowly must not keep what has been revoked
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(lastAnswers))
	})()
	out := stream.New(format, w, gone)
	defer out.Refuse(nil, "") // after a panic: nothing is sent to keep it open when this has returned
	job.Output = out.Output
	job.Shown = func(output protocol.Output) { s.shown(ctx, x, out, output) }
	conns.OnHalfClose(r.Context(), out.KeepOpen) // to see whether the client is still there
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

// shown sends what a script shows, unless it is forged: then the answer will say so.
func (s *Service) shown(ctx context.Context, x *exchange, out *stream.Stream, output protocol.Output) {
	whole := false
	if err := s.turn(ctx, x, api.OutputJSONBytes(output), func() { whole = api.CheckOutput(output) }); err == nil && whole {
		out.Shown(output)
	}
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
	_ = out.Close() // fails only if the client is gone
}

// runner runs a job for a request that has its place. ctx is the context of the run;
// wait, which ends earlier, is for waiting before it.
type runner func(ctx, wait context.Context) (nsjail.Verdict, error)

// reply waits for a place, runs the job, and makes the answer. The error is a
// *api.Problem, or wraps api.ErrClientGone.
func (s *Service) reply(ctx context.Context, x *exchange, job nsjail.Job, run runner) (*api.Reply, error) {
	arrived := time.Now()
	ctx, cancel := s.untilKilled(ctx)
	defer cancel(nil)
	wait, stop := s.waiting(ctx, x)
	defer stop()
	ticket, err := s.enter(wait, x, line.Cost{Bytes: budget.AnswerBytes(job)})
	if err != nil {
		return nil, refusals.Explain(ctx, err)
	}
	x.ticket, x.done = ticket, x.leave
	return s.replyInPlace(ctx, wait, x, arrived, run)
}

// replyInPlace is reply for a request that has a place, and arrived at that time.
func (s *Service) replyInPlace(ctx, wait context.Context, x *exchange, arrived time.Time, run runner) (*api.Reply, error) {
	verdict, err := run(ctx, wait)
	if err != nil {
		if x.claimed.IsZero() {
			x.waited = time.Since(arrived)
		}
		return nil, refusals.Explain(ctx, err)
	}
	x.timing = x.timed(x.queued+x.claimed.Sub(arrived), verdict)
	if failed := verdict.Error; failed != nil {
		failed.Hint = api.ImportHint(failed, x.profile, func() map[string]protocol.Hello { return s.packages(x) })
	}
	s.metrics.Ran(x.profile, verdict.Status, verdict.Usage.Wall, x.exemplar)
	var reply *api.Reply
	if err := s.turn(ctx, x, len(verdict.Result)+api.OutputJSONBytes(verdict.Outputs...), func() { reply = api.NewReply(x.id, verdict, x.timing) }); err != nil {
		return nil, refusals.Explain(ctx, err)
	}
	held := budget.HeldBytes(&reply.Verdict)
	x.ticket.Shrink(held)
	x.held += held
	x.yieldAfter(answersTime, x.gone)
	if problem := reply.Refusal(); problem != nil {
		return nil, problem
	}
	x.ended(&reply.Verdict)
	return reply, nil
}

// ended keeps of a verdict what the log says of it.
func (x *exchange) ended(v *nsjail.Verdict) {
	x.verdict, x.limit = v.Status, v.Limit
	if v.Error != nil {
		x.raised = logline.ErrorType(v.Error.Type)
	}
}

// packages returns what the zygotes of the profiles that a key may use have said.
func (s *Service) packages(x *exchange) map[string]protocol.Hello {
	said := make(map[string]protocol.Hello)
	for _, profile := range x.key.Narrow(s.cfg.AllProfiles()) {
		said[profile.Name] = s.profiles[profile.Name].Jail().Hello
	}
	return said
}

// untilKilled derives the context of a run. It also ends, with refusals.ErrDraining, when the
// service kills the running scripts.
func (s *Service) untilKilled(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.runs, func() { cancel(refusals.ErrDraining) })
	return ctx, func(cause error) { stop(); cancel(cause) }
}

// waiting derives the context for waiting for a place or a cell. It also ends when
// that has taken too long, and when the request's key is revoked, even if running
// scripts of revoked keys may go on.
func (s *Service) waiting(ctx context.Context, x *exchange) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithTimeoutCause(ctx, x.longestWait(s.cfg), refusals.ErrWaitedTooLong)
	ctx, done := x.untilRevoked(ctx)
	return ctx, func() { done(); stop() }
}

// enter waits in line for a place. The caller gives it back.
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

// maxAttempts is how many cells are tried if each dies before the script begins. One
// such death is bad luck; three in a row are a fault of the service.
const maxAttempts = 3

// runInCell claims a cell and calls run, which runs the job in it and releases it. If
// the cell is lost before the script begins, it tries another.
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
	return nsjail.Verdict{}, fmt.Errorf("%w: %w", refusals.ErrEpidemic, lost)
}

// claim waits for a cell of a profile.
func (s *Service) claim(wait context.Context, x *exchange, profile string) (cell, error) {
	began := time.Now()
	x.claimed, x.profile = time.Time{}, profile
	ctx, span := s.tracing.Start(wait, "claim")
	claim := s.profiles[profile].Claim
	if x.behind {
		claim = s.profiles[profile].ClaimBehind
	}
	claimed, err := claim(ctx)
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

// ran calls run within a span, which is the parent of the script's spans. It records
// in x what the log, the metrics and the trace need.
func (s *Service) ran(ctx context.Context, x *exchange, profile string, job nsjail.Job, run func(context.Context, nsjail.Job) (nsjail.Verdict, error)) (nsjail.Verdict, error) {
	ctx, span := s.tracing.Start(ctx, "run")
	x.profile = profile
	parent := x.parent
	if s.tracing != nil {
		parent = tracing.Parent(ctx)
	}
	job.Env = tracing.WithParent(job.Env, parent)
	if job.Shown != nil { // a stream, whose client may keep the run from returning
		x.yieldAfter(job.Limits.Wall+job.Limits.InterruptGrace+answersTime, x.gone)
	}
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

// timed returns the timing of a run that has just ended, and that waited for queued
// before.
func (x *exchange) timed(queued time.Duration, v nsjail.Verdict) api.Timing {
	return api.Timing{Queue: api.Millis(queued), Handoff: api.Millis(time.Since(x.claimed) - v.Usage.Wall), Run: api.Millis(v.Usage.Wall)}
}

// collected ends the span of collecting, which began when the script ended: counters
// are read, the verdict is found, and the answer is encoded.
func (s *Service) collected(ctx context.Context, x *exchange, err error) {
	if x.collecting.IsZero() {
		return
	}
	_, span := s.tracing.StartAt(ctx, "collect", x.collecting)
	tracing.End(span, err)
}

// answersTime is how long a client may take its answer before its place is given to
// others. It keeps the memory of its answer.
const answersTime = 5 * time.Second

// yieldAfter gives back the place of a request after a time, unless it has left before
// or yieldAfter is called again. gone is as in exchange.
func (x *exchange) yieldAfter(wait time.Duration, gone <-chan struct{}) {
	if x.late != nil {
		x.late.Stop()
	}
	ticket := x.ticket
	x.late = time.AfterFunc(wait, func() { ticket.Yield(orBegun(gone)) })
}

// leave gives back the place and the memory of a request whose answer is written: at
// once if its cell has ended, else when it ends.
func (x *exchange) leave() {
	if x.late != nil {
		x.late.Stop()
	}
	x.ticket.Linger(orBegun(x.gone))
}

// orBegun returns gone, or a closed channel for a request that had no cell.
func orBegun(gone <-chan struct{}) <-chan struct{} {
	if gone == nil {
		return neverBegun
	}
	return gone
}

// neverBegun is closed from the start, for a request that had no cell.
var neverBegun = func() <-chan struct{} {
	ended := make(chan struct{})
	close(ended)
	return ended
}()
