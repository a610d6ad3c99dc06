package jobruns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
)

const (
	// longestWait is the longest time that a client may wait for a job in one request.
	longestWait = 300 * time.Second
	// lookEvery is how often a job is looked at while a client waits for it, in case
	// that no news came of it.
	lookEvery = 5 * time.Second
	// most is the largest number of jobs in a list.
	most = 1000
)

// Route is a route of jobs, besides POST /jobs.
type Route struct {
	Method, Path string
	Serve        func(w http.ResponseWriter, r *http.Request, owner string) error
}

// Routes returns them. Any key may use them, for jobs of its own.
func (j *Jobs) Routes() []Route {
	return []Route{
		{"GET", "/jobs", j.list},
		{"GET", "/jobs/{id}", j.show},
		{"GET", "/jobs/{id}/events", j.events},
		{"DELETE", "/jobs/{id}", j.cancel},
	}
}

func idOf(r *http.Request) string { return mux.Vars(r)["id"] }

// Submit stores a job of an owner, and answers when it is on disk. It returns the job's
// profile, if that is known.
func (j *Jobs) Submit(ctx context.Context, w http.ResponseWriter, name string, owner Owner, given api.JobRequest) (profile string, err error) {
	profile, err = j.check(ctx, owner, given)
	if err != nil {
		return profile, err
	}
	webhook, err := j.webhook(name, given.Webhook)
	if err != nil {
		return profile, err
	}
	store, err := j.open()
	if err != nil {
		return profile, j.refuse(ctx, err)
	}
	now := time.Now()
	job := jobs.Job{Owner: name, Kind: given.Kind, Created: now, Expires: now.Add(given.Expires), Webhook: webhook}
	if given.Key != "" {
		job.ID, job.Hash = jobs.IDFor(name, given.Key), given.Hash
	}
	job, _, err = store.Submit(ctx, job, given.Input)
	if err != nil {
		return profile, j.refuse(ctx, err)
	}
	w.Header().Set("Location", "/jobs/"+job.ID)
	return profile, api.WriteJSON(w, http.StatusAccepted, state(job))
}

// check finds what is wrong with a job's request before it is stored, and its profile.
func (j *Jobs) check(ctx context.Context, owner Owner, given api.JobRequest) (profile string, err error) {
	var problem *api.Problem
	err = owner.Turn(ctx, len(given.Input), func() {
		if given.Kind == api.KindExecute {
			profile, problem = api.CheckExecution(given.Input, owner.Profiles())
			return
		}
		profile, problem = checkBatch(given.Input, owner)
	})
	if err != nil {
		return "", j.cfg.Explain(ctx, err)
	}
	if problem != nil {
		return profile, problem
	}
	return profile, nil
}

func checkBatch(input []byte, owner Owner) (profile string, problem *api.Problem) {
	const place = "/" + api.KindBatch
	batch, problem := api.DecodeBatch(input, owner.Profiles())
	if problem != nil {
		return batch.Profile, problem.Within(place)
	}
	if batch.Cases == nil {
		return batch.Profile, api.Refuse(api.CodeInvalidRequest, "/cases: is missing").Within(place)
	}
	cases := batches.OpenArray(batch.Cases)
	for number := 0; ; number++ {
		text, err := cases.Next()
		if errors.Is(err, io.EOF) {
			return batch.Profile, nil
		}
		if err == nil {
			_, problem = batch.Case(number, text)
		} else if !errors.As(err, &problem) {
			problem = api.Internal(err)
		}
		if problem != nil {
			return batch.Profile, problem.Within(place)
		}
	}
}

// refuse turns an error of the store into a problem.
func (j *Jobs) refuse(ctx context.Context, err error) error {
	var p *api.Problem
	switch {
	case ctx.Err() != nil:
		return j.cfg.Explain(ctx, context.Cause(ctx))
	case errors.Is(err, jobs.ErrNotFound):
		return api.Refuse(api.CodeNotFound, "there is no such job: it is another key's, or its answer is no longer kept")
	case errors.Is(err, jobs.ErrConflict):
		return api.Refuse(api.CodeIdempotencyConflict, "%v", jobs.ErrConflict)
	case errors.Is(err, jobs.ErrGone):
		return api.Refuse(api.CodeGone, "%v", jobs.ErrGone)
	case errors.Is(err, jobs.ErrShare):
		p = api.Refuse(api.CodeJobsUnavailable, "%v", err)
		p.RetryAfter = 10 * pause
	case errors.Is(err, jobs.ErrFull):
		p = api.Refuse(api.CodeJobsUnavailable, "%v: answers that are no longer kept make room", jobs.ErrFull)
		p.RetryAfter = 10 * pause
	default:
		p = api.Refuse(api.CodeJobsUnavailable, "the store of jobs does not answer; the server keeps trying")
		p.RetryAfter = pause
	}
	p.Cause = err
	return p
}

// show answers with a job. If its client says so, it waits until the job has ended.
func (j *Jobs) show(w http.ResponseWriter, r *http.Request, owner string) error {
	ctx, id := r.Context(), idOf(r)
	wait, err := waitOf(r.URL.Query())
	if err != nil {
		return err
	}
	store, err := j.opened()
	if err != nil {
		return j.refuse(ctx, err)
	}
	changed, stop := store.Watch(id)
	defer stop()
	idles := j.cfg.Idles
	if idles.Err() != nil { // a client that is answered at once asks again at once
		wait, idles = min(wait, pause), context.WithoutCancel(idles)
	}
	until := time.Now().Add(wait)
	for {
		job, err := store.Get(ctx, owner, id)
		if err != nil {
			return j.refuse(ctx, err)
		}
		left := time.Until(until)
		if job.Status.Over() || left <= 0 || idles.Err() != nil {
			return j.write(ctx, w, store, job)
		}
		select {
		case <-changed:
		case <-time.After(min(left, lookEvery)):
		case <-idles.Done():
		case <-ctx.Done():
			return j.cfg.Explain(ctx, context.Cause(ctx))
		}
	}
}

func waitOf(query url.Values) (time.Duration, error) {
	text := query.Get("wait_s")
	if text == "" {
		return 0, nil
	}
	seconds, err := strconv.ParseUint(text, 10, 32)
	if wait := time.Duration(seconds) * time.Second; err == nil && wait <= longestWait { // #nosec G115 -- 32 bits
		return wait, nil
	}
	return 0, api.Refuse(api.CodeInvalidRequest, "wait_s: %q is not a whole number of seconds up to %.0f", api.Shorten(text), longestWait.Seconds())
}

// list answers with jobs of an owner.
func (j *Jobs) list(w http.ResponseWriter, r *http.Request, owner string) error {
	ctx, status := r.Context(), jobs.Status(r.URL.Query().Get("status"))
	if status != "" && !slices.Contains(jobs.Statuses, status) {
		return api.Refuse(api.CodeInvalidRequest, "status: %q is not one of %v", api.Shorten(string(status)), jobs.Statuses)
	}
	leave, err := j.lists.enter(ctx, owner)
	if err != nil {
		return j.cfg.Explain(ctx, err)
	}
	defer leave()
	var found []jobs.Job
	store, err := j.opened()
	if err == nil {
		found, err = store.List(ctx, owner, status, most)
	}
	if err != nil && !errors.Is(err, jobs.ErrNotFound) {
		return j.refuse(ctx, err)
	}
	list := make([]api.JobState, len(found))
	for i, job := range found {
		list[i] = state(job)
	}
	return api.WriteJSON(w, http.StatusOK, map[string]any{"jobs": list})
}

// cancel ends a job, and answers with it. One that is over stays as it is.
func (j *Jobs) cancel(w http.ResponseWriter, r *http.Request, owner string) error {
	ctx := r.Context()
	store, err := j.opened()
	if err != nil {
		return j.refuse(ctx, err)
	}
	job, err := store.Cancel(ctx, owner, idOf(r), "the client cancelled it")
	if err != nil && !errors.Is(err, jobs.ErrOver) {
		return j.refuse(ctx, err)
	}
	return api.WriteJSON(w, http.StatusOK, state(job))
}

func state(job jobs.Job) api.JobState {
	s := api.JobState{
		ID: job.ID, Kind: job.Kind, Status: string(job.Status), Created: job.Created, Expires: job.Expires, Attempts: job.Attempts, Reason: job.Reason,
	}
	if !job.Began.IsZero() {
		s.Began = &job.Began
	}
	if !job.Ended.IsZero() {
		s.Ended = &job.Ended
	}
	return s
}

// write answers with a job and its answer, which is not held in memory.
func (j *Jobs) write(ctx context.Context, w http.ResponseWriter, store jobs.Store, job jobs.Job) error {
	body, size, err := read(ctx, store, job)
	if err != nil {
		return j.refuse(ctx, err)
	}
	defer func() { _ = body.Close() }()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.FormatInt(size+1, 10))
	if _, err = io.Copy(w, body); err == nil {
		_, err = io.WriteString(w, "\n")
	}
	if err != nil { // the client is gone, or must not mistake this for a whole answer
		return fmt.Errorf("%w: %w", api.ErrClientGone, err)
	}
	return nil
}

// read returns a job as its client sees it: its state, and then the members of its answer.
func read(ctx context.Context, store jobs.Store, job jobs.Job) (io.ReadCloser, int64, error) {
	head, err := json.Marshal(state(job))
	if err != nil {
		return nil, 0, err
	}
	if job.Status != jobs.Done {
		return reader(head, nil), int64(len(head)), nil
	}
	answer, size, err := store.Answer(ctx, job)
	if err != nil {
		return nil, 0, err
	}
	if _, err := io.ReadFull(answer, make([]byte, 1)); err != nil { // its brace
		_ = answer.Close()
		return nil, 0, err
	}
	head[len(head)-1] = ','
	return reader(head, answer), int64(len(head)) + size - 1, nil
}
