package supervisor

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
