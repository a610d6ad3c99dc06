package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// moving is a file that is on its way into a session.
type moving struct {
	*io.PipeWriter
	answered chan answer
}

// put begins to send a file, and returns when it takes the session.
func (s *aSession) put(path string) moving {
	s.t.Helper()
	from, to := io.Pipe()
	m := moving{to, make(chan answer, 1)}
	go func() { m.answered <- s.file("PUT", path, from) }()
	if _, err := m.Write([]byte("begin")); err != nil {
		s.t.Fatal(err)
	}
	s.eventually("it is busy", func() bool { return strings.Contains(s.get("/sessions/"+s.ID).body, `"busy":true`) })
	return m
}

// fetch begins to receive a file of a session, of which the client takes a byte.
func (s *aSession) fetch(path string) io.ReadCloser {
	s.t.Helper()
	response, err := http.DefaultClient.Do(s.request("GET", "/sessions/"+s.ID+"/files"+path, ""))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = response.Body.Close() })
	if _, err := response.Body.Read(make([]byte, 1)); err != nil || response.StatusCode != 200 {
		s.t.Fatal(response.Status, err)
	}
	return response.Body
}

// lasting makes a session that ends with the service.
func (s *service) lasting() *aSession {
	s.t.Helper()
	a := s.do(s.request("POST", "/sessions", ""))
	var state api.SessionState
	if err := json.Unmarshal([]byte(a.body), &state); err != nil || a.http != 201 {
		s.t.Fatalf("%v: %d %s", err, a.http, a.body)
	}
	return &aSession{s, state}
}

const large = 24 << 20 // more than a connection holds

func fill(s *aSession) {
	s.t.Helper()
	if a := s.call(fmt.Sprintf("open('large', 'wb').write(bytes(%d))", large)); a.http != 200 {
		s.t.Fatalf("%d %s", a.http, a.body)
	}
}

// A drain waits for files as it waits for scripts, and takes no new ones.
func TestADrainLetsTransfersEnd(t *testing.T) {
	s := start(t, small)
	in, out := s.lasting(), s.lasting()
	fill(out)
	putting, fetching := in.put("/in"), out.fetch("/large")
	var all sync.WaitGroup
	all.Go(func() { s.Drain(context.Background()) })
	s.eventually("it drains", func() bool { return s.get("/readyz").http == 503 })
	s.eventually("it refuses", func() bool {
		a := in.file("GET", "", nil)
		return a.http == 503 && a.problem.Code == "draining"
	})
	if _, err := io.WriteString(putting, strings.Repeat("x", 1<<20)); err != nil {
		t.Error(err)
	}
	_ = putting.Close()
	if a := <-putting.answered; a.http != 200 || !strings.Contains(a.body, fmt.Sprint(1<<20+len("begin"))) {
		t.Errorf("what was being sent: %d %s", a.http, a.body)
	}
	if n, err := io.Copy(io.Discard, fetching); n != large-1 || err != nil {
		t.Errorf("what was being received: %d bytes, %v", n, err)
	}
	all.Wait()
}

func TestTheEndOfTheGraceEndsTransfers(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.DrainGrace = 0 })
	in, out := s.lasting(), s.lasting()
	fill(out)
	putting, fetching := in.put("/in"), out.fetch("/large")
	s.Drain(t.Context())
	if a := <-putting.answered; a.http != 503 || a.problem.Code != "draining" {
		t.Errorf("what was being sent: %d %s", a.http, a.body)
	}
	if n, err := io.Copy(io.Discard, fetching); err == nil {
		t.Errorf("what was being received: %d bytes", n)
	}
	_ = putting.Close()
}

// A key may have several secrets. Without the one that a transfer came with it ends,
// though the session, made with another, goes on.
func TestARevokedSecretEndsItsTransfers(t *testing.T) {
	s, f := revocable(t, func(*config.Config) {})
	two, old := f.entries["leaked"], f.secrets["leaked"]
	secret, entry, err := keys.NewEntry("leaked", "execute,sessions")
	if err != nil {
		t.Fatal(err)
	}
	f.secrets["leaked"] = secret
	f.entries["leaked"] = strings.Replace(two, hash(two), "["+hash(two)+","+hash(entry)+"]", 1)
	f.write("leaked", "stays", "boss")
	s.ReloadKeys()
	fresh := f.with(s, "leaked")
	in, out := fresh.session(""), fresh.session("")
	fill(out)
	withOld := func(session *aSession) *aSession {
		other := *session
		service := *session.service
		service.key = old
		other.service = &service
		return &other
	}
	putting, fetching := withOld(in).put("/in"), withOld(out).fetch("/large")
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { // it never waits for its client
		for piece := make([]byte, 1000); ; {
			if _, err := putting.Write(piece); err != nil {
				return
			}
		}
	})
	all.Go(func() { <-stop; _ = putting.Close() })
	f.entries["leaked"] = entry
	f.write("leaked", "stays", "boss")
	s.ReloadKeys()
	if a := <-putting.answered; a.http != 401 || !strings.Contains(a.problem.Detail, "revoked") {
		t.Errorf("what was being sent: %d %s", a.http, a.body)
	}
	close(stop)
	all.Wait()
	if n, err := io.Copy(io.Discard, fetching); err == nil {
		t.Errorf("what was being received: %d bytes", n)
	}
	for _, session := range []*aSession{in, out} {
		s.eventually("the session is free", func() bool { return session.file("GET", "?pattern=none", nil).http == 200 })
	}
	if a := in.call("import os\nos.path.exists('in')"); string(a.Result) != "false" {
		t.Errorf("%d %s", a.http, a.body)
	}
}

// The log and the metrics have 499 for every client that leaves before its answer.
func TestAClientThatLeavesWhileItSendsIsLoggedAsGone(t *testing.T) {
	s := start(t, small)
	session := s.session("")
	for id, path := range map[string]string{
		"file": "/sessions/" + session.ID + "/files/half", "run": "/execute", "session": "/sessions", "assistant": "/mcp",
	} {
		conn := s.raw(t)
		method := "POST"
		if id == "file" {
			method = "PUT"
		}
		if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: %s\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", method, path, id); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		s.eventually("it is logged", func() bool {
			for line := range strings.Lines(s.log.String()) {
				var entry struct {
					ID, Code string
					HTTP     int
				}
				if json.Unmarshal([]byte(line), &entry) == nil && entry.ID == id {
					if entry.HTTP != 499 || entry.Code != "" {
						t.Errorf("%s: %s", id, line)
					}
					return true
				}
			}
			return false
		})
	}
	// One that only shuts down its sending side is still told.
	conn := s.raw(t)
	if _, err := fmt.Fprintf(conn, "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	_ = conn.CloseWrite()
	if response, body := conn.answer(); response.StatusCode != 400 {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}
