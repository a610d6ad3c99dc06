package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// The same refusal ends each command that asks a server with the same exit status.
func TestARefusalHasOneExitStatusWhateverCommandMeetsIt(t *testing.T) {
	dir := t.TempDir()
	script, cases := filepath.Join(dir, "script.py"), filepath.Join(dir, "cases.ndjson")
	for path, text := range map[string]string{script: "print(1)", cases: "{}\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		http   int
		code   string
		status int
		hint   string // part of the hint; empty: there is none
	}{
		{401, "unauthorized", 2, "\nhint: set HOTCELL_KEY or use --key-file"},
		{403, "forbidden", 2, ""},
		{500, "internal", 125, ""},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(c.http)
			_, _ = io.WriteString(w, fmt.Sprintf(`{"type":"about:blank","title":"No","status":%d,"detail":"since it is so","code":%q,"request_id":"1","error":{"type":"Refused","message":"no","line":null}}`, c.http, c.code))
		}))
		defer server.Close()
		for name, cmd := range map[string]*exec.Cmd{
			"batch":  program("hotcell", "batch", "--script", script, cases, server.URL),
			"top":    program("hotcell", "top", "--once", server.URL),
			"tty":    program("hotcell", "tty", server.URL),
			"attack": program("hotcell", "attack", "--only", "calls", server.URL),
		} {
			status, stdout, stderr := testkit.Outcome(t, cmd)
			if status != c.status || stdout != "" || !strings.Contains(stderr, "since it is so") || !strings.Contains(stderr, c.hint) || strings.Contains(stderr, "hint") != (c.hint != "") {
				t.Errorf("%s, %s: %d\nstdout: %s\nstderr: %s", name, c.code, status, stdout, stderr)
			}
		}
	}
}
