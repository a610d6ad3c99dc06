package supervisor_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// The log has one line per request, and nothing of a script.
func TestTheLogHasOneLineARequest(t *testing.T) {
	s := start(t, small)
	s.execute("def main(): return 'SECRET'", fields{"stdin": "SECRET", "args": []string{}})
	s.execute("SECRET = (")
	s.execute("def main(): raise type('SECRET\\nmsg=request', (Exception,), {})")
	s.execute("def main(): return {}['SECRET']")
	s.execute("def main():\n while True: pass", fields{"limits": map[string]any{"cpu_ms": 100}})
	s.executeWithin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "def main(): pass")
	response, err := http.DefaultClient.Do(s.request("POST", "/compat/sandboxfusion/run_code", `{"language": "python", "code": "1"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	chunked := s.request("POST", "/execute", `{"script": "def main(): pass"}`)
	chunked.ContentLength = -1
	if response, err = http.DefaultClient.Do(chunked); err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	s.get("/readyz")
	s.drain()
	var lines []map[string]any
	var posture map[string]any
	for line := range strings.Lines(s.log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		switch entry["msg"] {
		case "request":
			lines = append(lines, entry)
		case "serving":
			posture = entry
		}
	}
	if strings.Contains(s.log.String(), "SECRET") || len(lines) != 9 {
		t.Fatalf("%s", s.log)
	}
	// How it is set up is one line, for a ticket.
	for _, key := range []string{"address", "version", "system", "clients", "keys", "apis", "max_running", "uids", "landlock", "allow_missing", "profiles"} {
		if _, ok := posture[key]; !ok {
			t.Errorf("the line of the start has no %s: %v", key, posture)
		}
	}
	one, two := lines[0], lines[1] // 6 and 7: a run, and the request to a drop-in API that asked for it
	if one["verdict"] != "ok" || one["http"] != 200.0 || one["path"] != "/execute" || one["run_ms"].(float64) <= 0 || len(one["id"].(string)) < 16 || one["bytes_out"].(float64) < 100 {
		t.Errorf("%v", one)
	}
	for i, want := range map[int]map[string]any{
		0: {"profile": "default", "agent": "Go-http-client/1.1", "limit": nil, "error_type": nil, "trace_id": nil},
		2: {"verdict": "exception", "error_type": "[not a name]"},
		3: {"verdict": "exception", "error_type": "KeyError", "limit": nil},
		4: {"verdict": "timeout", "limit": "cpu", "profile": "default", "api": nil},
		5: {"trace_id": "0af7651916cd43dd8448eb211c80319c"},
		6: {"api": "sandboxfusion", "verdict": "ok", "profile": "default", "within": lines[7]["id"], "agent": "Go-http-client/1.1"},
		7: {"api": "sandboxfusion", "verdict": nil, "within": nil, "bytes_in": 35.0},
		8: {"bytes_in": 30.0, "verdict": "ok"},
	} {
		for key, value := range want {
			if lines[i][key] != value {
				t.Errorf("%s is %v, want %v: %v", key, lines[i][key], value, lines[i])
			}
		}
		if client, _ := lines[i]["client"].(string); !strings.HasPrefix(client, "127.0.0.1:") {
			t.Errorf("the client is %q", client)
		}
	}
	if two["code"] != "syntax_error" || two["http"] != 400.0 || two["level"] != "INFO" {
		t.Errorf("%v", two)
	}
}
