package supervisor_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

const seedScript = "import pandas as pd\ndef main():\n    data = pd.DataFrame({\"numbers\": [1, 2, 3, 4, 5]})\n    return {\"mean\": data[\"numbers\"].mean(), \"max\": data[\"numbers\"].max()}"

func TestTheSeedsRequestGetsItsAnswer(t *testing.T) {
	s := theService(t)
	for _, path := range []string{"/execute", "/v1/execute"} {
		a := s.do(s.request("POST", path, encode(t, seedScript)))
		if a.http != 200 || !strings.Contains(a.body, `"result":{"mean":3.0,"max":5},"stdout":"",`) {
			t.Errorf("%d %s", a.http, a.body)
		}
	}
}

// Every status of the contract, with the output before the end.
func TestEveryEndHasItsStatus(t *testing.T) {
	s := theService(t)
	cases := []struct {
		name, script string
		limits       fields
		want         string // status, limit, exit code, signal, result
		stdout       string // its beginning
		error        string // its type
	}{
		{name: "a result", script: "def main(): return [1, {'a': None}]", want: "ok - - - [1,{\"a\":null}]"},
		{name: "an exception", script: "def main():\n print('one')\n return 1/0", want: "exception - - - null", stdout: "one\n", error: "ZeroDivisionError"},
		{name: "no JSON", script: "def main(): return {'rows': [object()]}", want: "not_json - - - null", error: "object"},
		{name: "the wall clock", script: "import time\ndef main():\n print('tick')\n time.sleep(60)", limits: fields{"wall_ms": 2000}, want: "timeout wall - - null", stdout: "tick\n"},
		{name: "CPU time", script: "def main():\n print('spin')\n while True: pass", limits: fields{"cpu_ms": 200}, want: "timeout cpu - - null", stdout: "spin\n"},
		{name: "memory", script: "def main():\n print('fill')\n x = [bytearray(1 << 20) for _ in range(4096)]", limits: fields{"memory_bytes": 64 << 20}, want: "memory_limit memory - - null", stdout: "fill\n"},
		{name: "output", script: "def main():\n while True: print('x' * 100)", limits: fields{"output_bytes": 1000}, want: "output_limit output - - null", stdout: "xxx"},
		{name: "a large result", script: "def main():\n print('big')\n return 'x' * 1000", limits: fields{"result_bytes": 100}, want: "output_limit result - - null", stdout: "big\n"},
		{name: "sys.exit", script: "import sys\ndef main():\n print('bye')\n sys.exit(3)", want: "exited - 3 - null", stdout: "bye\n"},
		{name: "os._exit", script: "import os\ndef main():\n print('bye')\n os._exit(0)", want: "exited - 0 - null", stdout: "bye\n"},
		{name: "a segmentation fault", script: "import ctypes\ndef main():\n print('soon')\n ctypes.string_at(0)", want: "killed - - SIGSEGV null", stdout: "soon\n"},
		{name: "a fork bomb", script: "import os\ndef main():\n while True:\n  try: os.fork()\n  except OSError: pass", limits: fields{"wall_ms": 500}, want: "timeout wall - - null"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := s.as(t)
			limits := c.limits
			if limits == nil {
				limits = fields{}
			}
			a := s.execute(c.script, fields{"limits": limits})
			orDash := func(is bool, value func() string) string {
				if is {
					return value()
				}
				return "-"
			}
			got := fmt.Sprint(a.Status, " ", orDash(a.Limit != nil, func() string { return *a.Limit }), " ",
				orDash(a.ExitCode != nil, func() string { return fmt.Sprint(*a.ExitCode) }), " ", orDash(a.Signal != nil, func() string { return *a.Signal }), " ", string(a.Result))
			if a.http != 200 || got != c.want || !strings.HasPrefix(a.Stdout, c.stdout) {
				t.Errorf("%d %s, want %s: %.500s", a.http, got, c.want, a.body)
			}
			if a.Truncated.Stdout != (c.name == "output") || a.Truncated.Stderr {
				t.Errorf("truncated %+v", a.Truncated)
			}
			if (a.Error == nil) != (c.error == "") || a.Error != nil && a.Error.Type != c.error {
				t.Errorf("error %+v", a.Error)
			}
			if a := s.execute("def main(): return 'next'"); string(a.Result) != `"next"` {
				t.Errorf("the next request: %s", a.body)
			}
		})
	}
}

func TestAnAnswerTellsOfItself(t *testing.T) {
	s := theService(t)
	r := s.request("POST", "/execute", encode(t, "import os\ndef main():\n os.write(1, b'a\\xffb'); return 1"))
	r.Header.Set("X-Request-Id", "my-id.1")
	a := s.do(r)
	if a.ID != "my-id.1" || a.header.Get("X-Request-Id") != "my-id.1" {
		t.Errorf("%q %q", a.ID, a.header.Get("X-Request-Id"))
	}
	if a.Stdout != "a\ufffdb" {
		t.Errorf("%q", a.Stdout)
	}
	if a.Usage.WallMS <= 0 || *a.Usage.CPUMS <= 0 || *a.Usage.PeakMemoryBytes < 1<<20 || a.Timing.RunMS != a.Usage.WallMS || a.Timing.QueueMS < 0 || a.Timing.HandoffMS <= 0 {
		t.Errorf("%+v %+v", a.Usage, a.Timing)
	}
	if want := fmt.Sprintf("queue;dur=%v, handoff;dur=%v, run;dur=%v", a.Timing.QueueMS, a.Timing.HandoffMS, a.Timing.RunMS); a.header.Get("Server-Timing") != want {
		t.Errorf("%q, want %q", a.header.Get("Server-Timing"), want)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Type": "application/json"} {
		if a.header.Get(name) != want {
			t.Errorf("%s: %q", name, a.header.Get(name))
		}
	}
	for _, odd := range []string{"a b", strings.Repeat("a", 65), "a\"b"} {
		r := s.request("POST", "/execute", encode(t, "def main(): pass"))
		r.Header.Set("X-Request-Id", odd)
		if a := s.do(r); a.ID == odd || len(a.ID) < 16 || a.ID != a.header.Get("X-Request-Id") {
			t.Errorf("%q: %q", odd, a.ID)
		}
	}
}

func TestMainGetsWhatTheRequestSays(t *testing.T) {
	s := theService(t)
	a := s.do(s.request("POST", "/execute", `{"script": "import os\ndef main(a, b, *, c): return [a, b, c, input(), os.environ['NAME']]",
		"args": [123456789012345678901234567890, {"x": null}], "kwargs": {"c": [1.5]}, "stdin": "line\nmore", "env": {"NAME": "välue"}}`))
	if want := `[123456789012345678901234567890,{"x":null},[1.5],"line","välue"]`; string(a.Result) != want {
		t.Errorf("%s", a.body)
	}
}

func TestScriptsThatAreRefused(t *testing.T) {
	s := theService(t)
	a := s.execute("x = 1\ndef main(:\n")
	if a.http != 400 || a.problem.Code != "syntax_error" || a.problem.Err.Type != "SyntaxError" || a.problem.Err.Line == nil || *a.problem.Err.Line != 2 {
		t.Errorf("%d %s", a.http, a.body)
	}
	a = s.execute("import sys\nprint('out'); print('err', file=sys.stderr)")
	if a.http != 400 || a.problem.Code != "no_main" || a.problem.Stdout == nil || *a.problem.Stdout != "out\n" || *a.problem.Stderr != "err\n" {
		t.Errorf("%d %s", a.http, a.body)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	s := theService(t)
	with := func(method, path, body, header, value string) *http.Request {
		r := s.request(method, path, body)
		r.Header.Set(header, value)
		return r
	}
	const ok = `{"script": "def main(): pass"}`
	cases := []struct {
		name    string
		request *http.Request
		http    int
		code    string
		header  string // "Name: value"
	}{
		{"no such path", s.request("GET", "/nix", ""), 404, "not_found", ""},
		{"a wrong method", s.request("GET", "/execute", ""), 405, "method_not_allowed", "Allow: POST"},
		{"another wrong method", s.request("POST", "/readyz", ok), 405, "method_not_allowed", "Allow: GET, HEAD"},
		{"no body", with("POST", "/execute", "", "Content-Type", "application/json"), 400, "invalid_json", ""},
		{"no JSON", s.request("POST", "/execute", "{"), 400, "invalid_json", ""},
		{"an unknown field", s.request("POST", "/execute", `{"scrpt": ""}`), 400, "invalid_request", ""},
		{"a limit too high", s.request("POST", "/execute", `{"script": "", "limits": {"wall_ms": 60001}}`), 400, "limit_too_high", ""},
		{"an unknown profile", s.request("POST", "/execute", `{"script": "", "profile": "x"}`), 400, "unknown_profile", ""},
		{"a large body", s.request("POST", "/execute", strings.Repeat(" ", 8<<20)+ok), 413, "too_large", ""},
		{"a large script", s.request("POST", "/execute", `{"script": "`+strings.Repeat("#", 1<<20+1)+`"}`), 413, "too_large", ""},
		{"no type", with("POST", "/execute", ok, "Content-Type", ""), 415, "unsupported_media_type", ""},
		{"another type", with("POST", "/execute", ok, "Content-Type", "text/plain"), 415, "unsupported_media_type", ""},
		{"another charset", with("POST", "/execute", ok, "Content-Type", "application/json; charset=latin1"), 415, "unsupported_media_type", ""},
		{"a compressed body", with("POST", "/execute", ok, "Content-Encoding", "gzip"), 415, "unsupported_media_type", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := s.as(t).do(c.request)
			p := a.problem
			if a.http != c.http || string(p.Code) != c.code || p.Status != c.http || p.Type != "urn:hotcell:problem:"+c.code || p.Detail == "" ||
				p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") || p.Err.Message != p.Detail {
				t.Errorf("%d %s", a.http, a.body)
			}
			if name, value, ok := strings.Cut(c.header, ": "); ok && a.header.Get(name) != value {
				t.Errorf("%s: %q", name, a.header.Get(name))
			}
		})
	}
	if a := s.do(with("POST", "/execute", ok, "Content-Type", `application/json; charset="UTF-8"`)); a.http != 200 {
		t.Errorf("with a charset: %s", a.body)
	}
}

func TestAHundredClientsEachGetTheirOwnAnswer(t *testing.T) {
	s := theService(t)
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			a := s.execute("import os, sys\ndef main(n):\n print('n', n)\n open('mine', 'x').write(str(n))\n sys.modules['json'].mine = n\n return [n * n, open('mine').read(), len(os.listdir('.'))]",
				fields{"args": []int{i}})
			if want := fmt.Sprintf(`[%d,"%d",1]`, i*i, i); string(a.Result) != want || a.Stdout != fmt.Sprintf("n %d\n", i) {
				t.Errorf("%d: %s", i, a.body)
			}
		})
	}
	all.Wait()
}

// hold runs a script, which has one of the places, until it is released.
func (s *service) hold() (release func()) {
	s.t.Helper()
	before := s.metric("hotcell_running")
	ctx, hangUp := context.WithCancel(s.t.Context())
	var held sync.WaitGroup
	held.Go(func() {
		response, err := http.DefaultClient.Do(s.request("POST", "/execute", encode(s.t, "import time\ndef main(): time.sleep(60)", lasting)).WithContext(ctx))
		if err == nil {
			_ = response.Body.Close()
			s.t.Errorf("the script that holds a place: %s", response.Status)
		}
	})
	s.eventually("it has a place", func() bool { return s.metric("hotcell_running") == before+1 })
	return func() { hangUp(); held.Wait() }
}

func TestAClientThatHangsUpEndsItsScript(t *testing.T) {
	s := theService(t)
	claimed := func() float64 { return s.metric("hotcell_cells", "state=claimed") }
	s.eventually("earlier cells are gone", func() bool { return claimed() == 0 })
	connection, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body := encode(t, "import time\ndef main(): time.sleep(50)", lasting)
	fmt.Fprintf(connection, "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	s.eventually("it runs", func() bool { return claimed() > 0 })
	_ = connection.Close()
	s.eventually("it is gone", func() bool { return claimed() == 0 })
	s.eventually("it is counted", func() bool { return s.metric("hotcell_execute_requests_total", "status=abandoned") > 0 })
}

func TestARequestTakesTheConnectionAgain(t *testing.T) {
	s := theService(t)
	connection, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	for range 3 {
		const body = `{"script": "def main(): return 1"}`
		fmt.Fprintf(connection, "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		buffer := make([]byte, 4096)
		n, err := connection.Read(buffer)
		if err != nil || !strings.HasPrefix(string(buffer[:n]), "HTTP/1.1 200 OK\r\n") {
			t.Fatalf("%v %s", err, buffer[:n])
		}
	}
}
