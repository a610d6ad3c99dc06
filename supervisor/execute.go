package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// maxAttempts bounds how many cells are tried that die before the script
// begins: one is bad luck, three in a row are an epidemic.
const maxAttempts = 3

var (
	errWaitedTooLong = errors.New("the wait for a cell ran out")
	errClientGone    = errors.New("the client hung up")
	errEpidemic      = errors.New("several cells in a row were lost before the script began")
	errDraining      = errors.New("the service is shutting down")
)

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
	return s.answer(w, r, x, &given.Job, func(ctx context.Context) (*api.Reply, error) { return s.run(ctx, x, given) })
}

// answer runs what gives an answer, and sends it: whole, or where the client
// asks for a stream, piece by piece. run is to run job, which answer may change.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, x *exchange, job *nsjail.Job, run func(context.Context) (*api.Reply, error)) error {
	x.done = x.leave
	format := wantsStream(r.Header)
	ctx := r.Context()
	if format != nil || s.cfg.EndRevokedRuns {
		var done context.CancelFunc
		ctx, done = x.untilRevoked(ctx)
		defer done()
	}
	if format == nil {
		reply, err := refused(run(ctx))
		s.collected(ctx, x, err)
		if err != nil {
			return err
		}
		x.verdict = reply.Verdict.Status
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
		return nil
	}
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	stream := newStream(format, w, gone)
	job.Output = stream.output
	conns.OnHalfClose(r.Context(), stream.keepOpen) // which shows whether it is there
	reply, err := refused(run(ctx))
	s.collected(ctx, x, err)
	if err != nil {
		x.err = err
		stream.refuse(x.problem(), x.id)
		return err
	}
	x.verdict = reply.Verdict.Status
	stream.end("result", reply.Write)
	return nil
}

// refused makes an error of a reply that is a refusal.
func refused(reply *api.Reply, err error) (*api.Reply, error) {
	if err != nil {
		return nil, err
	}
	if problem := reply.Refusal(); problem != nil {
		return nil, problem
	}
	return reply, nil
}

// run waits for a place and a cell, runs the job in it, and makes the answer.
// The error is a *api.Problem, or wraps errClientGone.
func (s *Service) run(ctx context.Context, x *exchange, given api.Execution) (*api.Reply, error) {
	arrived := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.runs, func() { cancel(errDraining) })()
	waitCtx, stop := context.WithTimeoutCause(ctx, x.longestWait(s.cfg), errWaitedTooLong)
	defer stop()
	waitCtx, done := x.untilRevoked(waitCtx) // whether or not what runs may go on
	defer done()

	var err error
	if x.ticket, err = s.enter(waitCtx, x, line.Cost{Bytes: budget.AnswerBytes(given.Job)}); err != nil {
		return nil, explain(ctx, err)
	}
	var lost error
	for range maxAttempts {
		cell, err := s.claim(waitCtx, given.Profile)
		if err != nil {
			x.waited = time.Since(arrived)
			return nil, explain(ctx, err)
		}
		x.gone = cell.Gone()
		claimed := time.Now()
		verdict, err := s.ran(ctx, x, given.Profile, given.Job, cell.Run)
		if errors.Is(err, nsjail.ErrCellLost) {
			s.metrics.CellLost(given.Profile)
			lost = err
			continue
		}
		if err != nil {
			return nil, explain(ctx, err)
		}
		x.timing = timing(arrived, claimed, verdict)
		s.metrics.Ran(given.Profile, verdict.Status, verdict.Usage.Wall, x.exemplar)
		return s.reply(ctx, x, verdict)
	}
	return nil, explain(ctx, fmt.Errorf("%w: %w", errEpidemic, lost))
}

// reply checks what came out of a jail, and gives back the memory that was not
// needed.
func (s *Service) reply(ctx context.Context, x *exchange, verdict nsjail.Verdict) (*api.Reply, error) {
	var r *api.Reply
	if err := s.turn(ctx, x, len(verdict.Result), func() { r = api.NewReply(x.id, verdict, x.timing) }); err != nil {
		return nil, explain(ctx, err)
	}
	x.ticket.Shrink(budget.HeldBytes(&r.Verdict))
	return r, nil
}

// leave gives back the place and the memory of a request, once its answer is
// written.
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

// timing is that of a run that is over just now.
func timing(arrived, claimed time.Time, v nsjail.Verdict) api.Timing {
	return api.Timing{Queue: api.Millis(claimed.Sub(arrived)), Handoff: api.Millis(time.Since(claimed) - v.Usage.Wall), Run: api.Millis(v.Usage.Wall)}
}

func (s *Service) claim(ctx context.Context, profile string) (cell, error) {
	began := time.Now()
	spanCtx, span := s.startSpan(ctx, "claim")
	claimed, err := s.profiles[profile].Claim(spanCtx)
	if span.IsRecording() {
		span.SetAttributes(attrProfile.String(profile))
	}
	endSpan(span, err)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err == nil {
		s.metrics.Claimed(profile, time.Since(began), exemplarOf(ctx))
	}
	return claimed, err
}

// explain turns what kept a script from being run, or from being run to its
// end, into what the client is told. ctx is the run's: its end comes first.
func explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		if err = context.Cause(ctx); !errors.Is(err, errDraining) && !errors.Is(err, errRevoked) {
			return errClientGone
		}
	}
	var p *api.Problem
	var unavailable *pool.UnavailableError
	var slow *line.SlowError
	switch {
	case errors.As(err, &slow) && slow.Party:
		p = api.Refuse(api.CodeRateLimited, "too many requests with one key: %v", err)
		p.RetryAfter = max(time.Second, slow.Expected-slow.Bound)
	case errors.As(err, &slow):
		p = api.Refuse(api.CodeSaturated, "all places are taken: %v", err)
		p.RetryAfter = max(time.Second, slow.Expected-slow.Bound)
	case errors.Is(err, sessions.ErrTooMany):
		p = api.Refuse(api.CodeTooManySessions, "there may be no more sessions: delete one that is not needed, or wait")
		p.RetryAfter = 10 * time.Second
	case errors.Is(err, line.ErrFull), errors.Is(err, errWaitedTooLong), errors.Is(err, line.ErrBytes):
		p = api.Refuse(api.CodeSaturated, "all places are taken: %v", err)
		p.RetryAfter = time.Second
	case errors.Is(err, line.ErrPartyFull), errors.Is(err, line.ErrPartyBytes):
		p = api.Refuse(api.CodeRateLimited, "too many requests with one key: %v", err)
		p.RetryAfter = time.Second
	case errors.Is(err, errRevoked):
		p = invalidKey("the key was revoked while the request waited or ran")
	case errors.Is(err, errDraining), errors.Is(err, sessions.ErrClosed), errors.Is(err, line.ErrClosed), errors.Is(err, pool.ErrClosed):
		p = api.Refuse(api.CodeDraining, "the server is shutting down; another may be there soon")
		p.RetryAfter = time.Second
	case errors.As(err, &unavailable):
		p = api.Refuse(api.CodeUnavailable, "jails cannot be made just now; the server keeps trying")
		p.RetryAfter = unavailable.RetryAfter
	case errors.Is(err, errEpidemic):
		p = api.Refuse(api.CodeUnavailable, "%v", errEpidemic)
		p.RetryAfter = time.Second
	case errors.Is(err, line.ErrTooLarge):
		p = api.Refuse(api.CodeLimitTooHigh, "the limits of the request take more memory for its answer than max_memory leaves: ask for less output_bytes, result_bytes and files_bytes")
	case errors.Is(err, protocol.ErrTooLarge):
		p = api.Refuse(api.CodeTooLarge, "the request is too large for a jail once it is encoded")
	default:
		return api.Internal(err)
	}
	p.Cause = err
	return p
}
