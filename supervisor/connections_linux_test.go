package supervisor_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// raw is a connection on which tests write requests byte for byte.
type raw struct {
	t *testing.T
	*net.TCPConn
	reader *bufio.Reader
}

func (s *service) raw(t *testing.T) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(testkit.Patience))
	return &raw{t, conn.(*net.TCPConn), bufio.NewReader(conn)}
}

func (c *raw) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *raw) post(path, head, body string) {
	c.t.Helper()
	c.send(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", path, head, len(body), body))
}

// answer reads an answer, and interim answers before it.
func (c *raw) answer() (*http.Response, string) {
	c.t.Helper()
	for {
		response, err := http.ReadResponse(c.reader, nil)
		if err != nil {
			c.t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			c.t.Fatal(err)
		}
		if response.StatusCode >= 200 {
			return response, string(body)
		}
	}
}

// A client may close its sending side and wait: it gets its answer.
func TestAHalfClosedClientGetsItsAnswer(t *testing.T) {
	s := theService(t)
	body := encode(t, "import time\ndef main():\n print('out', flush=True); time.sleep(0.3); return 'done'")
	session := s.session("")
	for _, c := range []struct{ name, path, head, want string }{
		{"execute", "/execute", "", `"result":"done"`},
		{"a session's call", "/sessions/" + session.ID + "/execute", "", `"result":"done"`},
		{"a stream", "/execute", "Accept: text/event-stream\r\n", `"result":"done"`},
		{"with 100-continue", "/execute", "Expect: 100-continue\r\n", `"result":"done"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := s.raw(t)
			conn.post(c.path, c.head, body)
			_ = conn.CloseWrite()
			if response, got := conn.answer(); response.StatusCode != 200 || !strings.Contains(got, c.want) {
				t.Errorf("HTTP %d: %s", response.StatusCode, got)
			}
		})
	}
}

// A client that leaves ends its script, whatever it has sent before.
func TestAClientThatLeavesEndsItsScript(t *testing.T) {
	s := theService(t)
	claimed := func() float64 { return s.metric("hotcell_running") }
	body := encode(t, "import time\ndef main():\n print('out', flush=True)\n time.sleep(50)", fields{"limits": map[string]int64{"wall_ms": 60_000}})
	for _, c := range []struct{ name, head, after string }{
		{"execute", "", ""},
		{"with the beginning of another request", "", "P"},
		{"with another request", "", "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{"a stream", "Accept: application/x-ndjson\r\n", ""},
		{"a stream, with another request", "Accept: application/x-ndjson\r\n", "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.as(t)
			s.eventually("nothing runs", func() bool { return claimed() == 0 })
			conn := s.raw(t)
			conn.post("/execute", c.head, body)
			conn.send(c.after)
			s.eventually("it runs", func() bool { return claimed() > 0 })
			_ = conn.Close()
			s.eventually("it has ended", func() bool { return claimed() == 0 })
		})
	}
}

// Python's own clients send a whole request before they read. They still get the
// refusal of a body that is too large, and of a wrong address.
func TestPythonsClientsReadRefusals(t *testing.T) {
	s := theService(t)
	script := `
import http.client, json, sys, urllib.error, urllib.request
url, got = sys.argv[1], []
body = json.dumps({"script": "#" * (24 << 20)}).encode()
for path in "/execute", "/nowhere":
    try:
        urllib.request.urlopen(urllib.request.Request(url + path, body, {"Content-Type": "application/json"}))
    except urllib.error.HTTPError as e:
        got.append([e.code, json.load(e)["code"]])
    conn = http.client.HTTPConnection(url.removeprefix("http://"))
    conn.request("POST", path, iter([body[:1 << 20]] * 24), {"Content-Type": "application/json"}, encode_chunked=True)
    answer = conn.getresponse()
    got.append([answer.status, json.load(answer)["code"]])
print(json.dumps(got))
`
	out, err := exec.CommandContext(t.Context(), filepath.Join(testkit.Python(t), "bin/python"), "-c", script, s.url).CombinedOutput()
	if want := `[[413, "too_large"], [413, "too_large"], [404, "not_found"], [404, "not_found"]]`; strings.TrimSpace(string(out)) != want {
		t.Errorf("%v: %s", err, out)
	}
}

// Unusual but valid HTTP is answered, and never with a redirect.
func TestOddRequestsAreAnswered(t *testing.T) {
	s := theService(t)
	const body = `{"script":"def main(): return 42"}`
	length := fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	const upgrade = "GET /tty HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: hotcell.tty.v1\r\n"
	for _, c := range []struct {
		name, request string
		status        int
		part          string
	}{
		{"//execute", "POST //execute HTTP/1.1\r\nHost: localhost\r\n" + length + body, 404, `"not_found"`},
		{"/./execute", "POST /./execute HTTP/1.1\r\nHost: localhost\r\n" + length + body, 404, `"not_found"`},
		{"/x/../execute", "POST /x/../execute HTTP/1.1\r\nHost: localhost\r\n" + length + body, 404, `"not_found"`},
		{"/execute/", "POST /execute/ HTTP/1.1\r\nHost: localhost\r\n" + length + body, 404, `"not_found"`},
		{"HTTP/1.0", "POST /execute HTTP/1.0\r\n" + length + body, 200, `"result":42`},
		{"HTTP/1.0, kept alive", "POST /execute HTTP/1.0\r\nConnection: keep-alive\r\n" + length + body, 200, `"result":42`},
		{"absolute form", "POST http://localhost/execute HTTP/1.1\r\nHost: localhost\r\n" + length + body, 200, `"result":42`},
		{"100-continue", "POST /execute HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n" + length + body, 200, `"result":42`},
		{"another expectation", "POST /execute HTTP/1.1\r\nHost: localhost\r\nExpect: miracles\r\n" + length + body, 417, ""},
		{"chunks and a trailer", fmt.Sprintf("POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTrailer: T\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nT: 1\r\n\r\n", len(body), body), 200, `"result":42`},
		{"a length and chunks", "POST /execute HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + length + body + "\r\n", 400, ""},
		{"two lengths", "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n" + length + body, 400, ""},
		{"HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404, `"not_found"`},
		{"an upgrade to HTTP/2", "POST /execute HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n" + length + body, 200, `"result":42`},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, `"not_found"`},
		{"CONNECT", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", 404, `"not_found"`},
		{"an upgrade with a body", upgrade + "Content-Length: 4\r\n\r\nbody", 400, "must not have a body"},
		{"an upgrade with chunks", upgrade + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "must not have a body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := s.raw(t)
			conn.send(c.request)
			if response, got := conn.answer(); response.StatusCode != c.status || !strings.Contains(got, c.part) {
				t.Errorf("HTTP %d: %s", response.StatusCode, got)
			}
		})
	}
	t.Run("HEAD", func(t *testing.T) {
		conn := s.raw(t)
		conn.send("HEAD /info HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
		head, err := http.ReadResponse(conn.reader, &http.Request{Method: "HEAD"})
		if err != nil || head.StatusCode != 200 {
			t.Errorf("%v %v", head, err)
		}
		if _, got := conn.answer(); got != "ok\n" {
			t.Errorf("the next answer is %q", got)
		}
	})
}

// The log line of a request says whether the client took the whole answer.
func TestTheLogSaysWhatWasDelivered(t *testing.T) {
	s := start(t, func(c *config.Config) { c.DrainGrace = 300 * time.Millisecond })
	whole := s.execute("def main(): return 'x' * 1000")
	conn := s.raw(t)
	_ = conn.SetReadBuffer(16 << 10)
	conn.post("/execute", "X-Request-Id: cut\r\n", encode(t, "def main(): return 'x' * (16 << 20)", fields{"limits": map[string]int64{"result_bytes": 32 << 20}}))
	if _, err := conn.reader.Peek(1); err != nil { // the answer begins, and is not read
		t.Fatal(err)
	}
	_ = conn.Close()
	lines := make(map[string]map[string]any)
	s.eventually("both are logged", func() bool {
		for line := range strings.Lines(s.log.String()) {
			var entry map[string]any
			if json.Unmarshal([]byte(line), &entry) == nil && entry["msg"] == "request" {
				lines[fmt.Sprint(entry["id"])] = entry
			}
		}
		return lines["cut"] != nil && lines[whole.ID] != nil
	})
	if line := lines[whole.ID]; line["complete"] != true || line["bytes_out"].(float64) < 1000 {
		t.Errorf("%v", line)
	}
	if line := lines["cut"]; line["complete"] != false || line["bytes_out"].(float64) > 16<<20 {
		t.Errorf("%v", line)
	}
}

// lowerDescriptors sets a limit with which max_connections makes no difference, and cgroups
// keep no files open.
func lowerDescriptors(t *testing.T) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	lower := unix.Rlimit{Cur: min(before.Cur, 4095), Max: before.Max}
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, &lower, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Prlimit(0, unix.RLIMIT_NOFILE, &before, nil) })
}

// As many descriptors are reserved for places and sessions as these use.
func TestDescriptorsAreCountedRight(t *testing.T) {
	lowerDescriptors(t)
	reserved := func(s *service) int {
		var info api.Info
		if err := json.Unmarshal([]byte(s.get("/info").body), &info); err != nil {
			t.Fatal(err)
		}
		return int(info.Connections.Descriptors) - info.Connections.Max // #nosec G115 -- small
	}
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	const places, sessions = 6, 4
	change := func(places, sessions int) func(c *config.Config) {
		return func(c *config.Config) {
			c.MaxRunning, c.MaxSessions, c.Profile.PoolSize, c.Profile.Preload = places, sessions, 2, nil
		}
	}
	small := reserved(start(t, change(1, 0)))
	s := start(t, change(1+places, sessions))
	promised := reserved(s) - small
	s.eventually("the pool is full", func() bool { return s.metric("hotcell_cells", "state=ready") == 2 })
	rest := open()
	for range sessions {
		s.session("")
	}
	for range places {
		conn := s.raw(t)
		conn.post("/execute", "", encode(t, "import time\ndef main(): time.sleep(60)", lasting))
		defer conn.Close()
	}
	s.eventually("all places are taken", func() bool {
		return s.metric("hotcell_running") == places && s.metric("hotcell_cells", "state=claimed") == places+sessions
	})
	held := open() - rest - 2*places - 2 // both ends of our own connections are in this process
	if held > promised || held < promised/2 {
		t.Errorf("%d descriptors are held, and %d are held back", held, promised)
	}
	t.Logf("%d descriptors are held of %d", held, promised)
}

// As many are reserved for cells that wait as these hold.
func TestDescriptorsOfParkedCellsAreCountedRight(t *testing.T) {
	lowerDescriptors(t)
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	const few, many = 1, 6
	var held, promised [2]int
	for i, size := range []int{few, many} {
		var cfg *config.Config
		before := open()
		s := start(t, func(c *config.Config) {
			c.Profile.PoolSize, c.Profile.RefillParallel, c.Profile.Preload = size, 1, nil
			cfg = c
		})
		s.eventually("the pool is full", func() bool { return s.metric("hotcell_cells", "state=ready") == float64(size) })
		promised[i] = cfg.Descriptors()
		held[i] = open() - before
		for range 20 { // more are open for a moment, never fewer
			time.Sleep(10 * time.Millisecond)
			held[i] = min(held[i], open()-before)
		}
	}
	if a, b := held[1]-held[0], promised[1]-promised[0]; a > b {
		t.Errorf("%d cells more hold %d descriptors, and %d are held back", many-few, a, b)
	}
}
