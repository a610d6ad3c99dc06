package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// at returns a client with an address of its own.
func at(t *testing.T, s *service, address string) func(method, path string) (status int, code string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, to)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return func(method, path string) (int, string) {
		t.Helper()
		response, err := transport.RoundTrip(s.request(method, path, ""))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		var problem api.Problem
		_ = json.Unmarshal(text, &problem)
		return response.StatusCode, string(problem.Code)
	}
}

func TestOneAddressCannotTakeAllSessions(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.OpenToAll, c.MaxSessions = true, 4 })
	greedy, other := at(t, s, "127.0.0.1"), at(t, s, "127.0.0.2")
	for i := range 4 {
		if status, code := greedy(http.MethodPost, "/sessions"); i < 3 && status != 201 || i == 3 && (status != 429 || code != "too_many_sessions") {
			t.Errorf("session %d of one address: %d %s", i+1, status, code)
		}
	}
	if status, code := other(http.MethodPost, "/sessions"); status != 201 {
		t.Errorf("another address: %d %s", status, code)
	}
}

func TestOneKeyCannotTakeAllSessionsAndTerminals(t *testing.T) {
	f := newKeysFile(t, [3]string{"greedy", "sessions,execute", ""}, [3]string{"other", "sessions,execute", "max_sessions: 0"})
	s := start(t, func(c *config.Config) { small(c); c.Keys, c.MaxSessions, c.TTYMax = f.path, 4, 2 })
	greedy, other := f.with(s, "greedy"), f.with(s, "other")
	for range 3 {
		greedy.session("")
	}
	if a := greedy.do(greedy.request("POST", "/sessions", "")); a.http != 429 {
		t.Errorf("one key has all sessions: %d %s", a.http, a.body)
	}
	if a := other.do(other.request("POST", "/sessions", "")); a.http != 429 {
		t.Errorf("a key whose max_sessions is 0: %d %s", a.http, a.body)
	}
	greedy.tty(fields{"script": "print('one')\ninput()"}).expect("one")
	upgrade := greedy.request("GET", "/tty", "")
	upgrade.Header.Set("Connection", "Upgrade")
	upgrade.Header.Set("Upgrade", "websocket")
	upgrade.Header.Set("Sec-WebSocket-Protocol", api.TTYProtocol)
	if a := greedy.do(upgrade); a.http != 429 || !strings.Contains(a.body, "the maximum for one client") {
		t.Errorf("one key has all terminals: %d %s", a.http, a.body)
	}
	other.tty(fields{"script": "print('two')\ninput()"}).expect("two")
}

// A client that says how long it waits is refused before that time is over, and
// metrics show its wait.
func TestAClientsPatienceEndsItsWait(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.MaxRunning = 1 })
	release := s.hold()
	r := s.request("POST", "/execute", encode(t, "def main(): return 1"))
	r.Header.Set("Prefer", "wait=0.3")
	if a := s.do(r); a.http != 503 || a.problem.Code != "saturated" || a.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.http, a.body)
	}
	time.AfterFunc(100*time.Millisecond, release)
	if a := s.execute("def main(): return 2"); a.http != 200 || fmt.Sprint(string(a.Result)) != "2" {
		t.Errorf("one may always wait: %d %s", a.http, a.body)
	}
	if text := s.get("/metrics").body; !strings.Contains(text, `hotcell_queue_duration_seconds_count{outcome="refused"} 1`) ||
		!strings.Contains(text, `hotcell_queue_duration_seconds_bucket{outcome="refused",le="10"} 1`) ||
		!strings.Contains(text, `hotcell_run_duration_seconds_bucket{profile="default",status="ok",le="60"}`) {
		t.Error("a refused wait was not observed, or buckets do not reach max_wait and limits.max.wall")
	}
}
