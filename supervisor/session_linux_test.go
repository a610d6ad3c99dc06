package supervisor_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// aSession is a session that ends with the test.
type aSession struct {
	*service
	api.SessionState
}

func (s *service) session(body string) *aSession {
	s.t.Helper()
	a := s.do(s.request("POST", "/sessions", body))
	var state api.SessionState
	if err := json.Unmarshal([]byte(a.body), &state); err != nil || a.http != 201 || a.header.Get("Location") != "/sessions/"+state.ID || state.ID == "" {
		s.t.Fatalf("%v: %d %v %s", err, a.http, a.header, a.body)
	}
	s.t.Cleanup(func() { s.do(s.request("DELETE", "/sessions/"+state.ID, "").WithContext(context.Background())) })
	return &aSession{s, state}
}

func (s *aSession) call(script string, more ...fields) answer {
	s.t.Helper()
	return s.do(s.request("POST", "/sessions/"+s.ID+"/execute", encode(s.t, script, more...)))
}

// over waits until the session has ended, and returns the answer that says so.
func (s *aSession) over() (gone answer) {
	s.t.Helper()
	s.eventually("the session is over", func() bool {
		gone = s.get("/sessions/" + s.ID)
		return gone.http != 200
	})
	return gone
}

func TestASessionKeepsNamesAndFiles(t *testing.T) {
	s := theService(t).session("")
	if until := time.Until(s.Expires); s.Profile != "default" || until < 9*time.Minute || until > 10*time.Minute || s.IdleS != 300 || s.Limits["wall_ms"] != 10000 {
		t.Errorf("%+v", s.SessionState)
	}
	for _, c := range []struct {
		script string
		more   fields
		want   string
	}{
		{"import pandas as pd\ndf = pd.DataFrame({'a': [1, 2, 3]})\nprint('made')", nil, `"result":null,"stdout":"made\n"`},
		{"df['a'].sum()", nil, `"result":6,`},
		{"def main(n): return n + len(df)", fields{"args": []int{40}}, `"result":43,`},
		{"open('x', 'w').write('1')", fields{"files": []fields{{"path": "in", "content": "given"}}}, `"result":1,`},
		{"sorted(__import__('os').listdir())", fields{"collect": []string{"*"}}, `"result":["in","x"],`},
	} {
		if a := s.call(c.script, c.more); a.http != 200 || a.Status != "ok" || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d %s", c.script, a.http, a.body)
		}
	}
	if a := s.call("1 +"); a.http != 400 || a.problem.Code != "syntax_error" {
		t.Errorf("%d %s", a.http, a.body)
	}
	state := s.get("/sessions/" + s.ID)
	if !strings.Contains(state.body, `"busy":false,"calls":6`) {
		t.Errorf("%s", state.body)
	}
	if list := s.get("/sessions"); !strings.Contains(list.body, s.ID) {
		t.Errorf("%s", list.body)
	}
	if a := s.do(s.request("DELETE", "/sessions/"+s.ID, "")); a.http != 204 {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := s.call("1"); a.http != 404 || a.problem.Code != "not_found" {
		t.Errorf("%d %s", a.http, a.body)
	}
}

func TestASessionStreamsItsOutputToo(t *testing.T) {
	s := theService(t).session(`{}`)
	r := s.request("POST", "/sessions/"+s.ID+"/execute", encode(t, "print('here')\n5"))
	r.Header.Set("Accept", "application/x-ndjson")
	if a := s.do(r); !strings.HasPrefix(a.body, `{"event":"stdout","data":{"text":"here`) || !strings.Contains(a.body, `"result":5,`) {
		t.Errorf("%s", a.body)
	}
}

// Whatever ends the cell is reported afterwards, and no call gets another cell
// instead.
func TestASessionWhoseCellEndedSaysHow(t *testing.T) {
	s := theService(t)
	for name, c := range map[string]struct {
		script string
		limits fields
		status string // of the call
		want   string // of the verdict afterwards
	}{
		"a time limit":     {"import time\nwhile True:\n  try: time.sleep(60)\n  except BaseException: pass", fields{"wall_ms": 2000, "interrupt_grace_ms": 100}, "timeout", `"verdict":{"status":"timeout","exit_code":null,"signal":null,"limit":"wall"}`},
		"an exit":          {"import os\nos._exit(3)", nil, "exited", `"verdict":{"status":"exited","exit_code":3,"signal":null,"limit":null}`},
		"a crash":          {"import ctypes\nctypes.string_at(0)", nil, "killed", `"signal":"SIGSEGV"`},
		"an end at rest":   {"import threading, os\nthreading.Timer(3, lambda: os._exit(4)).start()", nil, "ok", `"verdict":{"status":"exited","exit_code":4`},
		"too much at rest": {"import threading\ndef spin():\n  while True: pass\nthreading.Thread(target=spin).start()", nil, "ok", `"limit":"cpu"`},
	} {
		t.Run(name, func(t *testing.T) {
			limits := c.limits
			if limits == nil {
				limits = fields{}
			}
			s := s.as(t).session(`{"limits": {"cpu_ms": 1500}}`)
			if a := s.call(c.script, fields{"limits": limits}); string(a.Status) != c.status {
				t.Errorf("%s", a.body)
			}
			if gone := s.over(); gone.http != 410 || gone.problem.Code != "gone" || !strings.Contains(gone.body, c.want) {
				t.Errorf("%d %s", gone.http, gone.body)
			}
			if a := s.call("1"); a.http != 410 || !strings.Contains(a.body, c.want) {
				t.Errorf("%d %s", a.http, a.body)
			}
			if list := s.get("/sessions"); strings.Contains(list.body, s.ID) {
				t.Errorf("%s", list.body)
			}
		})
	}
}

func TestASessionTakesOneCallAtATime(t *testing.T) {
	s := theService(t).session("")
	if a := s.call("import time"); a.http != 200 {
		t.Fatalf("%s", a.body)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	calls.Go(func() {
		r := s.request("POST", "/sessions/"+s.ID+"/execute", encode(t, "time.sleep(30)", fields{"limits": fields{"interrupt_grace_ms": 10000}}))
		if response, err := http.DefaultClient.Do(r.WithContext(ctx)); err == nil {
			t.Error("it was answered")
			_ = response.Body.Close()
		}
	})
	s.eventually("it is busy", func() bool { return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":true`) })
	if a := s.call("1"); a.http != 409 || a.problem.Code != "busy" {
		t.Errorf("%d %s", a.http, a.body)
	}
	hangUp() // which interrupts the call; the session lives
	calls.Wait()
	s.eventually("it is free", func() bool { return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":false`) })
	if a := s.call("time.__name__"); a.http != 200 || !strings.Contains(a.body, `"result":"time"`) {
		t.Errorf("%d %s", a.http, a.body)
	}
}

// Whatever interrupts a call, the session lives with what it has.
func TestAnInterruptedCallLeavesTheSessionAlive(t *testing.T) {
	s := theService(t).session("")
	if a := s.call("import time\nx = 7"); a.http != 200 {
		t.Fatalf("%s", a.body)
	}
	if a := s.do(s.request("POST", "/sessions/"+s.ID+"/interrupt", "")); a.http != 200 || a.body != `{"interrupted":false}`+"\n" {
		t.Errorf("between calls: %d %q", a.http, a.body)
	}
	if a := s.call("x += 1\ntime.sleep(60)", fields{"limits": fields{"wall_ms": 1500, "interrupt_grace_ms": 10000}}); a.Status != "timeout" || !strings.Contains(a.body, `"limit":"wall"`) || !strings.Contains(a.body, `"type":"KeyboardInterrupt"`) {
		t.Errorf("over its time: %s", a.body)
	}
	var calls sync.WaitGroup
	calls.Go(func() {
		if a := s.call("x += 1\ntime.sleep(60)"); a.Status != "exception" || !strings.Contains(a.body, `"type":"KeyboardInterrupt"`) {
			t.Errorf("by hand: %s", a.body)
		}
	})
	s.eventually("it is interrupted", func() bool {
		return s.do(s.request("POST", "/sessions/"+s.ID+"/interrupt", "")).body == `{"interrupted":true}`+"\n"
	})
	calls.Wait()
	if a := s.call("x"); !strings.Contains(a.body, `"result":`) || a.Status != "ok" {
		t.Errorf("%s", a.body)
	}
	if a := s.do(s.request("POST", "/sessions/none/interrupt", "")); a.http != 404 {
		t.Errorf("%d %s", a.http, a.body)
	}
}

func TestDeletingASessionEndsItsCall(t *testing.T) {
	s := theService(t).session("")
	var calls sync.WaitGroup
	calls.Go(func() {
		if a := s.call("import time\ntime.sleep(30)"); a.http != 410 || a.problem.Code != "gone" {
			t.Errorf("%d %s", a.http, a.body)
		}
	})
	s.eventually("it is busy", func() bool { return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":true`) })
	if a := s.do(s.request("DELETE", "/sessions/"+s.ID, "")); a.http != 204 {
		t.Errorf("%d %s", a.http, a.body)
	}
	calls.Wait()
}

func TestSessionsHaveBounds(t *testing.T) {
	s := start(t, func(cfg *config.Config) {
		cfg.MaxSessions, cfg.SessionTTL, cfg.SessionIdle, cfg.Profile.PoolSize = 2, time.Minute, 30*time.Second, 2
	})
	if first := s.session(""); first.IdleS != 30 || time.Until(first.Expires) > time.Minute {
		t.Errorf("%+v", first.SessionState)
	}
	idle := s.session(`{"ttl_s": 30, "idle_s": 3, "limits": {"wall_ms": 5000}}`)
	if a := s.do(s.request("POST", "/sessions", "{}")); a.http != 429 || a.problem.Code != "too_many_sessions" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.http, a.body)
	}
	if n := s.metric("hotcell_sessions"); n != 2 {
		t.Errorf("%v sessions", n)
	}
	if gone := idle.over(); gone.http != 410 || !strings.Contains(gone.body, "was idle for too long") || strings.Contains(gone.body, "verdict") {
		t.Errorf("%d %s", gone.http, gone.body)
	}
	short := s.session(`{"ttl_s": 3}`) // in the place that became free
	if a := short.call("import time\ntime.sleep(20)"); a.Status != "timeout" {
		t.Errorf("%s", a.body)
	}
	if gone := short.over(); gone.http != 410 {
		t.Errorf("%d %s", gone.http, gone.body)
	}
	if n := s.metric("hotcell_sessions_ended_total", "reason=idle"); n != 1 {
		t.Errorf("%v ended idle", n)
	}
	s.eventually("the pool is full", func() bool { return s.metric("hotcell_cells", "state=ready") == 2 }) // besides the other session
}

func TestBadWordsAboutSessionsAreRefusedByField(t *testing.T) {
	s := theService(t)
	for body, want := range map[string]string{
		`{"ttl_s": 0}`:                     "/ttl_s: is 0; must be at least 1",
		`{"ttl_s": 1.5}`:                   "/ttl_s: is 1.5; must be a whole number",
		`{"ttl_s": 3601}`:                  "/ttl_s: is 3601; the maximum is 3600",
		`{"idle_s": "5"}`:                  `/idle_s: is "5"; must be a number, not a string`,
		`{"profile": "none"}`:              "/profile: unknown profile",
		`{"limits": {"wall_ms": 6000000}}`: "/limits/wall_ms: is 6000000; the maximum is",
		`{"script": "1"}`:                  "/script: unknown field",
		`[]`:                               "the body must be an object, not an array",
	} {
		if a := s.do(s.request("POST", "/sessions", body)); a.http != 400 || !strings.Contains(a.problem.Detail, want) {
			t.Errorf("%s: %d %s", body, a.http, a.body)
		}
	}
	session := s.session("")
	for _, c := range []struct {
		more fields
		want string
	}{
		{fields{"profile": "default"}, "/profile: is set when the session is created"},
		{fields{"limits": fields{"memory_bytes": 32 << 20}}, "/limits/memory_bytes: is 33554432; it is set when the session is created"},
		{fields{"limits": fields{"wall_ms": 0}}, "/limits/wall_ms: is 0; must be at least 1"},
		{fields{"scrip": ""}, "/scrip: unknown field"},
	} {
		if a := session.call("1", c.more); a.http != 400 || !strings.Contains(a.problem.Detail, c.want) {
			t.Errorf("%v: %d %s", c.more, a.http, a.body)
		}
	}
	if a := session.call("2", fields{"limits": fields{"wall_ms": 2000, "memory_bytes": 256 << 20}}); a.http != 200 {
		t.Errorf("%d %s", a.http, a.body)
	}
	for path, want := range map[string]int{"/sessions/nix": 404, "/sessions/": 404, "/sessions/nix/execute": 405} {
		if a := s.get(path); a.http != want {
			t.Errorf("%s: %d %s", path, a.http, a.body)
		}
	}
	if a := s.do(s.request("PUT", "/sessions/"+session.ID, "{}")); a.http != 405 || a.header.Get("Allow") != "GET, HEAD, PATCH, DELETE" {
		t.Errorf("%d %v", a.http, a.header)
	}
}

func TestSessionsEndWithTheService(t *testing.T) {
	s := start(t, func(cfg *config.Config) { cfg.Profile.PoolSize = 1 })
	if a := s.do(s.request("POST", "/sessions", "")); a.http != 201 {
		t.Errorf("%d %s", a.http, a.body)
	} // at the end of the test, drain checks that nothing is left
}

func TestASessionsLifetimeCanBeChanged(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.SessionTTL = time.Hour }).session(`{"ttl_s": 60}`)
	change := func(body string) answer { return s.do(s.request("PATCH", "/sessions/"+s.ID, body)) }
	expires := func(body string) time.Duration {
		t.Helper()
		var state api.SessionState
		if a := change(body); a.http != 200 || json.Unmarshal([]byte(a.body), &state) != nil {
			t.Fatalf("%s: %d %s", body, a.http, a.body)
		}
		return state.Expires.Sub(s.Created)
	}
	if lives := expires(`{"ttl_s": 600}`); lives < 10*time.Minute || lives > 20*time.Minute {
		t.Errorf("it lives for %v", lives)
	}
	if lives := expires(`{"ttl_s": 3600}`); lives != time.Hour {
		t.Errorf("%v, which is not the longest lifetime", lives)
	}
	for _, body := range []string{`{}`, `{"ttl_s": 0}`, `{"ttl_s": 3601}`, `{"ttl_s": "600"}`, `{"ttl_s": 5, "idle_s": 5}`, `5`} {
		if a := change(body); a.http != 400 {
			t.Errorf("%s: %d %s", body, a.http, a.body)
		}
	}
	expires(`{"ttl_s": 1}`)
	if gone := s.over(); gone.http != 410 || !strings.Contains(gone.body, "maximum lifetime") {
		t.Errorf("%d %s", gone.http, gone.body)
	}
	if a := change(`{"ttl_s": 600}`); a.http != 410 {
		t.Errorf("afterwards: %d %s", a.http, a.body)
	}
}
