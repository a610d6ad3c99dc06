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

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

func encoded(t *testing.T, v nsjail.Verdict) string {
	t.Helper()
	r := NewReply("id-1", v, Timing{Queue: Millis(1500 * time.Nanosecond), Run: Millis(2 * time.Second)})
	var body bytes.Buffer
	w := jsonwriter.New(&body)
	r.Write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if size := jsonwriter.Size(r.Write); size != int64(body.Len()) {
		t.Errorf("%d bytes, and %d are announced", body.Len(), size)
	}
	return body.String()
}

func TestEveryFieldOfAnAnswerIsAlwaysThere(t *testing.T) {
	const want = `{"id":"id-1","status":"ok","result":[1e2,  12345678901234567890, "<&>"],"stdout":"a�b","stderr":"","truncated":{"stdout":true,"stderr":false},` +
		`"error":null,"exit_code":null,"signal":null,"limit":null,"files":[],"usage":{"wall_ms":1.234,"cpu_ms":0,"peak_memory_bytes":5},` +
		`"timing":{"queue_ms":0.001,"handoff_ms":0,"run_ms":2000}}`
	got := encoded(t, nsjail.Verdict{
		Status: protocol.StatusOK, Result: json.RawMessage("[1e2,\n 12345678901234567890, \"<&>\"]"), Stdout: []byte("a\xffb"), StdoutTruncated: true,
		Usage: nsjail.Usage{Wall: 1234567 * time.Nanosecond, PeakMemoryBytes: 5},
	})
	if got != want {
		t.Errorf("%s", got)
	}
	code, line := 3, 7
	got = encoded(t, nsjail.Verdict{Status: protocol.StatusExited, ExitCode: &code, Signal: "SIGSEGV", Limit: protocol.LimitCPU,
		Error: &protocol.ScriptError{Type: "E", Message: "m", Traceback: "t", Line: &line}})
	for _, want := range []string{`"result":null`, `"exit_code":3`, `"signal":"SIGSEGV"`, `"limit":"cpu"`, `"error":{"type":"E","message":"m","traceback":"t","line":7}`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: no %s", got, want)
		}
	}
}

// A script that has taken our worker over can send anything as its result.
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
		var answer Answer
		if err := json.Unmarshal([]byte(got), &answer); err != nil {
			t.Errorf("%s: %v: %s", name, err, got)
			continue
		}
		if answer.Status != protocol.StatusKilled || *answer.Signal != "SIGKILL" || answer.Error.Type != "ProtocolError" || string(answer.Result) != "null" {
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

// The reply is written by hand, and Answer by encoding/json.
func TestAReplyIsAnAnswer(t *testing.T) {
	line, code := 3, 4
	for name, v := range map[string]nsjail.Verdict{
		"nothing": {Status: protocol.StatusKilled, Signal: "SIGSEGV"},
		"much": {
			Status: protocol.StatusOutputLimit, Limit: protocol.LimitOutput, Stdout: []byte("a\"\n\u2028\x00\xff<é"), Stderr: bytes.Repeat([]byte("line\n"), 50_000), StderrTruncated: true,
			Error: &protocol.ScriptError{Type: "E", Message: "<m>", Traceback: "t", Line: &line}, ExitCode: &code,
			Files: []protocol.File{{Path: "a<b", Content: []byte("text\n")}, {Path: "b", Content: []byte{0, 255}}, {Path: "c"}}, Usage: nsjail.Usage{Wall: time.Second, CPU: time.Millisecond, PeakMemoryBytes: 7},
		},
		"a result": {Status: protocol.StatusOK, Result: json.RawMessage(`{"a":[1,"\u00e9"]}`)},
	} {
		want := NewAnswer("id-1", v, Timing{Queue: Millis(1500 * time.Nanosecond), Run: Millis(2 * time.Second)})
		text, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var answers [2]Answer
		for i, text := range []string{string(text), encoded(t, v)} {
			if err := json.Unmarshal([]byte(text), &answers[i]); err != nil {
				t.Errorf("%s: %v: %.300s", name, err, text)
			}
		}
		if !reflect.DeepEqual(answers[0], answers[1]) {
			t.Errorf("%s: %.300s, want %.300s", name, encoded(t, v), text)
		}
	}
}
