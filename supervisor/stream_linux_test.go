package supervisor_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/supervisor/api"
)

// event is one event of a stream, in either format.
type event struct {
	Event string          `json:"event"`
	Data  json.RawMessage `json:"data"`
}

// streaming is a request whose answer comes in pieces.
type streaming struct {
	*service
	response *http.Response
	lines    *bufio.Reader
}

func (s *service) stream(accept, script string, more ...fields) *streaming {
	s.t.Helper()
	r := s.request("POST", "/execute", encode(s.t, script, more...))
	r.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = response.Body.Close() })
	return &streaming{s, response, bufio.NewReader(response.Body)}
}

// next returns the next event; false at the end.
func (s *streaming) next() (event, bool) {
	s.t.Helper()
	var e event
	for {
		line, err := s.lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return e, false
		}
		if err != nil {
			s.t.Fatal(err)
		}
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case strings.HasPrefix(line, "{"):
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				s.t.Fatalf("%v: %q", err, line)
			}
			return e, true
		case name == "event":
			e.Event = value
		case name == "data":
			e.Data = json.RawMessage(value)
		case line == "":
			return e, true
		default:
			s.t.Fatalf("%q is of no event", line)
		}
	}
}

// rest collects what a script printed, up to the last event.
func (s *streaming) rest() (printed map[string]string, last event) {
	s.t.Helper()
	printed = make(map[string]string)
	for {
		e, ok := s.next()
		if !ok {
			return printed, last
		}
		var data struct{ Text string }
		if err := json.Unmarshal(e.Data, &data); err != nil {
			s.t.Fatalf("%v: %s", err, e.Data)
		}
		printed[e.Event] += data.Text
		last = e
	}
}

const printing = `import sys, os
def main():
    print("ä" * 10)
    print("wrong", file=sys.stderr)
    for byte in "€\n".encode(): os.write(1, bytes([byte]))
    os.write(1, b"\xff\xe2")
    return {"done": [1]}
`

func TestAStreamHasTheOutputAndThenTheWholeAnswer(t *testing.T) {
	s := theService(t)
	for accept, kind := range map[string]string{"text/event-stream": "text/event-stream", "application/x-ndjson, application/json;q=0.5": "application/x-ndjson"} {
		r := s.stream(accept, printing)
		if r.response.StatusCode != 200 || r.response.Header.Get("Content-Type") != kind {
			t.Errorf("%d %v", r.response.StatusCode, r.response.Header)
		}
		printed, last := r.rest()
		var answer client.Answer
		if err := json.Unmarshal(last.Data, &answer); err != nil || last.Event != "result" {
			t.Fatalf("%v: %s %s", err, last.Event, last.Data)
		}
		const want = "ääääääääää\n€\n\ufffd\ufffd"
		if printed["stdout"] != want || printed["stderr"] != "wrong\n" || answer.Stdout != want || answer.Stderr != "wrong\n" || string(answer.Result) != `{"done":[1]}` ||
			answer.Status != "ok" || answer.ID != r.response.Header.Get("X-Request-Id") {
			t.Errorf("%q %+v", printed, answer)
		}
	}
}

// The script waits for the client, which has seen the earlier output.
func TestOutputIsStreamedWhileTheScriptRuns(t *testing.T) {
	s := theService(t)
	r := s.stream("text/event-stream", "import time\ndef main():\n print('now', end='', flush=True)\n time.sleep(30)")
	e, _ := r.next()
	if e.Event != "stdout" || string(e.Data) != `{"text":"now"}` {
		t.Errorf("%+v", e)
	}
	claimed := func() float64 { return s.metric("hotcell_cells", "state=claimed") }
	s.eventually("this one alone is claimed", func() bool { return claimed() == 1 })
	_ = r.response.Body.Close() // the client leaves, which ends its script
	s.eventually("no cell is claimed", func() bool { return claimed() == 0 })
}

func TestARefusalBeforeTheFirstEventIsAnOrdinaryProblem(t *testing.T) {
	s := theService(t)
	for script, code := range map[string]string{"def main(:": "syntax_error", "x = 1": "no_main"} {
		r := s.stream("text/event-stream", script)
		body, err := io.ReadAll(r.lines)
		if err != nil || r.response.StatusCode != 400 || r.response.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(body), `"code":"`+code+`"`) {
			t.Errorf("%d %v %s", r.response.StatusCode, r.response.Header, body)
		}
	}
}

func TestARefusalAfterTheFirstEventIsAnEvent(t *testing.T) {
	printed, last := theService(t).stream("application/x-ndjson", "print('ran')").rest()
	var problem api.Problem
	if err := json.Unmarshal(last.Data, &problem); err != nil || last.Event != "problem" || problem.Code != "no_main" || problem.Status != 400 || printed["stdout"] != "ran\n" {
		t.Errorf("%v: %q %s %s", err, printed, last.Event, last.Data)
	}
}

// If a client does not read, its script waits, and the server's memory does not grow.
// The script's limits still apply.
func TestASlowClientOfAStreamSlowsItsScript(t *testing.T) {
	s := theService(t)
	const limit = 16 << 20
	r := s.stream("text/event-stream", `import time
def main():
    begin = time.monotonic()
    print("begun", flush=True)
    for _ in range(15): print("x" * ((1 << 20) - 1))
    return time.monotonic() - begin
`, fields{"limits": fields{"output_bytes": limit, "wall_ms": 60_000}})
	var begun struct{ Text string }
	if e, ok := r.next(); !ok || json.Unmarshal(e.Data, &begun) != nil {
		t.Fatalf("%+v", e)
	}
	time.Sleep(500 * time.Millisecond)
	printed, last := r.rest()
	var answer client.Answer
	var seconds float64
	if err := errors.Join(json.Unmarshal(last.Data, &answer), json.Unmarshal(answer.Result, &seconds)); err != nil || len(begun.Text+printed["stdout"]) != len("begun\n")+15<<20 || seconds < 0.3 {
		t.Errorf("%v: %d bytes, %s %s", err, len(printed["stdout"]), answer.Status, answer.Result)
	}
}
