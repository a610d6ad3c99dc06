package nsjail

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

// Without a field the frames must differ: otherwise encodeJob has forgotten it.
func TestEveryFieldOfAJobReachesTheCell(t *testing.T) {
	full := Job{
		Script: "def main(): return 1", Args: json.RawMessage("[1]"), Kwargs: json.RawMessage(`{"a": 1}`), Stdin: "text",
		Env: map[string]string{"A": "b"}, Files: []protocol.File{{Path: "a.txt", Content: []byte("x")}}, Collect: []string{"*.csv"},
		LastExpression: true, Mode: protocol.ScriptProgram, Display: true, Limits: Limits{ResultBytes: 1, FilesBytes: 1, OutputsBytes: 1}, Output: func(Stream, []byte) {}, Shown: func(protocol.Output) {},
	}
	encode := func(job Job) []byte {
		frames, err := encodeJob(job, protocol.Run{})
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Join(frames, nil)
	}
	whole := encode(full)
	for i := range reflect.TypeFor[Job]().NumField() {
		field := reflect.TypeFor[Job]().Field(i)
		if field.Name == "Output" || field.Name == "Shown" { // stays in the supervisor
			continue
		}
		if reflect.ValueOf(full).Field(i).IsZero() {
			t.Errorf("this test does not set %s", field.Name)
		}
		without := full
		reflect.ValueOf(&without).Elem().Field(i).SetZero()
		if bytes.Equal(encode(without), whole) {
			t.Errorf("%s does not reach the cell", field.Name)
		}
	}
}
