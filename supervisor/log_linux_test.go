package supervisor_test

import (
	"encoding/json"
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
	s.get("/readyz")
	s.drain()
	var lines []map[string]any
	for line := range strings.Lines(s.log.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry["msg"] == "request" {
			lines = append(lines, entry)
		}
	}
	if strings.Contains(s.log.String(), "SECRET") || len(lines) != 5 {
		t.Fatalf("%s", s.log)
	}
	one, two := lines[0], lines[1]
	if one["verdict"] != "ok" || one["http"] != 200.0 || one["path"] != "/execute" || one["run_ms"].(float64) <= 0 || len(one["id"].(string)) < 16 || one["bytes_out"].(float64) < 100 {
		t.Errorf("%v", one)
	}
	for i, want := range map[int]map[string]any{
		0: {"profile": "default", "agent": "Go-http-client/1.1", "limit": nil, "error_type": nil, "trace_id": nil},
		2: {"verdict": "exception", "error_type": "[not a name]"},
		3: {"verdict": "exception", "error_type": "KeyError", "limit": nil},
		4: {"verdict": "timeout", "limit": "cpu", "profile": "default"},
	} {
		for key, value := range want {
			if lines[i][key] != value {
				t.Errorf("%s is %v, want %v: %v", key, lines[i][key], value, lines[i])
			}
		}
	}
	if two["code"] != "syntax_error" || two["http"] != 400.0 || two["level"] != "INFO" {
		t.Errorf("%v", two)
	}
}
