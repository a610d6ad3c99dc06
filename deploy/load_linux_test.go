package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// scripts are what clients send. Most succeed; some end in each other way. Over
// minutes, more of them reach limits or are refused than alerts tolerate, but not for
// long enough.
var scripts = []struct {
	body string // of the request
	want string // status of the answer, or code of the refusal
	one  int    // how many requests there are for one of these
}{
	{`{"script": "import pandas as pd\ndef main():\n    return pd.DataFrame({'n': [1, 2]}).n.mean()"}`, "ok", 1},
	{`{"script": "import time\ndef main():\n    time.sleep(0.05)"}`, "ok", 2},
	{`{"script": "def main():\n    return 1 / 0"}`, "exception", 5},
	{`{"script": "def main():\n    return object()"}`, "not_json", 11},
	{`{"script": "import sys\ndef main():\n    sys.exit(3)"}`, "exited", 13},
	{`{"script": "def main():\n    while True: pass", "limits": {"wall_ms": 100}}`, "timeout", 17},
	{`{"script": "def main():\n    print('x' * 2000)", "limits": {"output_bytes": 1000}}`, "output_limit", 19},
	{`{"script": "def main(:"}`, "syntax_error", 23},
	{`{"skript": ""}`, "invalid_request", 29},
}

// load sends requests until it is stopped.
type load struct {
	t       *testing.T
	h       *hotcell
	client  *http.Client
	stopped chan struct{}
	clients sync.WaitGroup

	mu    sync.Mutex
	seen  map[string]int // statuses and codes
	wrong int
}

func startLoad(t *testing.T, h *hotcell) *load {
	l := &load{t: t, h: h, client: &http.Client{Timeout: testkit.Patience, Transport: &http.Transport{MaxIdleConnsPerHost: 20}}, stopped: make(chan struct{}), seen: make(map[string]int)}
	for range 3 {
		l.clients.Go(func() {
			for i := 1; ; i++ {
				for _, script := range scripts {
					select {
					case <-l.stopped:
						return
					case <-time.After(20 * time.Millisecond):
					}
					if i%script.one == 0 {
						l.execute("/execute", script.body, script.want)
					}
				}
			}
		})
	}
	l.clients.Go(l.sessions)
	l.clients.Go(l.jobs)
	t.Cleanup(l.stop)
	return l
}

func (l *load) stop() {
	select {
	case <-l.stopped:
	default:
		close(l.stopped)
	}
	l.clients.Wait()
	l.client.CloseIdleConnections()
}

// burst is more at once than places and line together take.
func (l *load) burst() {
	for range 20 {
		l.clients.Go(func() {
			l.execute("/execute", `{"script": "import time\ndef main():\n    time.sleep(0.5)"}`, "ok")
		})
	}
}

// sessions opens a session for a second, again and again.
func (l *load) sessions() {
	for {
		var session struct{ ID string }
		if status := l.send("POST", "/sessions", "{}", &session); status == http.StatusCreated {
			l.execute("/sessions/"+session.ID+"/execute", `{"script": "1 + 1"}`, "ok")
		}
		select {
		case <-l.stopped:
			return
		case <-time.After(time.Second):
		}
		if session.ID != "" {
			l.send("DELETE", "/sessions/"+session.ID, "", nil)
		}
	}
}

// jobs submits a job every half second.
func (l *load) jobs() {
	for {
		if status := l.send("POST", "/jobs", `{"execute": {"script": "def main():\n    return 1"}}`, nil); status != http.StatusAccepted && status != http.StatusServiceUnavailable {
			l.t.Errorf("POST /jobs: status %d", status)
		}
		select {
		case <-l.stopped:
			return
		case <-time.After(time.Second / 2):
		}
	}
}

// execute counts the outcome. A full or failing service may refuse, and a script is
// killed if its jail is.
func (l *load) execute(path, body, want string) {
	var answer struct{ Status, Code json.RawMessage }
	l.send("POST", path, body, &answer)
	got := string(bytes.Trim(answer.Code, `"`))
	if got == "" {
		got = string(bytes.Trim(answer.Status, `"`))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[got]++
	switch got {
	case want, "saturated", "rate_limited", "unavailable", "killed", "gone":
	default:
		if l.wrong++; l.wrong > 5 { // five are enough
			return
		}
		l.t.Errorf("%s %s: %q, want %q", path, body, got, want)
	}
}

func (l *load) send(method, path, body string, answer any) int {
	status, err := l.trySend(method, path, body, answer)
	if err != nil {
		l.t.Errorf("%s %s: %v", method, path, err)
	}
	return status
}

func (l *load) trySend(method, path, body string, answer any) (int, error) {
	request, err := http.NewRequest(method, "http://"+l.h.address+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+l.h.loadKey)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := l.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && answer != nil {
		if err = json.Unmarshal(text, answer); err != nil {
			err = fmt.Errorf("%w: %.200s", err, text)
		}
	}
	return response.StatusCode, err
}
