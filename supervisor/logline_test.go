package supervisor

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/logline"
	"github.com/hotcell/hotcell/supervisor/metrics"
)

func TestARequestsLineHasTheClientAndNoKeys(t *testing.T) {
	key, _, err := keys.NewEntry("a", "execute")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, logged string }{
		{"/execute", "/execute"},
		{"/tty", "/tty"},
		{"/sessions/AB3DEFGHIJKLMNOPQRSTUVWXYZ", "/sessions/AB3DEFGHIJKLMNOPQRSTUVWXYZ"},
		{"/execute/" + key, "/execute/[removed]"},
		{"/execute&key=" + key + "&x", "/execute&key=[removed]&x"},
		{"/Bearer " + key[:30] + "/x", "/Bearer [removed]/x"},
		{"/" + strings.Repeat("x/", 300) + key, "/" + strings.Repeat("x/", 99) + "x…"},
		{"/" + strings.Repeat("x/", 95) + key, "/" + strings.Repeat("x/", 95) + "[removed]"[:9]},
		{"/token/0123456789abcdef0123456789abcdef", "/token/[removed]"},
		{"/line\nbreak", `/line\nbreak`},
	} {
		var text bytes.Buffer
		s := &Service{log: slog.New(logline.Bounded{Handler: slog.NewTextHandler(&text, nil)}), line: newLine(config.Default(), testMemory)}
		s.metrics = metrics.New(s.cfg, s.state)
		handler := s.handler()
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = &url.URL{Path: c.path, RawQuery: "key=" + key}
		r.RemoteAddr = "192.0.2.7:1234"
		r.Header = http.Header{"Upgrade": {"websocket"}, "Sec-Websocket-Protocol": {keys.Subprotocol + key}, "Referer": {"http://localhost/?key=" + key}}
		handler.ServeHTTP(httptest.NewRecorder(), r)
		line := text.String()
		if !strings.Contains(line, "client=192.0.2.7:1234") {
			t.Errorf("%s: the client is missing in %s", c.path, line)
		}
		if strings.Contains(line, key) || strings.Contains(line, key[:20]) {
			t.Errorf("%s: the key is in %s", c.path, line)
		}
		if !strings.Contains(line, "path="+c.logged+" ") && !strings.Contains(line, `path="`+c.logged+`" `) {
			t.Errorf("%s: logged in %s", c.path, line)
		}
	}
}

// The refusal does not repeat the whole of a long path, either.
func TestARefusalEchoesLittle(t *testing.T) {
	s := &Service{log: slog.New(slog.DiscardHandler), line: newLine(config.Default(), testMemory)}
	s.metrics = metrics.New(s.cfg, s.state)
	for _, path := range []string{"/nowhere", "/execute/x"} {
		answer := httptest.NewRecorder()
		s.handler().ServeHTTP(answer, httptest.NewRequest("GET", path+strings.Repeat("x", 60_000), nil))
		if answer.Code != http.StatusNotFound || answer.Body.Len() > 1000 {
			t.Errorf("%s…: HTTP %d with %d bytes", path, answer.Code, answer.Body.Len())
		}
	}
}
