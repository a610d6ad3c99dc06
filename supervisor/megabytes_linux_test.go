package supervisor_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
)

// Large texts take ways of their own through a cell, and so do large files.
func TestLargeArgumentsComeBackAsTheyWere(t *testing.T) {
	s := theService(t)
	session := s.session("{}")
	long := strings.Repeat("0123456789abcdef", 20_000)
	for name, value := range map[string]any{
		"plain":              long,
		"a quote at the end": long + `"`,
		"backslashes":        long + `\\n` + "\n",
		"lines":              strings.Repeat("a line, and \"another\"\r\n", 5_000),
		"every control":      long + "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x1f\x7f",
		"other letters":      strings.Repeat("Übergrößenträger 日本語 😀\u2028", 4_000),
		"looks like a list":  `["` + long + `"]`,
		"within a list":      []any{long, 1, nil},
		"a name":             map[string]any{long: "x"},
		"many objects":       json.RawMessage("[" + strings.Repeat(`{"a":1,"b":"[{"},`, 6_000) + "{}]"),
	} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for way, a := range map[string]answer{
			"execute":           s.execute("def main(x): return x", fields{"args": []any{value}}),
			"call of a session": session.call("def main(x): return x", fields{"args": []any{value}}),
			"keyword argument":  s.execute("def main(*, x): return x", fields{"kwargs": fields{"x": value}}),
		} {
			var got, same any
			if a.Status != "ok" || json.Unmarshal(a.Result, &got) != nil || json.Unmarshal(want, &same) != nil {
				t.Fatalf("%s, %s: %.300s", name, way, a.body)
			}
			if fmt.Sprint(got) != fmt.Sprint(same) {
				t.Errorf("%s, %s: %.100s… of %d bytes, want %d", name, way, a.Result, len(a.Result), len(want))
			}
		}
	}
}

func TestLargeFilesComeBackAsTheyWere(t *testing.T) {
	content := bytes.Repeat([]byte{0, 1, 0xfe, 0xff, 'x'}, 60_001)
	text := strings.Repeat("a line\n", 30_000)
	a := theService(t).execute("def main(): pass", fields{
		"files": []fields{
			{"path": "a.bin", "content": base64.StdEncoding.EncodeToString(content), "encoding": "base64"}, {"path": "b.txt", "content": text}, {"path": "c", "content": ""},
		},
		"collect": []string{"*"},
	})
	want := []client.Collected{
		{Path: "a.bin", Size: int64(len(content)), Content: base64.StdEncoding.EncodeToString(content), Encoding: "base64"},
		{Path: "b.txt", Size: int64(len(text)), Content: text, Encoding: "utf-8"}, {Path: "c", Encoding: "utf-8"},
	}
	if a.Status != "ok" || len(a.Files) != len(want) {
		t.Fatalf("%.300s", a.body)
	}
	for i, file := range a.Files {
		if file != want[i] {
			t.Errorf("%s: %d bytes, %q, %.50q", file.Path, file.Size, file.Encoding, file.Content)
		}
	}
}
