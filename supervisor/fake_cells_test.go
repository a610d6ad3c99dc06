package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/refusals"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// fakeProfile returns cells without jails. Their runs return what run returns.
type fakeProfile struct {
	profile // nil: panics if a test needs more
	claim   func() error
	run     func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error)
}

func (p fakeProfile) ClaimBehind(ctx context.Context) (cell, error) { return p.Claim(ctx) }

func (p fakeProfile) Claim(context.Context) (cell, error) {
	if p.claim != nil {
		if err := p.claim(); err != nil {
			return nil, err
		}
	}
	return fakeCell{run: p.run}, nil
}

type fakeCell struct {
	cell
	run func(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error)
}

func (c fakeCell) Keep() {}

func (c fakeCell) Release() {}

func (c fakeCell) Rest(ctx context.Context, _ nsjail.Limits) (nsjail.Verdict, bool) {
	<-ctx.Done()
	return nsjail.Verdict{}, false
}

func (c fakeCell) Gone() <-chan struct{} { return neverBegun }

func (c fakeCell) Run(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	return c.run(ctx, job)
}

// withFakeCells makes a service whose only profile is p. It does not listen.
func withFakeCells(t *testing.T, p profile) (*Service, http.Handler) {
	t.Helper()
	s, err := newService(config.Default(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.profiles["default"] = p
	return s, s.handler()
}

func post(ctx context.Context, handler http.Handler, script string) *httptest.ResponseRecorder {
	body, _ := json.Marshal(map[string]string{"script": script}) // cannot fail for a string
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/execute", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestAScriptThatRanIsAnswered(t *testing.T) {
	_, handler := withFakeCells(t, fakeProfile{run: func(_ context.Context, job nsjail.Job) (nsjail.Verdict, error) {
		return nsjail.Verdict{Status: protocol.StatusOK, Result: json.RawMessage(`"` + job.Script + `"`), Stdout: []byte("out")}, nil
	}})
	var answer client.Answer
	w := post(t.Context(), handler, "six")
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 200 || answer.Status != "ok" || string(answer.Result) != `"six"` || answer.Stdout != "out" {
		t.Errorf("%v, %d %s", err, w.Code, w.Body)
	}
}

func TestACellThatIsLostIsReplacedByAnother(t *testing.T) {
	for _, c := range []struct{ lost, http, runs int }{{0, 200, 1}, {2, 200, 3}, {3, 503, 3}} {
		runs := 0
		s, handler := withFakeCells(t, fakeProfile{run: func(context.Context, nsjail.Job) (nsjail.Verdict, error) {
			if runs++; runs <= c.lost {
				return nsjail.Verdict{}, nsjail.ErrCellLost
			}
			return nsjail.Verdict{Status: protocol.StatusOK}, nil
		}})
		if w := post(t.Context(), handler, ""); w.Code != c.http || runs != c.runs {
			t.Errorf("%d are lost: %d after %d runs: %s", c.lost, w.Code, runs, w.Body)
		}
		if counts := s.line.Count(); counts.Running != 0 || counts.Bytes != 0 {
			t.Errorf("%d are lost: %+v", c.lost, counts)
		}
	}
}

func TestWhatKeepsAScriptFromRunningIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code api.Code
		http int
		wait string
	}{
		"no cell can be made": {&pool.UnavailableError{RetryAfter: 3 * time.Second, Err: errors.New("secret")}, api.CodeUnavailable, 503, "3"},
		"the pool is closed":  {pool.ErrClosed, api.CodeDraining, 503, "1"},
		"something else":      {errors.New("secret"), api.CodeInternal, 500, ""},
	} {
		s, handler := withFakeCells(t, fakeProfile{claim: func() error { return c.err }})
		w := post(t.Context(), handler, "")
		var p api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.http || p.Code != c.code || w.Header().Get("Retry-After") != c.wait || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %v, %d %v %s", name, err, w.Code, w.Header(), w.Body)
		}
		if counts := s.line.Count(); counts.Running != 0 || counts.Bytes != 0 {
			t.Errorf("%s: %+v", name, counts)
		}
	}
}

func TestARunEndsWithItsClientAndWithTheService(t *testing.T) {
	running := make(chan struct{})
	var cause error
	s, handler := withFakeCells(t, fakeProfile{run: func(ctx context.Context, _ nsjail.Job) (nsjail.Verdict, error) {
		running <- struct{}{}
		<-ctx.Done()
		cause = context.Cause(ctx)
		return nsjail.Verdict{}, cause
	}})
	ctx, hangUp := context.WithCancel(t.Context())
	go func() { <-running; hangUp() }()
	if w := post(ctx, handler, ""); w.Body.Len() != 0 || !errors.Is(cause, context.Canceled) {
		t.Errorf("the client hangs up: %s, %v", w.Body, cause)
	}
	go func() { <-running; s.killRuns() }()
	var p api.Problem
	w := post(t.Context(), handler, "")
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 503 || p.Code != api.CodeDraining || !errors.Is(cause, refusals.ErrDraining) {
		t.Errorf("the service ends: %v, %d %s, %v", err, w.Code, w.Body, cause)
	}
}

func TestASessionWhoseClientLeavesBeforeItIsAnsweredEnds(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		s, handler := withFakeCells(t, fakeProfile{claim: func() error { // a cell is there all the same
			if leaves {
				leave()
			}
			return nil
		}})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/sessions", http.NoBody))
		if living := s.sessions.Living(func(*sessions.Session) bool { return true }); (len(living) == 0) != leaves {
			t.Errorf("leaves: %v, %d sessions live, HTTP %d %s", leaves, len(living), w.Code, w.Body)
		}
		s.sessions.Close()
	}
}
