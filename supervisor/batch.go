package supervisor

import (
	"context"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// batch serves POST /batches. Its runs have no more places than [line.Line.EnterBehind]
// gives, and each counts against the rate of its key.
func (s *Service) batch(w http.ResponseWriter, r *http.Request, x *exchange) error {
	if problem := api.CheckJSON(r.Header); problem != nil {
		return problem
	}
	ctx, cancel := s.untilKilled(r.Context())
	defer cancel(nil)
	wait, stop := x.untilRevoked(ctx)
	defer stop()
	if s.cfg.EndRevokedRuns {
		ctx = wait
	}
	wait, end := context.WithCancelCause(wait)
	defer end(nil)
	defer context.AfterFunc(s.idles, func() { end(refusals.ErrDraining) })() // what has begun goes on
	given, cases, done, err := batches.Open(wait, w, r, batches.Source{
		Line: s.line, Party: x.party.Party, Most: int64(s.cfg.MaxBody),
		ReadAll: func(held *line.Reservation) ([]byte, error) { return s.readInto(w, r, held, 1) },
		Decode: func(text []byte) (given api.Batch, err error) {
			return given, s.decode(wait, x, text, func() (problem *api.Problem) {
				given, problem = api.DecodeBatch(text, x.key.Narrow(s.cfg.AllProfiles()))
				return problem
			})
		},
	})
	defer done()
	if err != nil {
		return refusals.Explain(wait, err)
	}
	x.profile, x.parse = given.Profile, time.Since(x.began)
	summary, err := batches.Serve(ctx, wait, w, given, cases, batches.Config{
		ID: x.id, AtOnce: 2 * batches.Behind(), Explain: refusals.Explain, Ran: s.metrics.BatchRan,
		Watch: func(half, gone func()) func() { return conns.Watch(r.Context(), half, gone) },
		Begin: func(wait context.Context, job *nsjail.Job) (batches.Place, error) {
			if err := x.key.WaitForTurn(wait); err != nil {
				return nil, err
			}
			return s.beginRun(wait, x, given.Profile, job)
		},
		Turn: func(ctx context.Context, bytes int, work func()) error { return s.turn(ctx, x, bytes, work) },
	})
	x.batch = &summary
	return err
}

// batchRun is a run of a batch that has a place.
type batchRun struct {
	s       *Service
	x       *exchange // its own, beside that of the batch
	profile string
	arrived time.Time
}

// beginRun waits for a place for a run of a batch.
func (s *Service) beginRun(wait context.Context, x *exchange, profile string, job *nsjail.Job) (batches.Place, error) {
	arrived := time.Now()
	ticket, err := s.line.EnterBehind(wait, x.party.Party, line.Cost{Bytes: budget.AnswerBytes(*job)})
	if err != nil {
		return nil, err
	}
	own := &exchange{id: x.id, key: x.key, party: x.party, life: x.life, began: arrived, parent: x.parent, exemplar: x.exemplar, ticket: ticket, behind: true}
	return &batchRun{s, own, profile, arrived}, nil
}

// Run implements [batches.Place].
func (r *batchRun) Run(ctx context.Context, job nsjail.Job) (*api.Reply, error) {
	reply, err := r.s.replyInPlace(ctx, ctx, r.x, r.arrived, func(ctx, wait context.Context) (nsjail.Verdict, error) {
		return r.s.runInCell(ctx, wait, r.x, r.profile, job, cell.Run)
	})
	r.x.err = err
	if p := r.x.problem(); p != nil && p.Code == api.CodeInternal {
		r.s.log.ErrorContext(ctx, "a run of a batch failed", "id", r.x.id, "error", p.Cause)
	}
	return reply, err
}

// Yield implements [batches.Place].
func (r *batchRun) Yield() { r.x.ticket.Yield(orBegun(r.x.gone)) }

// Leave implements [batches.Place].
func (r *batchRun) Leave() { r.x.leave() }
