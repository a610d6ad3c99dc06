package supervisor_test

import (
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

// shown sends an OUTPUT in the worker's place.
const shown = `
import os, struct, time
def show(head, data=b''):
    payload = head.encode() + b'\n' + data
    os.write(3, struct.pack('>IB', len(payload), 13) + payload)
`

func TestOutputsComeAsTheirTypesAreInStreamsAndInAnswers(t *testing.T) {
	s := start(t, func(*config.Config) {})
	script := shown + `
def main():
    show('{"kind":"display","parts":{"application/vnd.x+json":9,"image/png":2,"text/html":5},"metadata_bytes":8}', b'{"a":\r\n1}' + b'\xff\x00' + b'<a>\n\n' + b'{"b":\n2}')
    input()
    return 1`
	const want = `[{"kind":"display","data":{"application/vnd.x+json":{"a":  1},"image/png":"/wA=","text/html":"<a>\n\n"},"metadata":{"b": 2}}]`
	got := s.execute(script, fields{"display": true, "stdin": "\n"})
	if !strings.Contains(got.body, `"outputs":`+want+`,"usage"`) {
		t.Errorf("%s, want %s", got.body, want)
	}
	for _, accept := range []string{"text/event-stream", "application/x-ndjson"} {
		stream := s.stream(accept, script, fields{"display": true, "stdin": "\n"})
		event, _ := stream.next()
		if event.Event != "output" || "["+string(event.Data)+"]" != want {
			t.Errorf("%s: %s %s", accept, event.Event, event.Data)
		}
		if event, _ = stream.next(); event.Event != "result" || !strings.Contains(string(event.Data), want) {
			t.Errorf("%s: %s %s", accept, event.Event, event.Data)
		}
	}
}

// The supervisor looks into no JSON of a cell's but to see that it is JSON.
func TestForgedJSONOfAnOutputIsNotPassedOn(t *testing.T) {
	s := start(t, func(*config.Config) {})
	for name, call := range map[string]string{
		"no JSON":               `show('{"kind":"display","parts":{"application/json":1}}', b'x')`,
		"two values":            `show('{"kind":"display","parts":{"application/json":3}}', b'1 2')`,
		"too deep":              `show('{"kind":"display","parts":{"application/json":1002}}', b'[' * 501 + b']' * 501)`,
		"half a character":      `show('{"kind":"display","parts":{"application/json":8}}', b'"\\ud800"')`,
		"metadata of a list":    `show('{"kind":"display","parts":{"text/plain":0},"metadata_bytes":2}', b'[]')`,
		"metadata that ends":    `show('{"kind":"display","parts":{"text/plain":0},"metadata_bytes":1}', b'{')`,
		"metadata of two lines": `show('{"kind":"display","parts":{"text/plain":0},"metadata_bytes":4}', b'{}\n1')`,
	} {
		call = strings.Replace(call, `"metadata_bytes":4}', b'{}\n1')`, `"metadata_bytes":4}', b'{}\n1')`, 1)
		stream := s.stream("application/x-ndjson", shown+"def main(): "+call, fields{"display": true})
		event, _ := stream.next()
		if event.Event != "result" || !strings.Contains(string(event.Data), `"ProtocolError"`) || !strings.Contains(string(event.Data), `"outputs":[]`) {
			t.Errorf("%s: %s %s", name, event.Event, event.Data)
		}
	}
}
