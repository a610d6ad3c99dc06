package e2b

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
)

func TestALineOfTheStreamIsASCII(t *testing.T) {
	for text, want := range map[string]string{
		"plain \\n": "plain \\n", "\u0085": `\u0085`, "\u2028": `\u2028`, "ü": `\u00fc`, "😀": `\ud83d\ude00`, "\xff": `\ufffd`,
	} {
		if got := string(ascii([]byte(text))); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestLinesAreToldWhole(t *testing.T) {
	w := httptest.NewRecorder()
	l := &lines{w: w}
	l.print("stdout", "<")
	l.print("stdout", "b\n")
	l.print("stdout", "c")
	l.print("stderr", "d")
	l.line(event{"type": "end"})
	l.print("stdout", strings.Repeat("e", longLine+1))
	var told []string
	for line := range strings.Lines(w.Body.String()) {
		var e struct{ Type, Text string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		told = append(told, e.Type+" "+e.Text[:min(len(e.Text), 3)])
	}
	if !strings.Contains(w.Body.String(), `"<b\n"`) {
		t.Errorf("a line is escaped for pages: %.100s", w.Body)
	}
	if got := strings.Join(told, "|"); got != "stdout <b\n|stdout c|stderr d|end |stdout eee" {
		t.Errorf("%q", got)
	}
}

func TestAResultHasE2BsNames(t *testing.T) {
	for _, c := range []struct{ kind, data, value, want string }{
		{"result", `{"text/plain": "'it''s'"}`, `"it''s"`, `{"extra":{},"is_main_result":true,"text":"it''s","type":"result"}`},
		{"display", `{"image/png": "iVB", "x/y": {"a": 1}}`, ``, `{"extra":{"x/y":{"a":1}},"is_main_result":false,"png":"iVB","type":"result"}`},
		{"result", `{"text/html": "<t>"}`, `[{"a": 1, "b": null}, {"a": 2, "b": "x"}]`, `{"data":{"a":[1,2],"b":[null,"x"]},"extra":{},"html":"<t>","is_main_result":true,"type":"result"}`},
		{"result", `{"text/html": "<t>"}`, `[{"a": 1}, {"b": 1}]`, `{"extra":{},"html":"<t>","is_main_result":true,"type":"result"}`},
		{"result", `{"text/plain": "'"}`, `null`, `{"extra":{},"is_main_result":true,"text":"'","type":"result"}`},
		{"result", `{"text/plain": 5, "text/html": 6}`, `5`, `{"extra":{},"html":6,"is_main_result":true,"text":5,"type":"result"}`},
	} {
		shown := &client.Output{Kind: c.kind}
		if err := json.Unmarshal([]byte(c.data), &shown.Data); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(result(shown, json.RawMessage(c.value))); err != nil || strings.TrimSpace(got.String()) != c.want {
			t.Errorf("%s: %v %s", c.data, err, got.String())
		}
	}
	if large := json.RawMessage(`[{"a":"` + strings.Repeat("x", maxRows) + `"}]`); columns(large) != nil {
		t.Error("a large data frame is decoded")
	}
}

func TestPathsAreBelowTheWorkingDirectory(t *testing.T) {
	for given, want := range map[string]string{
		"a": "a", "a/../b": "b", "/home/user/a/b": "a/b", "/mnt/data/a": "a", "./a": "a", "/home/user/./a/": "a", "/box/work/x": "x", "a..b": "a..b",
		"": "", "..": "", "../a": "", "/": "", "/home/user": "", "/home/user/..": "", "/etc/passwd": "", "a/../../../etc/passwd": "", "/home/username/a": "", "/home/user/../other/a": "",
	} {
		if got, err := inside(given); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", given, got, err)
		}
	}
}

func TestASandboxIsOpenedByItsTokenOrAnAddressSignedWithIt(t *testing.T) {
	box := &sandbox{id: "i1", key: "key", token: "TOKEN"}
	s := &server{sandboxes{known: map[string]*sandbox{"i1": box, "i2": {id: "i2"}}}}
	signed := func(does, until string) string {
		text := "a.txt:" + does + ":user:TOKEN"
		if until != "" {
			text += ":" + until
		}
		sum := sha256.Sum256([]byte(text))
		return "?" + url.Values{
			"path": {"a.txt"}, "username": {"user"}, "signature": {"v1_" + base64.RawStdEncoding.EncodeToString(sum[:])}, "signature_expiration": {until},
		}.Encode()
	}
	in := func(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }
	for _, c := range []struct {
		method, url string
		headers     map[string]string
		key         string
	}{
		{"GET", "/sandboxes", map[string]string{"X-API-KEY": "own"}, "own"},
		{"POST", "/execute", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, "key"},
		{"POST", "/execute", map[string]string{"E2b-Sandbox-Id": "i1", "E2B-Traffic-Access-Token": "TOKEN"}, "key"},
		{"POST", "/execute", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKE"}, ""},
		{"POST", "/execute", map[string]string{"E2b-Sandbox-Id": "i1"}, ""},
		{"POST", "/execute", map[string]string{"E2b-Sandbox-Id": "i2", "X-Access-Token": ""}, ""}, // it has no token
		{"POST", "/execute", map[string]string{"E2b-Sandbox-Id": "i3", "X-Access-Token": "TOKEN"}, ""},
		{"GET", "/compat/e2b/files", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, "key"},
		{"POST", "/contexts/i1/restart", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, "key"},
		{"POST", "/process.Process/Start", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, "key"},
		{"POST", "/filesystem.Filesystem/Stat", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, "key"},
		{"GET", "/sandboxes", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, ""}, // nor to what its key may do elsewhere
		{"POST", "/compat/e2b/v2/sandboxes", map[string]string{"E2b-Sandbox-Id": "i1", "X-Access-Token": "TOKEN"}, ""},
		{"DELETE", "http://49999-i1.example.org/sandboxes/i2", map[string]string{"X-Access-Token": "TOKEN"}, ""},
		{"POST", "http://49999-i1.example.org/execute", map[string]string{"X-Access-Token": "TOKEN"}, "key"},
		{"POST", "http://49999-I1.example.org:8080/execute", map[string]string{"X-Access-Token": "TOKEN"}, "key"},
		{"POST", "http://i1.example.org/execute", map[string]string{"X-Access-Token": "TOKEN"}, ""},
		{"GET", "http://49983-i1.example.org/files" + signed("read", ""), nil, "key"},
		{"POST", "http://49983-i1.example.org/files" + signed("write", in(time.Minute)), nil, "key"},
		{"POST", "http://49983-i1.example.org/files" + signed("read", ""), nil, ""},
		{"GET", "http://49983-i1.example.org/files" + signed("read", in(-time.Minute)), nil, ""},
		{"GET", "http://49983-i1.example.org/files" + signed("read", "soon"), nil, ""},
		{"GET", "http://49983-i1.example.org/execute" + signed("read", ""), nil, ""},
		{"GET", "http://49983-i1.example.org/files?path=a.txt&signature=v1_", nil, ""},
	} {
		r := httptest.NewRequest(c.method, c.url, http.NoBody)
		for name, value := range c.headers {
			r.Header.Set(name, value)
		}
		if got := s.key(r); got != c.key {
			t.Errorf("%s %s %v: key %q", c.method, c.url, c.headers, got)
		}
	}
}

// A sandbox that was killed has its name still: else its client's requests would be taken
// for ones to hotcell's own API.
func TestEverySandboxHasItsHosts(t *testing.T) {
	id := newID("")
	for host, want := range map[string]bool{
		"49999-" + id + ".example.org": true, "1-" + strings.ToUpper(id) + ".x": true,
		"49999-" + id: false, id + ".example.org": false, "a-" + id + ".x": false, "1-" + id + "a.x": false, "1-" + id[1:] + ".x": false, "x.1-" + id + ".x": false, "49999-i1.example.org": false, "": false,
	} {
		if hosts(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestEveryEndHasItsError(t *testing.T) {
	text := func(s string) *string { return &s }
	for _, c := range []struct {
		answer client.Answer
		want   string
	}{
		{client.Answer{Ending: client.Ending{Status: client.StatusException}, Error: &client.ScriptError{Type: "a.<locals>.B", Message: "m"}}, "B: m"},
		{client.Answer{Ending: client.Ending{Status: client.StatusTimeout, Limit: text("wall")}}, "TimeoutError: Execution took longer than the server allows (wall limit, 1m0s)"},
		{client.Answer{Ending: client.Ending{Status: client.StatusMemoryLimit, Limit: text("memory")}}, "MemoryError: Execution went over the limit: memory"},
		{client.Answer{Ending: client.Ending{Status: client.StatusOutputLimit, Limit: text("output")}}, "OutputLimitExceeded: Execution went over the limit: output"},
		{client.Answer{Ending: client.Ending{Status: client.StatusExited, ExitCode: new(3)}}, "SystemExit: 3"},
		{client.Answer{Ending: client.Ending{Status: client.StatusKilled, Signal: text("SIGSEGV")}}, "ExecutionError: Execution was killed by SIGSEGV"},
	} {
		e := failure(&c.answer, 60_000)
		if got := e["name"].(string) + ": " + e["value"].(string); got != c.want {
			t.Errorf("%+v: %s", c.answer.Ending, got)
		}
	}
	if failure(&client.Answer{Ending: client.Ending{Status: client.StatusOK}}, 1) != nil {
		t.Error("what went well has an error")
	}
}
