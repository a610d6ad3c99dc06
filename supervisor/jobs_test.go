package supervisor

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// jobAnswer is a job as a client sees it.
type jobAnswer struct {
	ID, Kind, Reason string
	Status           jobStatus
	Attempts         int
	Answer           *struct{ Status, Stdout string }
	Batch            *struct {
		Runs   []batchLine
		Counts map[api.Verdict]int
	}
	Problem *api.Problem
	Code    api.Code // of a refusal
	Detail  string
}

// jobStatus is a job's status; that of a problem is a number.
type jobStatus string

func (s *jobStatus) UnmarshalJSON(text []byte) error {
	*s = jobStatus(strings.Trim(string(text), `"`))
	return nil
}

// withJobs makes a service with fake cells that keeps its jobs in a directory.
func withJobs(t *testing.T, dir string, p profile, change ...func(*config.Config)) (*Service, http.Handler) {
	t.Helper()
	cfg := config.Default()
	cfg.JobsDir = dir
	for _, c := range change {
		c(&cfg)
	}
	s, err := newService(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.profiles["default"] = p
	if s.keys, err = keys.Open(s.cfg, s.memory, s.log, func(string) {}); err != nil {
		t.Fatal(err)
	}
	s.jobs.Start()
	t.Cleanup(func() { end(s) })
	return s, s.handler()
}

// end ends a service that does not listen as Close does.
func end(s *Service) {
	s.draining.Store(true)
	s.endIdles()
	s.jobs.Drain()
	s.killRuns()
	<-s.line.Close()
	s.jobs.Close()
}

func ask(t *testing.T, handler http.Handler, method, path, body string, header ...string) (got jobAnswer, w *httptest.ResponseRecorder) {
	t.Helper()
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), method, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w = httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
	}
	return got, w
}

func submitted(t *testing.T, handler http.Handler, body string, header ...string) jobAnswer {
	t.Helper()
	job, w := ask(t, handler, "POST", "/jobs", body, header...)
	if w.Code != http.StatusAccepted || w.Header().Get("Location") != "/jobs/"+job.ID {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return job
}

const oneScript = `{"execute": {"script": "echo", "mode": "program", "stdin": "in"}}`

func TestAJobIsAnsweredAsARequestIs(t *testing.T) {
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: echo})
	cases := []struct {
		name, body string
		ended      func(jobAnswer) bool
	}{
		{"a script", oneScript, func(j jobAnswer) bool {
			return j.Kind == "execute" && j.Answer.Status == "ok" && j.Answer.Stdout == "in"
		}},
		{"a batch", `{"batch": {"script": "echo", "mode": "program", "cases": [{"stdin": "a", "expected_stdout": "a"}, {"stdin": "b", "expected_stdout": "c"}]}}`,
			func(j jobAnswer) bool {
				return j.Kind == "batch" && len(j.Batch.Runs) == 2 && j.Batch.Counts[api.VerdictAccepted] == 1 && j.Batch.Counts[api.VerdictWrongAnswer] == 1
			}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			made := submitted(t, handler, c.body)
			if job, w := ask(t, handler, "GET", "/jobs/"+made.ID+"?wait_s=300", ""); w.Code != 200 || job.Status != "done" || !c.ended(job) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if job, w := ask(t, handler, "DELETE", "/jobs/"+made.ID, ""); w.Code != 200 || job.Status != "done" {
				t.Errorf("cancelled when it is over: %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestWhatIsWrongWithAJobIsToldAtOnce(t *testing.T) {
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: echo})
	cases := []struct {
		body   string
		code   api.Code
		detail string
	}{
		{`{}`, api.CodeInvalidRequest, "/execute: is missing"},
		{`{"execute": {}}`, api.CodeInvalidRequest, "/execute/script: is missing"},
		{`{"execute": {"script": "x", "limits": {"wall_ms": 1e9}}}`, api.CodeInvalidRequest, "/execute/limits/wall_ms: is 1e9; must be a whole"},
		{`{"execute": {"script": "x"}, "batch": {}}`, api.CodeInvalidRequest, "/batch: cannot stand"},
		{`{"batch": {"script": "x"}}`, api.CodeInvalidRequest, "/batch/cases: is missing"},
		{`{"batch": {"script": "x", "cases": [{}, {"args": 1}]}}`, api.CodeInvalidRequest, "/batch/cases/1/args: is 1; must be an array"},
		{`{"execute": {"script": "x"}, "expires_s": 100000000}`, api.CodeLimitTooHigh, "/expires_s: is 100000000; the maximum is"},
		{`{"execute": {"script": "x"}, "webhook": 1}`, api.CodeInvalidRequest, "/webhook: is 1; must be an object"},
		{`{"execute": {"script": "x"}, "webhook": {}}`, api.CodeInvalidRequest, "/webhook/url: is missing"},
		{`{"execute": {"script": "x"}, "webhook": {"url": "https://a.test", "secret": "x"}}`, api.CodeInvalidRequest, "/webhook/secret: unknown field"},
		{`{"execute": {"script": "x"}, "webhook": {"url": "https://a.test"}}`, api.CodeInvalidRequest, "/webhook/url: this service sends no webhooks"},
		{`{"execute": {"script": "x"}, "idempotency_key": ""}`, api.CodeInvalidRequest, "/idempotency_key: has 0 bytes; must have 1"},
	}
	for _, c := range cases {
		if got, w := ask(t, handler, "POST", "/jobs", c.body); got.Code != c.code || !strings.HasPrefix(got.Detail, c.detail) {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/jobs/x", "/jobs/AAAAAAAAAAAAAAAAAAAAAAAAAA", "/jobs/AAAAAAAAAAAAAAAAAAAAAAAAAA/events"} {
		if got, w := ask(t, handler, "GET", path, ""); got.Code != api.CodeNotFound {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, path := range []string{"/jobs?status=x", "/jobs/AAAAAAAAAAAAAAAAAAAAAAAAAA?wait_s=-1", "/jobs/AAAAAAAAAAAAAAAAAAAAAAAAAA?wait_s=301"} {
		if got, w := ask(t, handler, "GET", path, ""); got.Code != api.CodeInvalidRequest {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestAJobWhoseAnswerCanNeverBeHeldIsNotRunAgainAndAgain(t *testing.T) {
	var runs atomic.Int32
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		runs.Add(1)
		verdict, err := echo(ctx, job)
		verdict.Stdout = []byte(strings.Repeat("a", 100<<10))
		return verdict, err
	}}, func(cfg *config.Config) { cfg.MaxBody, cfg.MaxBodies = 64<<10, 4<<20 })
	const cases = 100
	made := submitted(t, handler, `{"batch": {"script": "echo", "mode": "program", "cases": [{}`+strings.Repeat(",{}", cases-1)+`]}}`)
	job, w := ask(t, handler, "GET", "/jobs/"+made.ID+"?wait_s=300", "")
	if job.Status != "done" || job.Problem == nil || job.Problem.Code != api.CodeTooLarge || job.Attempts != 1 || runs.Load() >= cases {
		t.Errorf("%d runs, %d %.1000s", runs.Load(), w.Code, w.Body)
	}
}

func TestAnIdempotencyKeyGivesTheSameJob(t *testing.T) {
	var runs atomic.Int32
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		runs.Add(1)
		return echo(ctx, job)
	}})
	first := submitted(t, handler, oneScript, "Idempotency-Key", "k")
	ask(t, handler, "GET", "/jobs/"+first.ID+"?wait_s=300", "")
	again := submitted(t, handler, oneScript, "Idempotency-Key", "k")
	if again.ID != first.ID || again.Status != "done" || runs.Load() != 1 {
		t.Errorf("%+v and %+v after %d runs", first, again, runs.Load())
	}
	if got, w := ask(t, handler, "POST", "/jobs", `{"execute": {"script": "other"}}`, "Idempotency-Key", "k"); got.Code != api.CodeIdempotencyConflict {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestACancelledJobIsEndedAndItsRunToo(t *testing.T) {
	begun, killed := make(chan struct{}), make(chan struct{})
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, _ nsjail.Job) (nsjail.Verdict, error) {
		close(begun)
		<-ctx.Done()
		close(killed)
		return nsjail.Verdict{}, context.Cause(ctx)
	}})
	made := submitted(t, handler, oneScript)
	<-begun
	if job, w := ask(t, handler, "GET", "/jobs/"+made.ID, ""); job.Status != "running" || job.Attempts != 1 {
		t.Errorf("%s", w.Body)
	}
	if job, w := ask(t, handler, "DELETE", "/jobs/"+made.ID, ""); w.Code != 200 || job.Status != "cancelled" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	<-killed
	if job, w := ask(t, handler, "GET", "/jobs/"+made.ID, ""); job.Status != "cancelled" || job.Reason == "" {
		t.Errorf("%s", w.Body)
	}
	var list struct{ Jobs []jobAnswer }
	for status, want := range map[string]int{"": 1, "cancelled": 1, "running": 0, "done": 0} {
		_, w := ask(t, handler, "GET", "/jobs?status="+status, "")
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Jobs) != want {
			t.Errorf("%q: %v, %s", status, err, w.Body)
		}
	}
}

func TestAJobThatRunsWhileTheServiceDrainsIsAnswered(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	s, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		close(begun)
		<-goOn
		return echo(ctx, job)
	}})
	made := submitted(t, handler, oneScript)
	<-begun
	s.jobs.Drain()
	drained := s.line.Close()
	close(goOn)
	<-drained
	if job, w := ask(t, handler, "GET", "/jobs/"+made.ID, ""); job.Status != "done" || job.Attempts != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestEventsShowHowAJobGoesOn(t *testing.T) {
	goOn := make(chan struct{})
	_, handler := withJobs(t, t.TempDir(), fakeProfile{run: func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		<-goOn
		return echo(ctx, job)
	}})
	made := submitted(t, handler, oneScript)
	server := httptest.NewServer(handler)
	defer server.Close()
	response, err := server.Client().Get(server.URL + "/jobs/" + made.ID + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var seen []string
	lines, event := bufio.NewScanner(response.Body), ""
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			event = name
		}
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var job jobAnswer
			if err := json.Unmarshal([]byte(text), &job); err != nil {
				t.Fatal(err)
			}
			if seen = append(seen, event+" "+string(job.Status)); job.Status == "running" {
				close(goOn)
			}
			if event == "end" && job.Answer.Stdout != "in" {
				t.Errorf("the end is %s", text)
			}
		}
	}
	if seen = slices.DeleteFunc(seen, func(s string) bool { return s == "status queued" }); !slices.Equal(seen, []string{"status running", "end done"}) {
		t.Errorf("%q", seen)
	}
}

func TestAServiceThatEndsGivesItsJobsBack(t *testing.T) {
	dir := t.TempDir()
	begun := make(chan struct{}, 1)
	s, handler := withJobs(t, dir, fakeProfile{run: func(ctx context.Context, _ nsjail.Job) (nsjail.Verdict, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return nsjail.Verdict{}, context.Cause(ctx)
	}})
	made := submitted(t, handler, oneScript)
	<-begun
	s.endIdles() // who asks again and again is not answered at once
	asked := time.Now()
	if job, w := ask(t, handler, "GET", "/jobs/"+made.ID+"?wait_s=300", ""); job.Status != "running" || time.Since(asked) < time.Second {
		t.Errorf("after %v: %d %s", time.Since(asked), w.Code, w.Body)
	}
	end(s)
	_, handler = withJobs(t, dir, fakeProfile{run: echo})
	if job, w := ask(t, handler, "GET", "/jobs/"+made.ID+"?wait_s=300", ""); job.Status != "done" || job.Attempts != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNothingIsOnDiskBeforeTheFirstJob(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "jobs")
	_, handler := withJobs(t, dir, fakeProfile{run: echo})
	for request, code := range map[string]int{
		"POST /jobs": 400, "GET /jobs": 200, "GET /jobs/none": 404, "GET /jobs/none/events": 404, "DELETE /jobs/none": 404,
	} {
		method, path, _ := strings.Cut(request, " ")
		if _, w := ask(t, handler, method, path, "{}"); w.Code != code {
			t.Errorf("%s: %d %s", request, w.Code, w.Body)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error(err)
	}
	submitted(t, handler, oneScript)
	if _, err := os.Stat(dir); err != nil {
		t.Error(err)
	}
}

func TestJobsThatCannotBeStoredAreRefused(t *testing.T) {
	dir := t.TempDir()
	other, err := jobs.Open(t.Context(), jobs.Config{Dir: dir, MaxBytes: 1 << 30, MaxAge: time.Hour, TTL: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, handler := withJobs(t, dir, fakeProfile{run: echo})
	for range 2 {
		if got, w := ask(t, handler, "POST", "/jobs", oneScript); got.Code != api.CodeJobsUnavailable || w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}
