package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hotcell/hotcell/internal/jsonscan"
)

func TestErrorsNameTheByteThatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "0: unexpected end",
		"  ":                  "2: unexpected end",
		"{":                   "1: unexpected end",
		`{"a`:                 "3: unexpected end",
		`{"a"`:                "4: unexpected end",
		`{"a":`:               "5: unexpected end",
		`{"a":1`:              "6: unexpected end",
		`{"a":1,`:             "7: unexpected end",
		`"\`:                  "2: unexpected end",
		`"\u12`:               "5: unexpected end",
		`-`:                   "1: unexpected end",
		`1.`:                  "2: unexpected end",
		`1e+`:                 "3: unexpected end",
		`tru`:                 "3: unexpected end",
		`{a`:                  "1: invalid character 'a' looking for beginning of object key",
		`{"a" 1`:              "5: invalid character '1' after object key",
		`{"a":1 "b"`:          `7: invalid character '"' after object key:value pair`,
		`{"a":1]`:             "6: invalid character ']' after object key:value pair",
		`[1}`:                 "2: invalid character '}' after array element",
		`[1,]`:                "3: invalid character ']' looking for beginning of value",
		`{"a":1,}`:            "7: invalid character '}' looking for beginning of object key",
		`[01]`:                "2: invalid character '1' after array element",
		`[-a]`:                "2: invalid character 'a' in numeric literal",
		`[1.e]`:               "3: invalid character 'e' after decimal point",
		`[1ex]`:               "3: invalid character 'x' in exponent",
		`[nul]`:               "4: invalid character ']' in literal null",
		"\"a\tb\"":            `2: invalid character '\t' in string`,
		`"\x"`:                "2: invalid character 'x' in string escape",
		`"\u00g0"`:            `5: invalid character 'g' in \u hexadecimal`,
		`1 2`:                 "2: invalid character '2' after top-level",
		"\ufeff1":             "0: a byte order mark",
		"\"a\xc3\"":           "2: not valid UTF-8",
		nested(10_001):        "10000: exceeded max depth",
		`"é` + "\u0001" + `"`: `3: invalid character '\x01'`,
	} {
		err := jsonscan.Check([]byte(text), jsonscan.MaxDepth)
		if err == nil || !strings.HasPrefix(err.Error(), "offset "+want) {
			t.Errorf("%.30q: %v, want %s", text, err, want)
		}
	}
}

func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestNestingIsLimited(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		ok   bool
	}{{"1", 0, true}, {"[]", 0, false}, {`{"a":[]}`, 2, true}, {`{"a":[]}`, 1, false}, {nested(10_000), jsonscan.MaxDepth, true}, {`[[],[[]],{"a":{}}]`, 3, true}} {
		if err := jsonscan.Check([]byte(c.text), c.most); (err == nil) != c.ok {
			t.Errorf("%.30s, at most %d: %v", c.text, c.most, err)
		}
	}
	r := jsonscan.NewReader([]byte(`[[[]],{"a":[[1]]},2]`))
	var depths []int
	r.Array(func(int) { _, depth := r.Skip(); depths = append(depths, depth) })
	if !slices.Equal(depths, []int{2, 3, 0}) || r.End() != nil {
		t.Errorf("%v, %v", depths, r.End())
	}
}

func TestMembersAndItemsAreReadOrSkipped(t *testing.T) {
	r := jsonscan.NewReader([]byte(` { "a" : [1, "x\n\u00e9\ud83d\ude00", {"b": 2} ] , "\u0063" : {"d":null}, "e":1.5e3, "f": {} , "g": [] } `))
	var got []string
	r.Object(func(name jsonscan.Name) {
		switch {
		case name.Is("a"):
			r.Array(func(n int) {
				if r.Kind() == jsonscan.String {
					got = append(got, fmt.Sprint(n, r.Text()))
				}
			})
		case name.Is("c"):
			r.Object(func(name jsonscan.Name) { got = append(got, name.String()+r.Kind().String()) })
		case name.Is("e"):
			value, _ := r.Skip()
			got = append(got, string(value))
		default:
			got = append(got, name.String())
		}
	})
	if want := []string{"1x\né😀", "dnull", "1.5e3", "f", "g"}; !slices.Equal(got, want) || r.End() != nil {
		t.Errorf("%q, %v", got, r.End())
	}
}

func TestAValueOfAnotherKindHasNoMembers(t *testing.T) {
	r := jsonscan.NewReader([]byte(`[1, {"a": 2}, "x"]`))
	r.Array(func(n int) {
		if n == 1 {
			r.Array(func(int) { t.Error("an item of an object") })
			return
		}
		r.Object(func(jsonscan.Name) { t.Error("a member of no object") })
	})
	if err := r.End(); err != nil {
		t.Error(err)
	}
}

func TestNothingIsReadAfterAnError(t *testing.T) {
	calls := 0
	r := jsonscan.NewReader([]byte(`{"a": 1, "b": x, "c": 2}`))
	r.Object(func(jsonscan.Name) { calls++; r.Skip() })
	if r.Object(func(jsonscan.Name) { calls++ }); calls != 2 {
		t.Errorf("%d members", calls)
	}
	var e *jsonscan.Error
	if err := r.End(); !errors.As(err, &e) || e.Offset != 14 {
		t.Error(err)
	}
}

func TestLoneSurrogatesAreFound(t *testing.T) {
	for text, want := range map[string]int{
		`"\ud83d\ude00"`:           -1,
		`"\ud83d"`:                 1,
		`["a", "\\ud83d\ude00"]`:   14,
		`{"\ud83d\ud83d\ude00":1}`: 2,
		`"\ud83dx\ude00"`:          1,
		`"\ud83d\n"`:               1,
		`"\uD83D\uDE00\uDFFF"`:     13,
		`"\u00e9"`:                 -1,
	} {
		r := jsonscan.NewReader([]byte(text))
		if r.Skip(); r.End() != nil || r.LoneSurrogate() != want {
			t.Errorf("%s: %d, want %d; %v", text, r.LoneSurrogate(), want, r.End())
		}
	}
}

func TestNamesThatAppearTwiceAreFound(t *testing.T) {
	for _, n := range []int{3, 8, 9, 49, 1000, 100_000} {
		var text strings.Builder
		text.WriteString("{")
		for i := range n {
			fmt.Fprintf(&text, `"n%d": %d, `, i, i)
		}
		text.WriteString(`"last": 0, "\u006e1": 0, "n2":1, "last": 1}`)
		r := jsonscan.NewReader([]byte(text.String()))
		var seen jsonscan.Names
		var twice []string
		r.Object(func(name jsonscan.Name) {
			if seen.Add(r, name) {
				twice = append(twice, name.String())
			}
		})
		if !slices.Equal(twice, []string{"n1", "n2", "last"}) || r.End() != nil {
			t.Errorf("of %d: %q, %v", n, twice, r.End())
		}
	}
}

func TestPointersLeadToTheOffset(t *testing.T) {
	text := []byte(`{"a": [1, {"b/~": "x", "c": [[], "here"]}], "d": {}}`)
	for at, want := range map[string]string{"1, ": "/a/0", `"x"`: "/a/1/b~1~0", `b/~`: "/a/1/b~1~0", "here": "/a/1/c/1", "{}": "/d", `d": {`: "/d"} {
		if got := jsonscan.Pointer(text, bytes.Index(text, []byte(at))); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
	if got := jsonscan.Pointer([]byte(nested(5000)), 4999); len(got) > 100 {
		t.Errorf("%d bytes", len(got))
	}
	if got := jsonscan.Append("/a", strings.Repeat("é", 1000)); len(got) > 250 || !utf8.ValidString(got) {
		t.Errorf("%q", got)
	}
}

func FuzzTheGrammarIsThatOfEncodingJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e-3,true,null,"\u00e9"],"":{}}`, `[1,]`, `{"a":01}`, "\"\x01\"", "[-0.0E+1, \"\\ud800\"]", `{"a":1,"a":[{}]}`, "\"0123456\x1f\"", `"01234567\"` + "\xff"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		err := jsonscan.Check(text, jsonscan.MaxDepth)
		if want := json.Valid(text) && utf8.Valid(text); (err == nil) != want {
			t.Fatalf("%q: %v, and encoding/json: %v", text, err, want)
		}
		var e *jsonscan.Error
		if errors.As(err, &e) && e.Offset > len(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(text, &members) != nil || members == nil {
			return
		}
		got := make(map[string]json.RawMessage)
		r := jsonscan.NewReader(text)
		r.Object(func(name jsonscan.Name) {
			n := name.String()
			got[n], _ = r.Skip()
		})
		if !maps.EqualFunc(got, members, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Fatalf("%q: %q, want %q", text, got, members)
		}
		var texts map[string]string
		if json.Unmarshal(text, &texts) == nil {
			for name, value := range members {
				if value[0] == '"' && jsonscan.Unquote(value) != texts[name] {
					t.Fatalf("%s: %q, want %q", value, jsonscan.Unquote(value), texts[name])
				}
			}
		}
	})
}
