package protocol_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/protocol"
)

func TestAnOutputIsAHeaderAndUnchangedParts(t *testing.T) {
	at := slices.IndexFunc(goldenFrames(t), func(g golden) bool { return g.Name == "OUTPUT" })
	output, err := protocol.DecodeOutput([]byte(goldenFrames(t)[at].Payload))
	want := `{display [{application/json {"a":1}} {image/png png} {text/html <p>ü</p>}] {"image/png":{"width":2}}}`
	if got := fmt.Sprintf("%s", output); err != nil || got != want {
		t.Errorf("read %s, want %s (%v)", got, want, err)
	}
}

func TestDecodeOutputTakesNothingButAWorkersWord(t *testing.T) {
	if output, err := protocol.DecodeOutput([]byte(`{"kind":"result","parts":{"image/png":2}}` + "\n\xff\x00")); err != nil || len(output.Metadata) > 0 {
		t.Fatalf("%+v, %v", output, err)
	}
	many := `"a/a":0`
	for i := range protocol.MaxOutputParts {
		many += fmt.Sprintf(`,"a/b%d":0`, i)
	}
	for name, payload := range map[string]string{
		"empty":                       "",
		"no head line":                `{"kind":"display","parts":{"text/plain":0}}`,
		"not JSON":                    "text/plain\n",
		"a list for the whole head":   "[]\n",
		"no kind":                     `{"parts":{"text/plain":0}}` + "\n",
		"an unknown kind":             `{"kind":"stream","parts":{"text/plain":0}}` + "\n",
		"an unknown field":            `{"kind":"display","parts":{"text/plain":0},"id":1}` + "\n",
		"two kinds":                   `{"kind":"display","kind":"result","parts":{"text/plain":0}}` + "\n",
		"a kind in capitals":          `{"Kind":"display","parts":{"text/plain":0}}` + "\n",
		"no parts":                    `{"kind":"display"}` + "\n",
		"no parts in an object":       `{"kind":"display","parts":{}}` + "\n",
		"too many parts":              `{"kind":"display","parts":{` + many + `}}` + "\n",
		"a type that appears twice":   `{"kind":"display","parts":{"text/plain":1,"text/plain":1}}` + "\nab",
		"a type in capitals":          `{"kind":"display","parts":{"Text/plain":1}}` + "\na",
		"a type with a parameter":     `{"kind":"display","parts":{"text/plain;charset=utf-8":1}}` + "\na",
		"a type with a line break":    `{"kind":"display","parts":{"text/plain\n":1}}` + "\na",
		"a type with a quote":         `{"kind":"display","parts":{"text/\"":1}}` + "\na",
		"a type without a slash":      `{"kind":"display","parts":{"png":1}}` + "\na",
		"a type that is too long":     `{"kind":"display","parts":{"text/` + strings.Repeat("x", 100) + `":1}}` + "\na",
		"text that is not UTF-8":      `{"kind":"display","parts":{"text/plain":1}}` + "\n\xff",
		"an SVG that is not UTF-8":    `{"kind":"display","parts":{"image/svg+xml":1}}` + "\n\xff",
		"a size below zero":           `{"kind":"display","parts":{"text/html":-1,"text/plain":1}}` + "\n",
		"a size over the data":        `{"kind":"display","parts":{"text/plain":2}}` + "\na",
		"a size that overflows":       `{"kind":"display","parts":{"text/plain":9223372036854775807}}` + "\na",
		"a fraction for a size":       `{"kind":"display","parts":{"text/plain":0.5}}` + "\na",
		"data left over":              `{"kind":"display","parts":{"text/plain":1}}` + "\nab",
		"metadata over the data":      `{"kind":"display","parts":{"text/plain":1},"metadata_bytes":2}` + "\nab",
		"metadata of less than zero":  `{"kind":"display","parts":{"text/plain":1},"metadata_bytes":-1}` + "\na",
		"a head over its cap":         `{"kind":"display","parts":{"text/plain":1}` + strings.Repeat(" ", protocol.MaxOutputHeadBytes) + "}\na",
		"a bracket after the head":    `{"kind":"display","parts":{"text/plain":1}}}` + "\na",
		"a head that is not UTF-8":    "{\"kind\":\"display\",\"parts\":{\"text/\xff\":1}}\na",
		"a type in the cyrillic text": `{"kind":"display","parts":{"tеxt/plain":1}}` + "\na",
	} {
		if output, err := protocol.DecodeOutput([]byte(payload)); err == nil {
			t.Errorf("%s: accepted as %+v", name, output)
		}
	}
}

func TestEachTypeIsTextOrJSONOrBinary(t *testing.T) {
	for mime, want := range map[string]string{
		"text/plain": "text", "text/html": "text", "text/markdown": "text", "image/svg+xml": "text", "application/javascript": "text",
		"application/json": "json", "application/vnd.plotly.v1+json": "json", "text/vnd.odd+json": "json",
		"image/png": "binary", "image/jpeg": "binary", "application/pdf": "binary", "audio/wav": "binary", "application/octet-stream": "binary",
	} {
		got := "binary"
		if protocol.TextType(mime) {
			got = "text"
		}
		if protocol.JSONType(mime) {
			got = strings.TrimSuffix("json "+got, " binary")
		}
		if got != want {
			t.Errorf("%s: %s, want %s", mime, got, want)
		}
	}
}
