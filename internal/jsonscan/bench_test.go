package jsonscan_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/jsonscan"
)

// texts returns typical bodies, and those that cost a parser most.
func texts() map[string][]byte {
	list := func(n int, item func(int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	members := list(70_000, func(i int) string { return fmt.Sprintf(`"name%d":%d`, i, i) })
	return map[string][]byte{
		"text":     []byte(`["` + strings.Repeat("0123456789abcdef", 1<<16) + `"]`),
		"control":  []byte(`["` + strings.Repeat(`\u0001`, 1<<20/6) + `"]`),
		"foreign":  []byte(`["` + strings.Repeat("Übergrößenträger ", 1<<20/20) + `"]`),
		"integers": []byte(list(180_000, func(i int) string { return fmt.Sprint(i) })),
		"objects":  []byte(list(70_000, func(i int) string { return fmt.Sprintf(`{"a":%d,"b":1.5}`, i) })),
		"members":  []byte("{" + members[1:len(members)-1] + "}"),
	}
}

// BenchmarkScan compares the cost of checking a body here and with the standard
// library.
func BenchmarkScan(b *testing.B) {
	for name, text := range texts() {
		for _, by := range []struct {
			name  string
			check func([]byte) error
		}{
			{"jsonscan", func(text []byte) error { return jsonscan.Check(text, jsonscan.MaxDepth) }},
			{"jsonscan_names", func(text []byte) error {
				r := jsonscan.NewReader(text)
				var seen jsonscan.Names
				r.Object(func(name jsonscan.Name) { seen.Add(r, name) })
				return r.End()
			}},
			{"json.Valid", func(text []byte) error {
				if !json.Valid(text) {
					return fmt.Errorf("invalid")
				}
				return nil
			}},
			{"json.Unmarshal", func(text []byte) error { var raw json.RawMessage; return json.Unmarshal(text, &raw) }},
		} {
			b.Run(name+"/"+by.name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					if err := by.check(text); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
