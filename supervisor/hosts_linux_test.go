package supervisor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// ask sends a GET to an address with a Host header, as a browser does for a page of
// that host.
func (s *service) ask(address, path, host string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", address+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(r)
}

// A page whose name its owner points to this machine (DNS rebinding) has hotcell's
// origin for the browser, so it may read the answers.
func TestWithoutKeysAPageAtAnotherNameReadsNothing(t *testing.T) {
	s := start(t, func(c *config.Config) {
		small(c)
		c.AdminListen, c.Hosts = "127.0.0.1:0", []string{"hotcell", "Sandbox.internal"}
	})
	admin := fmt.Sprint("http://", s.AdminAddr())
	open := []string{"/livez", "/healthz", "/openapi.yaml", "/info", "/sessions", "/admin/sessions"}
	type place struct{ address, path string }
	var places []place
	for _, path := range open {
		places = append(places, place{s.url, path})
	}
	for _, path := range []string{"/metrics", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=1"} {
		places = append(places, place{admin, path})
	}
	for _, at := range places {
		for _, host := range []string{"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "hotcell.evil.example", "nothotcell"} {
			if a := s.ask(at.address, at.path, host); a.http != http.StatusForbidden || a.problem.Code != "forbidden" || !strings.Contains(a.problem.Detail, "hosts setting") {
				t.Errorf("%s at %s: %d %.200s", at.path, host, a.http, a.body)
			}
		}
		for _, host := range []string{"localhost:8080", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1:1", "[::1]:8080", "192.0.2.7", "hotcell:8080", "sandbox.internal", "SANDBOX.INTERNAL.:80"} {
			if a := s.ask(at.address, at.path, host); a.http != http.StatusOK {
				t.Errorf("%s at %s: %d %.200s", at.path, host, a.http, a.body)
			}
		}
	}
	for _, path := range []string{"/execute", "/mcp", "/sessions"} {
		r := s.request("POST", path, encode(t, "def main(): return 1"))
		r.Host = "evil.example"
		if a := s.do(r); a.http != http.StatusForbidden {
			t.Errorf("POST %s: %d %s", path, a.http, a.body)
		}
	}
	_, response, err := websocket.Dial(t.Context(), s.url+"/tty", &websocket.DialOptions{Host: "evil.example", Subprotocols: []string{api.TTYProtocol}})
	if err == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("a terminal: %v", err)
	}
}

// If a key is needed, a page without it gets nothing, and proxies may use any name.
// Without keys the setting hosts decides.
func TestNamesAreCheckedWhereNothingElseIs(t *testing.T) {
	f := newKeysFile(t, [3]string{"boss", "admin", ""})
	for name, c := range map[string]struct {
		change func(*config.Config)
		key    string
		want   int
	}{
		"with keys":                        {func(c *config.Config) { c.Keys = f.path }, "boss", http.StatusOK},
		"with keys, without one":           {func(c *config.Config) { c.Keys = f.path }, "", http.StatusUnauthorized},
		"open to all":                      {func(c *config.Config) { c.OpenToAll = true }, "", http.StatusOK},
		"open to all, at the names it has": {func(c *config.Config) { c.OpenToAll, c.Hosts = true, []string{"hotcell"} }, "", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			s := f.with(start(t, func(cfg *config.Config) { small(cfg); c.change(cfg) }), c.key)
			r := s.request("GET", "/info", "")
			r.Host = "proxy.example"
			if a := s.do(r); a.http != c.want {
				t.Errorf("%d %s", a.http, a.body)
			}
		})
	}
}
