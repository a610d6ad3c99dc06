package protocol_test

import (
	"strings"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

func TestDecodeDoneTakesNothingButAWorkersWord(t *testing.T) {
	list := func(elements int, element string) string {
		return `{"files":[` + strings.Repeat(element+",", elements-1) + element + `]}`
	}
	file := func(path string) string { return `{"files":[{"path":"` + path + `","bytes":1}]}` }
	if done, err := protocol.DecodeDone([]byte(list(protocol.MaxListed, `{"path":"a, {","bytes":1}`))); err != nil || len(done.Files) != protocol.MaxListed {
		t.Fatalf("%d files, %v", len(done.Files), err)
	}
	for name, payload := range map[string]string{
		"empty":                     "",
		"a list":                    "[]",
		"more than one value":       "{}{}",
		"an unknown field":          `{"path":"a"}`,
		"a field in capitals":       `{"Bytes":1}`,
		"a field that comes twice":  `{"bytes":1,"bytes":2}`,
		"not UTF-8":                 "{\"message\":\"\xff\"}",
		"an unknown error":          `{"error":"odd"}`,
		"a size below zero":         `{"bytes":-1}`,
		"a fraction for a size":     `{"bytes":0.5}`,
		"a size that overflows":     `{"bytes":9223372036854775808}`,
		"a file without a path":     `{"files":[{"bytes":1}]}`,
		"a file below zero":         `{"files":[{"path":"a","bytes":-1}]}`,
		"a path upwards":            file("../a"),
		"an absolute path":          file("/a"),
		"a name of a device":        file("NUL"),
		"a path with NUL":           file(`a\u0000b`),
		"a path turned round":       file(`a\u202eb`),
		"files one too many":        list(protocol.MaxListed+1, `{"path":"a","bytes":1}`),
		"far too many empty files":  list(protocol.MaxDoneBytes/4, "{}"),
		"far too many numbers":      list(protocol.MaxDoneBytes/4, "0"),
		"far too many nulls":        list(protocol.MaxDoneBytes/8, "null"),
		"commas behind an odd text": `{"message":"\\\"","files":[` + strings.Repeat("0,", protocol.MaxDoneBytes/4) + "0]}",
	} {
		if done, err := protocol.DecodeDone([]byte(payload)); err == nil {
			t.Errorf("%s: taken as %d files, %q", name, len(done.Files), done.Message)
		}
	}
	// A megabyte that is refused is refused before it is unpacked.
	hostile := []byte(list(protocol.MaxDoneBytes/4, "0"))
	if allocated := testing.AllocsPerRun(1, func() { _, _ = protocol.DecodeDone(hostile) }); allocated > 100 {
		t.Errorf("%v allocations", allocated)
	}
}
