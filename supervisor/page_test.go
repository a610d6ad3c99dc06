package supervisor

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

func TestBrowsersGetThePlaygroundAndOthersWhatTheyGotBefore(t *testing.T) {
	const browser = "text/html,*/*;q=0.8"
	for _, c := range []struct {
		name, method, path, accept, host string
		playground                       bool
		want                             int
	}{
		{"a browser", "GET", "/", browser, "localhost", true, 200},
		{"its script", "GET", "/playground/app.js", "*/*", "127.0.0.1:8080", true, 200},
		{"curl", "GET", "/", "*/*", "localhost", true, 404},
		{"a form", "POST", "/", browser, "localhost", true, 404},
		{"no such file", "GET", "/playground/none.js", "*/*", "localhost", true, 404},
		{"another name, as in DNS rebinding", "GET", "/", browser, "evil.example", true, 403},
		{"a browser, turned off", "GET", "/", browser, "localhost", false, 404},
		{"its script, turned off", "GET", "/playground/app.js", "*/*", "localhost", false, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Playground = c.playground
			s, err := newService(cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(c.method, "http://"+c.host+c.path, nil)
			r.Header.Set("Accept", c.accept)
			w := httptest.NewRecorder()
			s.handler().ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("%d, not %d: %.200s", w.Code, c.want, w.Body)
			}
			policy := w.Header().Get("Content-Security-Policy")
			if c.want == http.StatusOK && (!strings.HasPrefix(policy, "default-src 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff") {
				t.Errorf("%v", w.Header())
			}
		})
	}
}
