package supervisor_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

// A client that does not read keeps its place and the memory of its answer, which is
// no more than what came out of the jail. Both are free when it is gone.
func TestAnAnswerIsCountedUntilItIsWritten(t *testing.T) {
	const result = 16 << 20
	s := start(t, func(c *config.Config) {
		small(c)
		c.Profile.Max.ResultBytes = 32 << 20
	})
	if a := s.execute("def main(): return 1"); a.Status != "ok" { // so that the metric has a series
		t.Fatal(a.body)
	}
	body := fmt.Sprintf(`{"script": "def main(): return 'x' * %d", "limits": {"result_bytes": %d}}`, result, 32<<20)
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
	held := func() float64 { return s.metric("hotcell_memory_reserved_bytes", "kind=answers") }
	s.eventually("the script has ended, and its result is held", func() bool {
		return s.metric("hotcell_run_duration_seconds", "status=ok") == 2 && held() > result && held() < result+1<<20
	})
	if running := s.metric("hotcell_running"); running != 1 {
		t.Errorf("%v places are taken", running)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	s.eventually("nothing is held", func() bool { return held() == 0 && s.metric("hotcell_running") == 0 })
}

func TestARequestWhoseAnswerCouldNeverBeHeldIsRefused(t *testing.T) {
	s := start(t, func(c *config.Config) {
		small(c)
		c.Profile.Max.ResultBytes = 64 << 30
	})
	a := s.execute("def main(): return 1", fields{"limits": fields{"result_bytes": 32 << 30}})
	if a.http != 400 || a.problem.Code != "limit_too_high" || !strings.Contains(a.problem.Detail, "max_memory") {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := s.execute("def main(): return 1"); a.Status != "ok" {
		t.Errorf("%s", a.body)
	}
}
