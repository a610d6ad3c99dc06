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

// wait sends a request of the session that waits in line for so many seconds.
func (s *aSession) wait(ctx context.Context, seconds, method, path, body string) (status int) {
	s.t.Helper()
	r := s.request(method, "/sessions/"+s.ID+path, body).WithContext(ctx)
	r.Header.Set("Prefer", "queue="+seconds)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// occupied starts a call that ends when it is interrupted; over waits for its end.
func (s *aSession) occupied() (over func()) {
	s.t.Helper()
	var call sync.WaitGroup
	call.Go(func() {
		if a := s.call("import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: pass", fields{"limits": fields{"wall_ms": 60_000, "interrupt_grace_ms": 10_000}}); a.http != 200 && a.http != 410 && a.http != 503 {
			s.t.Errorf("%d %s", a.http, a.body)
		}
	})
	s.busy()
	return call.Wait
}

func (s *aSession) busy() {
	s.t.Helper()
	s.eventually("it is busy", func() bool { return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":true`) })
}

func TestCallsAndTransfersMayWaitForTheirTurn(t *testing.T) {
	s := theService(t).session("")
	over := s.occupied()
	var all sync.WaitGroup
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/execute", encode(t, "1")}, {"PUT", "/files/a", "text"}, {"GET", "/files", ""}, {"POST", "/execute", encode(t, "2")},
	} {
		all.Go(func() {
			if status := s.wait(t.Context(), "600", c.method, c.path, c.body); status != 200 {
				t.Errorf("%s %s: HTTP %d", c.method, c.path, status)
			}
		})
	}
	s.eventually("they wait", func() bool { return s.metric("hotcell_memory_reserved_bytes", "kind=bodies") > 4*48<<10 })
	// One whose time is over before, one that is not patient, and one that leaves.
	if status := s.wait(t.Context(), "0.05", "POST", "/execute", encode(t, "1")); status != 409 {
		t.Errorf("its time is over: HTTP %d", status)
	}
	if a := s.call("1"); a.http != 409 || a.problem.Code != "busy" {
		t.Errorf("without the preference: %d %s", a.http, a.body)
	}
	before := s.metric("hotcell_memory_reserved_bytes", "kind=bodies")
	for _, c := range []struct{ method, path, body string }{{"POST", "/execute", encode(t, "1")}, {"PUT", "/files/b", "text"}} {
		ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if status := s.wait(ctx, "600", c.method, c.path, c.body); status != 0 {
			t.Errorf("%s, one that left: HTTP %d", c.method, status)
		}
		leave()
	}
	s.eventually("those who left are not in line", func() bool { return s.metric("hotcell_memory_reserved_bytes", "kind=bodies") == before })
	s.eventually("it is interrupted", func() bool {
		return strings.Contains(s.do(s.request("POST", "/sessions/"+s.ID+"/interrupt", "")).body, "true")
	})
	over()
	all.Wait()
	s.eventually("nobody waits", func() bool {
		return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":false`) && s.metric("hotcell_memory_reserved_bytes", "kind=bodies") == 0
	})
}

func TestTheEndOfASessionOrADrainEndsTheWaits(t *testing.T) {
	for want, end := range map[int]func(s *aSession){
		410: func(s *aSession) { s.do(s.request("DELETE", "/sessions/"+s.ID, "")) },
		503: func(s *aSession) { go s.Drain(context.Background()) },
	} {
		s := start(t, func(cfg *config.Config) { small(cfg); cfg.DrainGrace = time.Minute })
		var made api.SessionState
		if a := s.do(s.request("POST", "/sessions", "")); json.Unmarshal([]byte(a.body), &made) != nil {
			t.Fatal(a.body)
		}
		session := &aSession{s, made}
		over := session.occupied()
		status := make(chan int)
		go func() { status <- session.wait(t.Context(), "600", "POST", "/execute", encode(t, "1")) }()
		s.eventually("it waits", func() bool { return s.metric("hotcell_memory_reserved_bytes", "kind=bodies") > 48<<10 })
		end(session)
		if got := <-status; got != want {
			t.Errorf("HTTP %d, not %d", got, want)
		}
		if want == 503 { // the call goes on, until it is told to end
			s.do(s.request("POST", "/sessions/"+made.ID+"/interrupt", ""))
		}
		over()
	}
}
