package supervisor

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

func encoded(t *testing.T, v nsjail.Verdict) string {
	t.Helper()
	body, err := newAnswer("id-1", v, Timing{Queue: Millis(1500 * time.Nanosecond), Run: Millis(2 * time.Second)}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestEveryFieldOfAnAnswerIsAlwaysThere(t *testing.T) {
	const want = `{"id":"id-1","status":"ok","result":[1e2,12345678901234567890,"<&>"],"stdout":"a\ufffdb","stderr":"","truncated":{"stdout":true,"stderr":false},` +
		`"error":null,"exit_code":null,"signal":null,"limit":null,"files":[],"usage":{"wall_ms":1.234,"cpu_ms":0,"peak_memory_bytes":5},` +
		`"timing":{"queue_ms":0.001,"handoff_ms":0,"run_ms":2000}}` + "\n"
	got := encoded(t, nsjail.Verdict{
		Status: protocol.StatusOK, Result: json.RawMessage(`[1e2, 12345678901234567890, "<&>"]`), Stdout: []byte("a\xffb"), StdoutTruncated: true,
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
		"no JSON":           `{"a":`,
		"more than one":     `1, "status": "ok"`,
		"another member":    `1} {"result": 2`,
		"invalid UTF-8":     "\"\xff\"",
		"too deep":          strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"a line feed in it": "\"a\nb\"",
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
	p := newAnswer("", nsjail.Verdict{Status: protocol.StatusSyntaxError, Error: &protocol.ScriptError{Type: "IndentationError", Message: "odd", Line: &line}}, Timing{}).refusal()
	if p.Code != CodeSyntaxError || p.Status != 400 || p.Detail != "odd" || p.Err.Type != "IndentationError" || *p.Err.Line != 2 || p.Stdout != nil {
		t.Errorf("%+v", p)
	}
	p = newAnswer("", nsjail.Verdict{Status: protocol.StatusNoMain, Stdout: []byte("out")}, Timing{}).refusal()
	if p.Code != CodeNoMain || p.Status != 400 || *p.Stdout != "out" || *p.Stderr != "" {
		t.Errorf("%+v", p)
	}
	if p := newAnswer("", nsjail.Verdict{Status: protocol.StatusException}, Timing{}).refusal(); p != nil {
		t.Errorf("%+v", p)
	}
}
