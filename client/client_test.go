package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/client"
)

const ran = `{"id":"X","status":"ok","result":42,"stdout":"out","stderr":"","truncated":{"stdout":false,"stderr":false},
"error":null,"exit_code":null,"signal":null,"limit":null,"files":[{"path":"a","size":2,"content":"aGk=","encoding":"base64"}],
"usage":{"wall_ms":1.5,"cpu_ms":1,"peak_memory_bytes":7},"timing":{"queue_ms":0.1,"handoff_ms":0.2,"run_ms":1.5}}`

func refusal(code client.Code, status int) string {
	return fmt.Sprintf(`{"type":"urn:hotcell:problem:%s","title":"No","status":%d,"detail":"not now","code":%q,"request_id":"R","error":{"type":%q,"message":"not now","line":3}}`, code, status, code, code)
}

func answer(w http.ResponseWriter, kind string, status int, body string) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// serve starts a server, and returns a client of it.
func serve(t *testing.T, options client.Options, handler http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/", options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestExecuteSendsTheRequestAndReadsTheAnswer(t *testing.T) {
	c := serve(t, client.Options{Key: "hc_k"}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method+r.URL.Path != "POST/execute" || r.Header.Get("Authorization") != "Bearer hc_k" || r.Header.Get("Content-Type") != "application/json" ||
			string(body) != `{"script":"def main(n): return n","args":[42],"limits":{"wall_ms":500}}` {
			t.Errorf("%s %s %v %s", r.Method, r.URL, r.Header, body)
		}
		answer(w, "application/json", 200, ran)
	})
	got, err := c.Execute(t.Context(), client.Request{Script: "def main(n): return n", Args: []any{42}, Limits: &client.Limits{WallMS: 500}})
	if err != nil {
		t.Fatal(err)
	}
	content, err := got.Files[0].Bytes()
	if got.Status != client.StatusOK || string(got.Result) != "42" || got.Stdout != "out" || *got.Usage.PeakMemoryBytes != 7 || string(content) != "hi" || err != nil {
		t.Errorf("%+v %q %v", got, content, err)
	}
}

func TestARefusalIsAProblem(t *testing.T) {
	c := serve(t, client.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		answer(w, "application/problem+json", 400, refusal(client.CodeSyntaxError, 400))
	})
	_, err := c.Execute(t.Context(), client.Request{})
	var problem *client.Problem
	if !errors.As(err, &problem) || problem.Code != client.CodeSyntaxError || problem.Status != 400 || *problem.Err.Line != 3 || problem.RetryAfter.Seconds() != 7 {
		t.Errorf("%+v", err)
	}
	if want := "No: not now (line 3)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A request is sent again only if its script has not begun, and if the server says
// when.
func TestOnlyWhatHasNotRunIsSentAgain(t *testing.T) {
	for _, c := range []struct {
		code    client.Code
		status  int
		after   string
		retries int
		sent    int
	}{
		{client.CodeRateLimited, 429, "1", 1, 2},
		{client.CodeSaturated, 503, "1", 1, 2},
		{client.CodeUnavailable, 503, "1", 1, 2},
		{client.CodeSaturated, 503, "1", 0, 1},
		{client.CodeSaturated, 503, "", 1, 1},
		{client.CodeSaturated, 503, "3600", 1, 1},
		{client.CodeDraining, 503, "1", 1, 1},
		{client.CodeInternal, 500, "1", 1, 1},
		{client.CodeTooManySessions, 429, "1", 1, 1},
	} {
		t.Run(fmt.Sprintf("%s after %q with %d", c.code, c.after, c.retries), func(t *testing.T) {
			t.Parallel()
			sent := 0
			hotcell := serve(t, client.Options{Retries: c.retries}, func(w http.ResponseWriter, _ *http.Request) {
				if sent++; sent > 1 {
					answer(w, "application/json", 200, ran)
					return
				}
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				answer(w, "application/problem+json", c.status, refusal(c.code, c.status))
			})
			_, err := hotcell.Execute(t.Context(), client.Request{})
			if sent != c.sent || (err == nil) != (c.sent == 2) {
				t.Errorf("it was sent %d times, want %d: %v", sent, c.sent, err)
			}
		})
	}
}

func TestWhatIsNotHotcellsIsUnexpected(t *testing.T) {
	for name, c := range map[string]struct {
		kind   string
		status int
		body   string
	}{
		"a page":                     {"text/html", 200, "<html>"},
		"no JSON":                    {"application/json", 200, "{"},
		"a status that there is not": {"application/json", 200, `{"status":"fine"}`},
		"a proxy's error":            {"text/html", 502, "Bad Gateway"},
		"a problem without a code":   {"application/problem+json", 400, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			hotcell := serve(t, client.Options{}, func(w http.ResponseWriter, _ *http.Request) { answer(w, c.kind, c.status, c.body) })
			_, err := hotcell.Execute(t.Context(), client.Request{})
			var unexpected *client.UnexpectedError
			if !errors.As(err, &unexpected) || unexpected.Status != c.status || unexpected.ContentType != c.kind || string(unexpected.Body) != c.body {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestTheKeyStaysWithItsServer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server got %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	c := serve(t, client.Options{Key: "hc_k"}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	if _, err := c.Execute(t.Context(), client.Request{}); err == nil {
		t.Error("a redirect is an answer")
	}
}

func TestAnAddressAndAKeyAreChecked(t *testing.T) {
	for _, c := range []struct{ address, key string }{
		{"", ""}, {"127.0.0.1:8080", ""}, {"ftp://127.0.0.1", ""}, {"http://", ""}, {"http://a\x1b", ""}, {"http://a", "two\nlines"}, {"http://a", "ü"},
	} {
		if _, err := client.New(c.address, client.Options{Key: c.key}); err == nil {
			t.Errorf("%q with key %q is taken", c.address, c.key)
		}
	}
	c, err := client.New("https://user@host/prefix/?query", client.Options{})
	if err != nil || c.URL() != "https://host/prefix" {
		t.Errorf("%v %v", c, err)
	}
}

func TestASessionHasItsOwnAddress(t *testing.T) {
	var seen []string
	c := serve(t, client.Options{}, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.URL.Path)
		switch {
		case r.Method == "DELETE":
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Path == "/sessions/ABC/execute":
			answer(w, "application/json", 200, ran)
		default:
			answer(w, "application/json", 201, `{"id":"ABC","profile":"default","created_at":"2026-01-02T03:04:05.678Z","expires_at":"2026-01-02T03:14:05.678Z","idle_s":300,"limits":{"processes":32},"busy":false,"calls":2}`)
		}
	})
	session, state, err := c.NewSession(t.Context(), client.SessionRequest{})
	if err != nil || session.ID() != "ABC" || state.Limits.Processes != 32 || state.ExpiresAt.Sub(state.CreatedAt).Minutes() != 10 {
		t.Fatalf("%+v %v", state, err)
	}
	if got, err := session.Execute(t.Context(), client.Request{Script: "1"}); err != nil || string(got.Result) != "42" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := session.State(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := session.SetTTL(t.Context(), time.Minute); err != nil {
		t.Error(err)
	}
	if err := session.End(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(seen, ", "); got != "POST /sessions, POST /sessions/ABC/execute, GET /sessions/ABC, PATCH /sessions/ABC, DELETE /sessions/ABC" {
		t.Error(got)
	}
	for _, id := range []string{"", "../execute", "a/b", "a?b"} {
		if _, err := c.Session(id); err == nil {
			t.Errorf("the id %q is taken", id)
		}
	}
}

func TestAStreamGivesOutputAsItComes(t *testing.T) {
	line := func(event, data string) string { return fmt.Sprintf(`{"event":%q,"data":%s}`+"\n", event, data) }
	oneLine := strings.ReplaceAll(ran, "\n", "")
	for name, c := range map[string]struct {
		body   string
		output string
		fails  string // empty: there is an answer
	}{
		"an answer":        {line("stdout", `{"text":"a"}`) + line("nothing", "null") + line("stderr", `{"text":"b"}`) + line("result", oneLine), "out:a err:b ", ""},
		"what is shown":    {line("output", `{"kind":"display","data":{"text/plain":"x"},"metadata":{}}`) + line("result", oneLine), `display:"x" `, ""},
		"a newer event":    {line("something", `{}`) + line("result", oneLine), "", ""},
		"a problem":        {line("stdout", `{"text":"a"}`) + line("problem", refusal(client.CodeNoMain, 400)), "out:a ", "No: not now"},
		"it breaks off":    {line("stdout", `{"text":"a"}`), "out:a ", "unexpected EOF"},
		"a line breaks":    {`{"event":"stdo`, "", "unexpected EOF"},
		"what is not JSON": {"x\n", "", "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			hotcell := serve(t, client.Options{}, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Accept") != "application/x-ndjson" {
					t.Errorf("%v", r.Header)
				}
				answer(w, "application/x-ndjson", 200, c.body)
			})
			stream, err := hotcell.Stream(t.Context(), client.Request{})
			if err != nil {
				t.Fatal(err)
			}
			var output strings.Builder
			for event := range stream.Events() {
				if event.Shown != nil {
					fmt.Fprintf(&output, "%s:%s ", event.Shown.Kind, event.Shown.Data["text/plain"])
					continue
				}
				fmt.Fprintf(&output, "%s:%s ", map[bool]string{false: "out", true: "err"}[event.Stderr], event.Text)
			}
			got, err := stream.Answer()
			if output.String() != c.output || c.fails == "" && (err != nil || string(got.Result) != "42") || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Errorf("%q %+v %v", &output, got, err)
			}
		})
	}
}

func TestARefusalBeforeAStreamIsAProblem(t *testing.T) {
	c := serve(t, client.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, "application/problem+json", 401, refusal(client.CodeUnauthorized, 401))
	})
	_, err := c.Stream(t.Context(), client.Request{})
	var problem *client.Problem
	if !errors.As(err, &problem) || problem.Code != client.CodeUnauthorized {
		t.Errorf("%v", err)
	}
}

func TestATerminalCarriesBytesAndSaysHowItEnded(t *testing.T) {
	c := serve(t, client.Options{Key: "hc_k"}, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer hc_k" {
			answer(w, "application/problem+json", 401, refusal(client.CodeUnauthorized, 401))
			return
		}
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"hotcell.tty.v1"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		for _, want := range []string{`{"cols":80,"rows":24,"script":"x"}`, "keys", `{"resize":{"cols":100,"rows":30}}`} {
			if _, message, err := conn.Read(r.Context()); err != nil || string(message) != want {
				t.Errorf("%s %v, want %s", message, err, want)
			}
		}
		_ = conn.Write(r.Context(), websocket.MessageBinary, []byte("shown"))
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(`{"exit":{"status":"exited","exit_code":3,"signal":null,"limit":null,"usage":{"wall_ms":1}}}`))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	})
	terminal, err := c.OpenTerminal(t.Context(), client.TerminalRequest{Columns: 80, Rows: 24, Script: "x"})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	if err := errors.Join(terminal.Write(t.Context(), []byte("keys")), terminal.Resize(t.Context(), 100, 30)); err != nil {
		t.Fatal(err)
	}
	if shown, err := terminal.Read(t.Context()); string(shown) != "shown" || err != nil {
		t.Errorf("%q %v", shown, err)
	}
	if _, err := terminal.Read(t.Context()); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if end, err := terminal.End(); err != nil || end.Status != client.StatusExited || *end.ExitCode != 3 {
		t.Errorf("%+v %v", end, err)
	}
	_, err = c.WithAuthorization("Bearer other").OpenTerminal(t.Context(), client.TerminalRequest{Columns: 80, Rows: 24})
	var problem *client.Problem
	if !errors.As(err, &problem) || problem.Code != client.CodeUnauthorized {
		t.Errorf("%v", err)
	}
}

func TestInfoIsRead(t *testing.T) {
	c := serve(t, client.Options{}, func(w http.ResponseWriter, _ *http.Request) {
		text, _ := json.Marshal(map[string]any{"version": "1", "uids": "single", "profiles": map[string]any{"default": map[string]any{"python": "3.13"}}})
		answer(w, "application/json", 200, string(text))
	})
	info, err := c.Info(t.Context())
	if err != nil || info.UIDs != "single" || info.Profiles["default"].Python != "3.13" {
		t.Errorf("%+v %v", info, err)
	}
}
