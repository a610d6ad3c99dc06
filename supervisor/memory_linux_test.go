package supervisor_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

// A client that does not read keeps the memory of its answer, which is no more than
// what came out of the jail, until it is gone. Its place goes to others.
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
	s.eventually("its place is free", func() bool { return s.metric("hotcell_running") == 0 })
	if held() < result {
		t.Errorf("%v bytes are held", held())
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	s.eventually("nothing is held", func() bool { return held() == 0 && s.metric("hotcell_running") == 0 })
}

const showsMuch = "class Large:\n    def _repr_html_(self): return 'x' * (16 << 20)\ndef main(): display(Large())"

// In a stream, too, even where the answer has only begun when the time of the run is over.
func TestAStreamThatIsNotReadHoldsNoPlace(t *testing.T) {
	s := start(t, small)
	conn := s.raw(t)
	_ = conn.SetReadBuffer(4 << 10)
	conn.post("/execute", "Accept: text/event-stream\r\nX-Request-Id: slow\r\n", encode(t, showsMuch, fields{
		"display": true, "limits": fields{"outputs_bytes": 32 << 20, "wall_ms": 5000, "interrupt_grace_ms": 1},
	}))
	if _, err := conn.reader.Peek(1); err != nil {
		t.Fatal(err)
	}
	s.eventually("its place is free", func() bool { return s.metric("hotcell_running") == 0 })
	if held := s.metric("hotcell_memory_reserved_bytes", "kind=answers"); held < 16<<20 || strings.Contains(s.log.String(), `"id":"slow"`) {
		t.Errorf("%v bytes are held\n%s", held, s.log)
	}
	_ = conn.Close()
	s.eventually("nothing is held", func() bool { return s.metric("hotcell_memory_reserved_bytes", "kind=answers") == 0 })
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
