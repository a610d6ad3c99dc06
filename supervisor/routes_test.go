package supervisor

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/metrics"
)

func TestAPanicIsOurFaultAndOnlyTheLogSaysWhy(t *testing.T) {
	var log bytes.Buffer
	s := &Service{log: slog.New(slog.NewTextHandler(&log, nil)), line: newLine(config.Default(), testMemory)}
	s.metrics = metrics.New(s.cfg, s.state)
	w := httptest.NewRecorder()
	s.observe(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })).
		ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), `"code":"internal"`) || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "panic: secret") || !strings.Contains(log.String(), "routes_test.go") ||
		!strings.Contains(log.String(), "id="+w.Header().Get("X-Request-Id")) {
		t.Errorf("%s", &log)
	}
}

// Its handler has returned, so the connection may carry another answer.
func TestAStreamIsNotKeptOpenAfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, handler := withFakeCells(t, fakeProfile{run: func(_ context.Context, job nsjail.Job) (nsjail.Verdict, error) {
			job.Output(nsjail.Stdout, []byte("begun"))
			panic("secret")
		}})
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/execute", strings.NewReader(`{"script":"x"}`))
		r.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/x-ndjson"}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		sent := w.Body.String()
		time.Sleep(time.Minute)
		if later := w.Body.String(); !strings.Contains(sent, "begun") || later != sent {
			t.Errorf("%q was sent, and later %q", sent, later)
		}
	})
}
