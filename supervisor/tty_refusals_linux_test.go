package supervisor_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

func TestFirstMessagesThatAreRefused(t *testing.T) {
	s := theService(t)
	for _, c := range []struct{ name, first, code, pointer, detail string }{
		{"no JSON", `{`, "invalid_json", "", "line 1, column 2"},
		{"no object", `[]`, "invalid_json", "", "must be an object"},
		{"nothing", `{}`, "invalid_request", "/cols", "is missing"},
		{"no rows", `{"cols": 80}`, "invalid_request", "/rows", "is missing"},
		{"no columns at all", `{"cols": 0, "rows": 24}`, "invalid_request", "/cols", "a whole number from 1 to 65535"},
		{"too many rows", `{"cols": 80, "rows": 65536}`, "invalid_request", "/rows", "a whole number from 1 to 65535"},
		{"half a row", `{"cols": 80, "rows": 1.5}`, "invalid_request", "/rows", "a whole number"},
		{"a text for a number", `{"cols": "80", "rows": 24}`, "invalid_request", "/cols", "must be a number, not a string"},
		{"an unknown field", `{"cols": 80, "rows": 24, "args": []}`, "invalid_request", "/args", "unknown field"},
		{"a field twice", `{"cols": 80, "rows": 24, "rows": 24}`, "invalid_request", "/rows", "twice"},
		{"an unknown profile", `{"cols": 80, "rows": 24, "profile": "x"}`, "unknown_profile", "/profile", `"default"`},
		{"too much wall clock", `{"cols": 80, "rows": 24, "limits": {"wall_ms": 3600001}}`, "limit_too_high", "/limits/wall_ms", "3600000"},
		{"a limit that does not apply", `{"cols": 80, "rows": 24, "limits": {"output_bytes": 1}}`, "invalid_request", "/limits/output_bytes", "does not apply"},
		{"a large script", `{"cols": 80, "rows": 24, "script": "` + strings.Repeat("#", 1<<20+1) + `"}`, "too_large", "/script", "1048577"},
		{"a variable without a name", `{"cols": 80, "rows": 24, "env": {"": "x"}}`, "invalid_request", "/env/", "needs a name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			console := s.as(t).dial()
			console.say(c.first)
			console.watch().refused(c.code, c.pointer, c.detail, websocket.StatusPolicyViolation)
		})
	}
	t.Run("bytes", func(t *testing.T) {
		c := s.as(t).dial()
		c.types("hello")
		c.watch().refused("invalid_request", "", "must be a text message", websocket.StatusPolicyViolation)
	})
}

// refused checks that the server sent a problem and nothing else before the end.
func (c *console) refused(code, pointer, detail string, status websocket.StatusCode) {
	c.t.Helper()
	c.await(func() bool { return c.closed != nil }, "the end")
	if len(c.texts) != 1 || c.texts[0].Problem == nil {
		c.t.Fatalf("%+v %v", c.texts, c.closed)
	}
	p := c.texts[0].Problem
	if string(p.Code) != code || !strings.Contains(p.Detail, detail) || p.RequestID == "" || pointer != "" && p.Errors[0].Pointer != pointer {
		c.t.Errorf("%+v", p)
	}
	var closed websocket.CloseError
	if !errors.As(c.closed, &closed) || closed.Code != status || !strings.HasPrefix(closed.Reason, code+": ") {
		c.t.Errorf("%v", c.closed)
	}
}

func TestLaterMessagesThatAreRefusedEndTheTerminal(t *testing.T) {
	s := theService(t)
	for _, c := range []struct{ message, pointer, detail string }{
		{`{"resize": {"cols": 1}}`, "/resize", "needs cols and rows"},
		{`{"resize": {"cols": 1, "rows": -1}}`, "/resize/rows", "from 1 to 65535"},
		{`{"resize": 7}`, "/resize", "must be an object"},
		{`{"signal": "SIGSTOP"}`, "/signal", "SIGINT, SIGQUIT"},
		{`{"signal": 2}`, "/signal", "must be a string"},
		{`{"signal": "SIGINT", "resize": {"cols": 1, "rows": 1}}`, "", "one of"},
		{`{}`, "", "one of"},
		{`{"sginal": "SIGINT"}`, "/sginal", "unknown field"},
	} {
		t.Run(c.message, func(t *testing.T) {
			console := s.as(t).tty(fields{})
			console.expect(">>> ")
			console.say(c.message)
			code, exit := console.end()
			if code.Code != websocket.StatusPolicyViolation || show(exit) != "killed SIGKILL" {
				t.Errorf("%v %s", code, show(exit))
			}
			if p := console.texts[0].Problem; p == nil || p.Code != "invalid_request" || p.Errors[0].Pointer != c.pointer || !strings.Contains(p.Detail, c.detail) {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestUpgradesThatAreRefused(t *testing.T) {
	s := theService(t)
	upgrade := func(change func(http.Header)) *http.Request {
		r := s.request("GET", "/tty", "")
		for name, value := range map[string]string{
			"Connection": "keep-alive, Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "x, hotcell.tty.v1",
		} {
			r.Header.Set(name, value)
		}
		change(r.Header)
		return r
	}
	for _, c := range []struct {
		name   string
		change func(http.Header)
		http   int
		code   string
	}{
		{"no upgrade", func(h http.Header) { h.Del("Upgrade") }, 426, "upgrade_required"},
		{"no connection", func(h http.Header) { h.Del("Connection") }, 426, "upgrade_required"},
		{"another protocol", func(h http.Header) { h.Set("Sec-WebSocket-Protocol", "hotcell.tty.v2") }, 400, "invalid_request"},
		{"no protocol", func(h http.Header) { h.Del("Sec-WebSocket-Protocol") }, 400, "invalid_request"},
		{"another site", func(h http.Header) { h.Set("Origin", "https://example.com") }, 403, "forbidden"},
		{"no site", func(h http.Header) { h.Set("Origin", "null") }, 403, "forbidden"},
		{"another port", func(h http.Header) { h.Set("Origin", "http://127.0.0.1:1") }, 403, "forbidden"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := s.as(t).do(upgrade(c.change))
			if a.http != c.http || string(a.problem.Code) != c.code {
				t.Errorf("%d %s", a.http, a.body)
			}
			if c.http == 426 && a.header.Get("Upgrade") != "websocket" {
				t.Errorf("%v", a.header)
			}
		})
	}
	conn, _, err := websocket.Dial(t.Context(), s.url+"/tty", &websocket.DialOptions{
		Subprotocols: []string{api.TTYProtocol}, HTTPHeader: http.Header{"Origin": {s.url}},
	})
	if err != nil {
		t.Fatalf("from its own pages: %v", err)
	}
	_ = conn.CloseNow()
}

func TestAServerWithoutTerminalsSaysSo(t *testing.T) {
	s := start(t, func(c *config.Config) { c.TTYMax, c.Profile.PoolSize = 0, 0 })
	if a := s.do(s.request("GET", "/tty", "")); a.http != 404 || a.problem.Code != "not_found" {
		t.Errorf("%d %s", a.http, a.body)
	}
}
