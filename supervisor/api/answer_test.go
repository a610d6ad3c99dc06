package api

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

func encoded(t *testing.T, v nsjail.Verdict) string {
	t.Helper()
	r := NewReply("id-1", v, Timing{Queue: Millis(1500 * time.Nanosecond), Run: Millis(2 * time.Second)})
	body := r.Encode()
	if size := jsonwriter.Size(r.Write); size != int64(len(body)) {
		t.Errorf("%d bytes, and %d are announced", len(body), size)
	}
	return string(body)
}

func TestEveryFieldOfAnAnswerIsAlwaysThere(t *testing.T) {
	const want = `{"id":"id-1","status":"ok","result":[1e2,  12345678901234567890, "<&>"],"stdout":"a�b","stderr":"","truncated":{"stdout":true,"stderr":false},` +
		`"error":null,"exit_code":null,"signal":null,"limit":null,"files":[],"outputs":[],"usage":{"wall_ms":1.234,"cpu_ms":2.5,"peak_memory_bytes":5},` +
		`"timing":{"queue_ms":0.001,"handoff_ms":0,"run_ms":2000}}`
	got := encoded(t, nsjail.Verdict{
		Status: protocol.StatusOK, Result: json.RawMessage("[1e2,\n 12345678901234567890, \"<&>\"]"), Stdout: []byte("a\xffb"), StdoutTruncated: true,
		Usage: nsjail.Usage{Wall: 1234567 * time.Nanosecond, CPU: new(2500 * time.Microsecond), PeakMemoryBytes: new(int64(5))},
	})
	if got != want {
		t.Errorf("%s", got)
	}
	code, line := 3, 7
	got = encoded(t, nsjail.Verdict{Status: protocol.StatusExited, ExitCode: &code, Signal: "SIGSEGV", Limit: protocol.LimitCPU,
		Error: &protocol.ScriptError{Type: "E", Message: "m", Traceback: "t", Line: &line}})
	for _, want := range []string{`"result":null`, `"usage":{"wall_ms":0,"cpu_ms":null,"peak_memory_bytes":null}`, `"exit_code":3`, `"signal":"SIGSEGV"`, `"limit":"cpu"`, `"error":{"type":"E","message":"m","traceback":"t","line":7}`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: no %s", got, want)
		}
	}
}

// A script that has taken over our worker can send anything as its result.
func TestAForgedResultDoesNotBreakTheAnswer(t *testing.T) {
	for name, result := range map[string]string{
		"no JSON":            `{"a":`,
		"more than one":      `1, "status": "ok"`,
		"another member":     `1} {"result": 2`,
		"invalid UTF-8":      "\"\xff\"",
		"too deep":           strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"one level too deep": strings.Repeat("[", protocol.MaxResultDepth+1) + strings.Repeat("]", protocol.MaxResultDepth+1),
		"a line feed in it":  "\"a\nb\"",
		"half a character":   `{"a":["\ud83d"]}`,
	} {
		got := encoded(t, nsjail.Verdict{Status: protocol.StatusOK, Result: json.RawMessage(result)})
		var answer client.Answer
		if err := json.Unmarshal([]byte(got), &answer); err != nil {
			t.Errorf("%s: %v: %s", name, err, got)
			continue
		}
		if answer.Status != client.StatusKilled || *answer.Signal != "SIGKILL" || answer.Error.Type != "ProtocolError" || string(answer.Result) != "null" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRefusedScriptsBecomeProblems(t *testing.T) {
	line := 2
	p := NewReply("", nsjail.Verdict{Status: protocol.StatusSyntaxError, Error: &protocol.ScriptError{Type: "IndentationError", Message: "odd", Line: &line}}, Timing{}).Refusal()
	if p.Code != CodeSyntaxError || p.Status != 400 || p.Detail != "odd" || p.Err.Type != "IndentationError" || *p.Err.Line != 2 || p.printed != nil {
		t.Errorf("%+v", p)
	}
	p = NewReply("", nsjail.Verdict{Status: protocol.StatusNoMain, Stdout: []byte("out")}, Timing{}).Refusal()
	w := httptest.NewRecorder()
	p.Write(w, "id-1")
	var got Problem
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Length") != strconv.Itoa(w.Body.Len()) {
		t.Errorf("%v, %v: %s", err, w.Header(), w.Body)
	}
	if got.Code != CodeNoMain || got.Status != 400 || *got.Stdout != "out" || *got.Stderr != "" || got.RequestID != "id-1" {
		t.Errorf("%+v", got)
	}
	if p := NewReply("", nsjail.Verdict{Status: protocol.StatusException}, Timing{}).Refusal(); p != nil {
		t.Errorf("%+v", p)
	}
}

// The reply is written by hand; it is what encoding/json makes of an answer.
func TestAReplyIsAnAnswer(t *testing.T) {
	line, code := 3, 4
	timing := client.Timing{QueueMS: 0.001, RunMS: 2000}
	for name, c := range map[string]struct {
		verdict nsjail.Verdict
		want    client.Answer
	}{
		"nothing": {
			nsjail.Verdict{Status: protocol.StatusKilled, Signal: "SIGSEGV"},
			client.Answer{Ending: client.Ending{Status: client.StatusKilled, Signal: new("SIGSEGV")}},
		},
		"much": {
			nsjail.Verdict{
				Status: protocol.StatusOutputLimit, Limit: protocol.LimitOutput, Stdout: []byte("a\"\n\u2028\x00\xff<é"), Stderr: bytes.Repeat([]byte("line\n"), 50_000), StderrTruncated: true,
				Error: &protocol.ScriptError{Type: "E", Message: "<m>", Traceback: "t", Line: &line}, ExitCode: &code,
				Files: []protocol.File{{Path: "a<b", Content: []byte("text\n")}, {Path: "b", Content: []byte{0, 255}}, {Path: "c"}},
				Outputs: []protocol.Output{
					{Kind: protocol.OutputDisplay, Parts: []protocol.OutputPart{{Type: "application/json", Data: []byte(`{"a":1}`)}, {Type: "image/png", Data: []byte{0, 255}}}},
					{Kind: protocol.OutputResult, Parts: []protocol.OutputPart{{Type: "text/plain", Data: []byte("<1\n")}}, Metadata: []byte(`{"text/plain":1}`)},
				},
				Usage: nsjail.Usage{Wall: time.Second, CPU: new(time.Millisecond), PeakMemoryBytes: new(int64(7))},
			},
			client.Answer{
				Ending: client.Ending{Status: client.StatusOutputLimit, ExitCode: &code, Limit: new("output")},
				Stdout: "a\"\n\u2028\x00\ufffd<é", Stderr: strings.Repeat("line\n", 50_000), Truncated: client.Truncated{Stderr: true},
				Error: &client.ScriptError{Type: "E", Message: "<m>", Traceback: "t", Line: &line},
				Files: []client.Collected{{Path: "a<b", Size: 5, Content: "text\n", Encoding: "utf-8"}, {Path: "b", Size: 2, Content: "AP8=", Encoding: "base64"}, {Path: "c", Encoding: "utf-8"}},
				Outputs: []client.Output{
					{Kind: "display", Data: map[string]json.RawMessage{"application/json": json.RawMessage(`{"a":1}`), "image/png": json.RawMessage(`"AP8="`)}, Metadata: map[string]json.RawMessage{}},
					{Kind: "result", Data: map[string]json.RawMessage{"text/plain": json.RawMessage(`"<1\n"`)}, Metadata: map[string]json.RawMessage{"text/plain": json.RawMessage("1")}},
				},
				Usage: client.Usage{WallMS: 1000, CPUMS: new(1.0), PeakMemoryBytes: new(int64(7))},
			},
		},
		"a result": {
			nsjail.Verdict{Status: protocol.StatusOK, Result: json.RawMessage(`{"a":[1,"\u00e9"]}`)},
			client.Answer{Ending: client.Ending{Status: client.StatusOK}, Result: json.RawMessage(`{"a":[1,"\u00e9"]}`)},
		},
	} {
		text := encoded(t, c.verdict)
		var got client.Answer
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%s: %v: %.300s", name, err, text)
		}
		c.want.ID, c.want.Timing = "id-1", timing
		if c.want.Result == nil {
			c.want.Result = json.RawMessage("null")
		}
		if c.want.Files == nil {
			c.want.Files = []client.Collected{}
		}
		if c.want.Outputs == nil {
			c.want.Outputs = []client.Output{}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %.300s, want %.300v", name, text, c.want)
		}
	}
}

// Members, their order and nulls are part of the contract.
func TestEveryEndingIsToldAlike(t *testing.T) {
	code := 3
	for want, v := range map[string]nsjail.Verdict{
		`{"status":"ok","exit_code":null,"signal":null,"limit":null`:          {Status: protocol.StatusOK, Stdout: []byte("out")},
		`{"status":"exited","exit_code":3,"signal":null,"limit":null`:         {Status: protocol.StatusExited, ExitCode: &code},
		`{"status":"killed","exit_code":null,"signal":"SIGSEGV","limit":null`: {Status: protocol.StatusKilled, Signal: "SIGSEGV"},
		`{"status":"timeout","exit_code":null,"signal":null,"limit":"idle"`:   {Status: protocol.StatusTimeout, Limit: protocol.LimitIdle},
	} {
		ending := EndingOf(&v)
		for where, value := range map[string]any{`"exit":`: TerminalMessage{Exit: &Exit{Ending: ending, Usage: UsageOf(&v)}}, `"verdict":`: Problem{Verdict: &ending}} {
			if text, err := Encode(value); err != nil || !strings.Contains(string(text), where+want) {
				t.Errorf("%v: %s, want %s%s", err, text, where, want)
			}
		}
	}
}

// Times of an answer are read as they were written, to the microsecond.
func TestMillisecondsSurviveARoundTrip(t *testing.T) {
	for us := range 5000 {
		want := Millis(time.Duration(us) * time.Microsecond)
		var got Millis
		if err := json.Unmarshal([]byte(want.String()), &got); err != nil || got != want {
			t.Fatalf("%v is read as %v (%v)", want, got, err)
		}
	}
}
