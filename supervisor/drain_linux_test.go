package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/supervisor/config"
)

const longGrace = 10 * time.Minute

// drains begins to drain the service, and returns what waits for the end of that.
func (s *service) drains() (drained <-chan struct{}) {
	ended := make(chan struct{})
	go func() { s.Drain(context.Background()); close(ended) }()
	s.t.Cleanup(func() { <-ended })
	return ended
}

// inTime fails the test if something takes nearly as long as a drain may.
func inTime(t *testing.T, what string, over <-chan struct{}) {
	t.Helper()
	select {
	case <-over:
	case <-time.After(longGrace / 2):
		t.Fatal(what)
	}
}

// A script that is sent through an API on top of hotcell's own is answered, too.
func TestADrainLetsScriptsOfDropInAPIsEnd(t *testing.T) {
	code := "import os, time\nprint('ran' * 100_000)\ntime.sleep(1)"
	for path, body := range map[string]string{
		"/compat/sandboxfusion/run_code": program(code),
		"/compat/dify/v1/sandbox/run":    encode(t, "", fields{"language": "python3", "code": code}),
		"/mcp":                           call("1", code),
	} {
		t.Run(path, func(t *testing.T) {
			s := start(t, func(c *config.Config) { small(c); c.DrainGrace = longGrace })
			told := make(chan string, 1)
			go func() {
				r := s.request("POST", path, body)
				r.Header.Set("Accept", "application/json, text/event-stream")
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					told <- err.Error()
					return
				}
				defer response.Body.Close()
				var text strings.Builder
				_, err = fmt.Fprintf(&text, "HTTP %d ", response.StatusCode)
				for piece := make([]byte, 1<<20); err == nil; {
					var n int
					n, err = response.Body.Read(piece)
					text.Write(piece[:n])
				}
				told <- text.String()
			}()
			s.eventually("it runs, or has run", func() bool { return s.metric("hotcell_running") == 1 || len(told) > 0 })
			drained := s.drains()
			if text := <-told; !strings.HasPrefix(text, "HTTP 200") || strings.Count(text, "ran") < 1000 {
				t.Errorf("%.500s", text)
			}
			inTime(t, "the drain goes on", drained)
		})
	}
}

// kernel makes a kernel, and opens its WebSocket.
func (s *service) kernel() (id string, conn *websocket.Conn) {
	s.t.Helper()
	response, err := http.DefaultClient.Do(s.request("POST", "/compat/jupyter/api/kernels", ""))
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var made struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&made); err != nil {
		s.t.Fatal(err)
	}
	conn, _, err = websocket.Dial(s.t.Context(), s.url+"/compat/jupyter/api/kernels/"+made.ID+"/channels", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return made.ID, conn
}

// until reads messages to the first that has some text, or to the end.
func until(t *testing.T, conn *websocket.Conn, text string) error {
	t.Helper()
	for {
		_, message, err := conn.Read(t.Context())
		if err != nil || text != "" && strings.Contains(string(message), text) {
			return err
		}
	}
}

func TestADrainClosesConnectionsOnWhichNothingRuns(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.DrainGrace = longGrace })
	_, idle := s.kernel()
	id, busy := s.kernel()
	conns := map[string]*websocket.Conn{"a terminal that has not begun": s.dial().conn, "an idle kernel": idle, "a busy kernel": busy}
	asked, err := json.Marshal(fields{"channel": "shell", "header": fields{"msg_type": "execute_request", "msg_id": "a"}, "content": fields{"code": "import time\ntry: print('be' + 'gun'); time.sleep(600)\nexcept KeyboardInterrupt: pass"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := busy.Write(t.Context(), websocket.MessageText, asked); err != nil {
		t.Fatal(err)
	}
	if err := until(t, busy, "begun"); err != nil {
		t.Fatal(err)
	}
	drained := s.drains()
	s.eventually("it drains", func() bool { return s.get("/readyz").http == 503 })
	s.eventually("it is interrupted", func() bool {
		return strings.Contains(s.do(s.request("POST", "/sessions/jupyter-"+id+"/interrupt", "")).body, "true")
	})
	if err := until(t, busy, `"status":"ok"`); err != nil {
		t.Errorf("the cell that ran: %v", err)
	}
	for name, conn := range conns {
		if err := until(t, conn, ""); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("%s: %v", name, err)
		}
	}
	inTime(t, "the drain goes on", drained)
}
