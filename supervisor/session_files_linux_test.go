package supervisor_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

// file sends a request about a file of the session.
func (s *aSession) file(method, path string, body io.Reader) answer {
	s.t.Helper()
	r := s.request(method, "/sessions/"+s.ID+"/files"+path, "")
	if body != nil {
		r.Body, r.ContentLength = io.NopCloser(body), -1
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	return s.do(r)
}

func TestASessionHasFiles(t *testing.T) {
	s := theService(t).session(`{"mode": "function", "env": {"GIVEN": "env"}, "files": [{"path": "in/given.txt", "content": "one"}, {"path": "b", "content": "AAE=", "encoding": "base64"}]}`)
	large := strings.Repeat("x", 20<<20) // more than max_body
	for _, c := range []struct {
		method, path, body string
		http               int
		want               string
	}{
		{"GET", "", "", 200, `{"files":[{"path":"b","bytes":2},{"path":"in/given.txt","bytes":3}],"more":false}`},
		{"GET", "/in%2Fgiven.txt", "", 200, "one"},
		{"PUT", "/out%2Flarge", large, 200, `{"bytes":20971520,"path":"out/large"}`},
		{"GET", "/out%2Flarge", "", 200, large},
		{"PUT", "/%C3%A4%20%3F.txt", "x", 200, `{"bytes":1,"path":"ä ?.txt"}`},
		{"GET", "/%C3%A4%20%3F.txt", "", 200, "x"},
		{"DELETE", "/%C3%A4%20%3F.txt", "", 204, ""},
		{"GET", "?pattern=out%2F*", "", 200, `{"files":[{"path":"out/large","bytes":20971520}],"more":false}`},
		{"GET", "?pattern=none", "", 200, `{"files":[],"more":false}`},
		{"GET", "?pattern=../x", "", 400, `"code":"invalid_request"`},
		{"GET", "?pattern=a&pattern=b", "", 400, `"code":"invalid_request"`},
		{"GET", "?patern=a", "", 400, `"code":"invalid_request"`},
		{"GET", "/none", "", 404, `"code":"not_found"`},
		{"GET", "/in", "", 409, `"code":"file_error"`},
		{"PUT", "/in", "x", 409, `"code":"file_error"`},
		{"DELETE", "/in", "", 409, `"code":"file_error"`},
		{"PUT", "/a%2F..%2Fb", "x", 400, `"code":"invalid_request"`},
		{"PUT", "/a%2F%2Fb", "x", 400, `"code":"invalid_request"`},
		{"PUT", "/%00", "x", 400, `"code":"invalid_request"`},
		{"PUT", "/" + strings.Repeat("a", 256), "x", 400, `"code":"invalid_request"`},
		{"PUT", "/full", strings.Repeat("x", 60<<20), 507, `"code":"disk_full"`},
		{"POST", "/in%2Fgiven.txt", "x", 405, `"code":"method_not_allowed"`},
	} {
		var body io.Reader
		if c.body != "" {
			body = strings.NewReader(c.body)
		}
		a := s.file(c.method, c.path, body)
		if a.http != c.http || a.body != c.want && strings.TrimSuffix(a.body, "\n") != c.want && (c.http < 400 || !strings.Contains(a.body, c.want)) {
			t.Errorf("%s %s: %d %.300s", c.method, c.path, a.http, a.body)
		}
	}
	// Slashes may be sent as they are, which openapi.yaml cannot say.
	response, err := http.DefaultClient.Do(s.request("GET", "/sessions/"+s.ID+"/files/in/given.txt", ""))
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(response.Body); err != nil || string(content) != "one" || response.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%q %v %v", content, err, response.Header)
	}
	_ = response.Body.Close()
	if a := s.call("import os\nopen('in/given.txt').read(), os.environ['GIVEN'], open('b', 'rb').read() == bytes([0, 1]), os.path.exists('full')"); !strings.Contains(a.body, `"result":["one","env",true,false]`) {
		t.Errorf("%s", a.body)
	}
	if a := s.call("import os\nos.environ['GIVEN'] = 'changed'"); a.http != 200 {
		t.Errorf("%s", a.body)
	}
	if a := s.call("os.environ['GIVEN']"); !strings.Contains(a.body, `"result":"changed"`) {
		t.Errorf("%s", a.body)
	}
	if n := s.metric("hotcell_session_file_bytes_total", "direction=out"); n < 20<<20 {
		t.Errorf("%v bytes were counted", n)
	}
}

// A body that is too large for the disk is refused before it is read, and one that
// stops early leaves nothing.
func TestAFileOfASessionArrivesWholeOrNotAtAll(t *testing.T) {
	s := theService(t).session("")
	r := s.request("PUT", "/sessions/"+s.ID+"/files/big", "")
	r.ContentLength, r.Body = 65<<20, io.NopCloser(neverRead{t})
	r.Header.Set("Expect", "100-continue")
	if a := s.do(r); a.http != 507 {
		t.Errorf("%d %s", a.http, a.body)
	}
	r = s.request("PUT", "/sessions/"+s.ID+"/files/half", "")
	r.ContentLength, r.Body = 100, io.NopCloser(io.MultiReader(strings.NewReader("x"), failing{}))
	if response, err := http.DefaultClient.Do(r); err == nil {
		t.Errorf("%s", response.Status)
		_ = response.Body.Close()
	}
	s.eventually("nothing of it is there", func() bool { return strings.Contains(s.file("GET", "", nil).body, `"files":[]`) })
}

type neverRead struct{ t *testing.T }

func (n neverRead) Read([]byte) (int, error) {
	n.t.Error("the body was read")
	return 0, io.EOF
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A call and a transfer exclude each other; the session's end ends a transfer.
func TestATransferTakesTheSession(t *testing.T) {
	s := theService(t).session("")
	reader, writer := io.Pipe()
	done := make(chan answer)
	go func() { done <- s.file("PUT", "/slow", reader) }()
	if _, err := writer.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	s.eventually("it is busy", func() bool { return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":true`) })
	for _, a := range []answer{s.call("1"), s.file("GET", "", nil), s.file("GET", "/slow", nil), s.file("DELETE", "/slow", nil)} {
		if a.http != 409 || a.problem.Code != "busy" {
			t.Errorf("%d %s", a.http, a.body)
		}
	}
	if a := s.do(s.request("POST", "/sessions/"+s.ID+"/interrupt", "")); !strings.Contains(a.body, "false") {
		t.Errorf("%s", a.body)
	}
	if a := s.do(s.request("DELETE", "/sessions/"+s.ID, "")); a.http != 204 {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := <-done; a.http != 410 {
		t.Errorf("the transfer: %d %s", a.http, a.body)
	}
	_ = writer.Close()
}

func TestASessionIsFreeOnceItsFileHasArrived(t *testing.T) {
	s := theService(t).session(`{}`)
	content := strings.Repeat("x", 1<<20)
	if a := s.file("PUT", "/a", strings.NewReader(content)); a.http != 200 {
		t.Fatalf("%d %s", a.http, a.body)
	}
	for i := range 50 {
		r := s.request("GET", "/sessions/"+s.ID+"/files/a", "")
		r.Close = true // a connection that is used again would wait for the end of the handler
		if a := s.do(r); a.http != 200 || a.body != content {
			t.Fatalf("reading it again, the %dth time: %d %.300s", i+1, a.http, a.body)
		}
	}
}

func TestAClientChoosesItsSessionsID(t *testing.T) {
	s := start(t, func(cfg *config.Config) { cfg.Profile.PoolSize = 1 })
	mine := s.session(`{"id": "my.session-1", "mode": "program"}`)
	if mine.ID != "my.session-1" {
		t.Errorf("%+v", mine.SessionState)
	}
	if a := s.do(s.request("POST", "/sessions", `{"id": "my.session-1"}`)); a.http != 409 || a.problem.Code != "session_exists" {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := mine.call("if __name__ == '__main__': print('ran')", fields{"mode": "function"}); a.http != 200 {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := mine.call("import os; os._exit(0)"); a.http != 200 {
		t.Errorf("%d %s", a.http, a.body)
	}
	mine.over()
	s.eventually("its id is free again", func() bool {
		a := s.do(s.request("POST", "/sessions", `{"id": "my.session-1"}`))
		return a.http == 201
	})
	for _, id := range []string{"", ".", "..", "-x", "a/b", "a b", "ä", strings.Repeat("x", 65)} {
		if a := s.do(s.request("POST", "/sessions", encode(t, "", fields{"id": id}))); a.http != 400 || !strings.Contains(a.body, `"pointer":"/id"`) {
			t.Errorf("%q: %d %s", id, a.http, a.body)
		}
	}
}
