package supervisor_test

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
)

// Every way to run a script goes through the wrapped handler, and ends in a run whose
// span is the parent of the script's.
func TestStreamsTerminalsAndAssistantsAreTraced(t *testing.T) {
	c := startReceiver(t)
	s := traced(t)
	_, last := s.stream("text/event-stream", tellParent).rest()
	var streamed client.Answer
	if err := json.Unmarshal(last.Data, &streamed); err != nil || last.Event != "result" {
		t.Fatalf("%v: %s", err, last.Data)
	}
	terminal := s.tty(fields{"script": "import os\ndef main():\n    print('parent', os.environ['TRACEPARENT'], 'end')"})
	terminal.expect("parent 00-")
	terminal.expect(" end")
	_, _ = terminal.end()
	if _, text := s.assistant().use("run_python", fields{"code": "import os\nos.environ['TRACEPARENT']"}); !strings.Contains(text, "00-") {
		t.Errorf("an assistant's script: %s", text)
	}
	terminal.mu.Lock()
	_, printed, _ := strings.Cut(terminal.seen.String(), "parent ")
	terminal.mu.Unlock()
	s.drain()

	for route, parent := range map[string]string{
		"POST /execute": answer{Answer: streamed, body: string(last.Data)}.parent(t), "GET /tty": printed,
	} {
		parts := strings.Split(parent, "-")
		if len(parts) < 3 {
			t.Fatalf("%s: %q", route, parent)
		}
		spans := c.of(parts[1])
		if run, request := spans["run"], spans[route]; run == nil || request == nil || hex.EncodeToString(run.SpanId) != parts[2] || string(run.ParentSpanId) != string(request.SpanId) {
			t.Errorf("%s, whose script has %q: %v", route, parent, spans)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	within := false
	for _, span := range c.spans {
		if span.Name == "POST /mcp" {
			for _, child := range c.spans {
				within = within || child.Name == "POST /execute" && slices.Equal(child.ParentSpanId, span.SpanId)
			}
		}
	}
	if !within {
		t.Error("no assistant's request to execute is below its own")
	}
}
