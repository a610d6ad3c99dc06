package faults_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// secret is the key of the load and of reading the metrics; empty: none. Faults come
// one at a time.
var secret string

func authorize(r *http.Request, secret string) {
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
}

// writeKeys writes a keys file with keys of these names. Their secrets are those of
// secretOf.
func writeKeys(t testing.TB, path string, names ...string) {
	t.Helper()
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "- name: %s\n  sha256: %x\n  rights: [execute, sessions, admin]\n", name, sha256.Sum256([]byte(secretOf(name))))
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func secretOf(name string) string { return "hotcell_" + name }

// leaked is what somebody does with a stolen key.
type leaked struct {
	p    *program
	ends sync.WaitGroup // of everything that must end with the key
}

// post sends a request with the leaked key. The caller closes the body.
func (l *leaked) post(path, accept string, body any) (*http.Response, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(http.MethodPost, l.p.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	authorize(r, secretOf("leaked"))
	return (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: deadline}).Do(r)
}

// expect does something that must end with one of these texts.
func (l *leaked) expect(what string, texts []string, do func() (string, error)) {
	l.ends.Go(func() {
		got, err := do()
		for _, text := range texts {
			if err == nil && strings.Contains(got, text) {
				return
			}
		}
		l.p.t.Errorf("%s ended with %v %.300q, not with one of %q", what, err, got, texts)
	})
}

const sleeps = "import time\nprint('begun', flush=True)\ndef main(): time.sleep(60)"

// session opens a session, with or without a running call.
func (l *leaked) session(busy bool) {
	response, err := l.post("/sessions", "application/json", map[string]any{})
	if err != nil || response.StatusCode != http.StatusCreated {
		l.p.t.Fatalf("%v %+v", err, response)
	}
	var state struct{ ID string }
	err = json.NewDecoder(response.Body).Decode(&state)
	_ = response.Body.Close()
	if err != nil {
		l.p.t.Fatal(err)
	}
	if busy {
		l.expect("a call", []string{`"code":"gone"`}, func() (string, error) { return l.text("/sessions/"+state.ID+"/execute", "application/json") })
	}
}

func (l *leaked) text(path, accept string) (string, error) {
	response, err := l.post(path, accept, map[string]any{"script": sleeps, "limits": map[string]int{"wall_ms": 60_000}})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

func (l *leaked) terminal(t testing.TB) {
	conn, _, err := websocket.Dial(t.Context(), l.p.url+"/tty", &websocket.DialOptions{
		Subprotocols: []string{"hotcell.tty.v1"}, HTTPHeader: http.Header{"Authorization": {"Bearer " + secretOf("leaked")}},
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	})
	if err == nil {
		err = conn.Write(t.Context(), websocket.MessageText, []byte(`{"cols": 80, "rows": 24, "script": "input()"}`))
	}
	if err != nil {
		t.Fatal(err)
	}
	l.expect("a terminal", []string{"revoked"}, func() (string, error) {
		defer func() { _ = conn.CloseNow() }()
		for {
			if _, _, err := conn.Read(t.Context()); err != nil {
				return err.Error(), nil // the close frame
			}
		}
	})
}

// A key is revoked while its holder has sessions, streams, a terminal and running
// scripts. All of them end, and those of other keys go on.
func TestAKeyMayBeRevoked(t *testing.T) {
	state := newState(t)
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	writeKeys(t, keys, "load", "leaked")
	secret = secretOf("load")
	t.Cleanup(func() { secret = "" })
	fault{
		name: "a key revoked: 5 sessions, 3 streams, a terminal, 2 runs", state: state,
		flags: []string{"--keys", keys, "--end-revoked-runs", "yes", "--max-running", "16"},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			l := &leaked{p: p}
			for range 3 {
				l.session(false)
			}
			for range 2 {
				l.session(true)
			}
			for range 3 {
				l.expect("a stream", []string{`"code":"unauthorized"`}, func() (string, error) { return l.text("/execute", "application/x-ndjson") })
			}
			for range 2 {
				l.expect("a run", []string{`"code":"unauthorized"`}, func() (string, error) { return l.text("/execute", "application/json") })
			}
			l.terminal(t)
			p.eventually("all of it runs", func() bool {
				figures := p.figures()
				return figures[`hotcell_key_running{key="leaked"}`] == 8 && figures["hotcell_sessions"] == 5 && figures["hotcell_terminals"] == 1
			})
			writeKeys(t, keys, "load")
			p.Signal(syscall.SIGHUP)
			began := time.Now()
			l.ends.Wait()
			p.eventually("its sessions are gone", func() bool {
				figures := p.figures()
				_, counted := figures[`hotcell_key_running{key="leaked"}`]
				return figures["hotcell_sessions"] == 0 && figures["hotcell_terminals"] == 0 && !counted
			})
			return began
		},
	}.run(t)
}
