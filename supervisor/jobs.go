package supervisor

import (
	"context"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/jobruns"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// newJobs returns the service's jobs, which open their store when it is needed.
func (s *Service) newJobs() (*jobruns.Jobs, error) {
	return jobruns.New(jobruns.Config{
		Settings: s.cfg, Log: s.log, Line: s.line, Runs: s.runs, Idles: s.idles,
		Owner: s.jobOwner, Explain: refusals.Explain, Ended: s.metrics.JobEnded, Redelivered: s.metrics.JobRedelivered, Told: s.metrics.WebhookTried,
	})
}

// jobRoutes are the routes of jobs, if they are served.
func (s *Service) jobRoutes() []route {
	if !s.cfg.Jobs {
		return nil
	}
	routes := []route{{method: "POST", path: "/jobs", needs: keys.Execute, serve: s.submitJob}}
	for _, job := range s.jobs.Routes() {
		routes = append(routes, route{method: job.Method, path: job.Path, serve: func(w http.ResponseWriter, r *http.Request, x *exchange) error {
			ctx, done := x.untilRevoked(r.Context())
			defer done()
			return job.Serve(w, r.WithContext(ctx), x.key.Owner())
		}})
	}
	return routes
}

// submitJob serves POST /jobs.
func (s *Service) submitJob(w http.ResponseWriter, r *http.Request, x *exchange) error {
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return err
	}
	var given api.JobRequest
	err = s.decode(r.Context(), x, body, func() (problem *api.Problem) {
		given, problem = api.DecodeJob(body, r.Header.Get("Idempotency-Key"), s.cfg.JobExpires)
		return problem
	})
	if err != nil {
		return err
	}
	x.profile, err = s.jobs.Submit(r.Context(), w, x.key.Owner(), owner{s, x}, given)
	return err
}

// jobOwner returns the key of that name, on whose behalf a job runs.
func (s *Service) jobOwner(name, id string) (jobruns.Owner, bool) {
	x := &exchange{id: id, began: time.Now()}
	if s.keys == nil {
		x.party = keys.Everybody(s.cfg)
		return owner{s, x}, name == ""
	}
	if x.key = s.keys.Named(name); x.key == nil || !x.key.May(keys.Execute) {
		return nil, false
	}
	x.party = x.key.Party()
	return owner{s, x}, true
}

// owner implements [jobruns.Owner] for the key of an exchange.
type owner struct {
	s *Service
	x *exchange
}

func (o owner) Profiles() []config.Profile { return o.x.key.Narrow(o.s.cfg.AllProfiles()) }
func (o owner) Party() line.Party          { return o.x.party.Party }

func (o owner) Begin(wait context.Context, profile string, job *nsjail.Job, inBatch bool) (batches.Place, error) {
	if inBatch {
		if err := o.x.key.WaitForTurn(wait); err != nil {
			return nil, err
		}
	}
	return o.s.beginRun(wait, o.x, profile, job)
}

func (o owner) Turn(ctx context.Context, bytes int, work func()) error {
	return o.s.turn(ctx, o.x, bytes, work)
}

func (o owner) BatchRan(verdict api.Verdict) { o.s.metrics.BatchRan(verdict) }
