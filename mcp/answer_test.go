package mcp

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotcell/hotcell/client"
)

func TestAnAnswerIsShownAsAssistantsReadIt(t *testing.T) {
	picture := base64.StdEncoding.EncodeToString([]byte("octets"))
	for name, c := range map[string]struct {
		answer string
		text   string // a part of it
		after  string // the types of what follows, and sizes
	}{
		"a result without outputs":  {`{"status":"ok","result":[1,2]}`, "result:\n[1,2]\n", ""},
		"a number":                  {`{"status":"ok","result":6,"outputs":[{"kind":"result","data":{"text/plain":"np.int64(6)"}}]}`, "result:\n6\n", ""},
		"a table":                   {`{"status":"ok","result":[{"a":1}],"outputs":[{"kind":"result","data":{"text/plain":"   a\n0  1","text/html":"<table>"}}]}`, "result:\n   a\n0  1\n", ""},
		"a model":                   {`{"status":"ok","result":null,"outputs":[{"kind":"result","data":{"text/plain":"Model()"}}]}`, "result:\nModel()\n", ""},
		"what is long":              {`{"status":"ok","result":"` + strings.Repeat("x", 2000) + `","outputs":[{"kind":"result","data":{"text/plain":"short"}}]}`, "result:\nshort\n", ""},
		"a figure":                  {`{"status":"ok","outputs":[{"kind":"display","data":{"text/plain":"<Figure>","image/png":"` + picture + `"}}]}`, "shown: picture 1 is below\n", "image/png 6"},
		"markdown":                  {`{"status":"ok","outputs":[{"kind":"display","data":{"text/markdown":"# a"}}]}`, "shown:\n# a\n", ""},
		"what has no plain text":    {`{"status":"ok","outputs":[{"kind":"display","data":{"text/plain":"<IPython.core.display.Markdown object>","text/markdown":"# a"}}]}`, "shown:\n# a\n", ""},
		"nor any other":             {`{"status":"ok","outputs":[{"kind":"display","data":{"text/plain":"<script.f.<locals>.A object at 0x7f01>"}}]}`, "shown:\n<script.f.<locals>.A object at 0x7f01>\n", ""},
		"what says more than that":  {`{"status":"ok","outputs":[{"kind":"result","data":{"text/plain":"<A of 3>","text/html":"<b>"}}]}`, "result:\n<A of 3>\n", ""},
		"JSON":                      {`{"status":"ok","outputs":[{"kind":"display","data":{"application/json":{"a":[1]}}}]}`, "shown:\n{\"a\":[1]}\n", ""},
		"a picture that is none":    {`{"status":"ok","outputs":[{"kind":"display","data":{"text/plain":"p","image/png":"?"}}]}`, "shown:\np\n", ""},
		"a file of text":            {`{"status":"ok","files":[{"path":"a b.csv","size":4,"content":"x,y\n","encoding":"utf-8"}]}`, "file a b.csv, 4 bytes, is below\n", "hotcell:///a%20b.csv text/csv 4"},
		"another file":              {`{"status":"ok","files":[{"path":"o/a.bin","size":6,"content":"` + picture + `","encoding":"base64"}]}`, "file o/a.bin is below\n", "hotcell:///o/a.bin application/octet-stream 6"},
		"a file of a picture":       {`{"status":"ok","files":[{"path":"p.JPG","size":6,"content":"` + picture + `","encoding":"base64"}]}`, "file p.JPG is below\n", "image/jpeg 6"},
		"an error":                  {`{"status":"exception","stdout":"out","error":{"type":"E","message":"m","traceback":""},"outputs":[{"kind":"display","data":{"text/plain":"before"}}]}`, "error:\nE: m\nshown:\nbefore\nstdout:\nout\n", ""},
		"a traceback that is there": {`{"status":"exception","stderr":"Trace\n","error":{"traceback":"Trace\n"}}`, "status: exception\nerror:\nTrace\n", ""},
	} {
		var answer client.Answer
		if err := json.Unmarshal([]byte(c.answer), &answer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		result, _, err := told(&answer, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := result.Content[0].(*sdk.TextContent).Text
		var after []string
		for _, content := range result.Content[1:] {
			after = append(after, described(content))
		}
		if !strings.Contains(text, c.text) || strings.Join(after, "; ") != c.after || strings.Count(text, "Trace") > 1 || result.IsError != (answer.Status != "ok") {
			t.Errorf("%s: %q %q", name, text, after)
		}
	}
}

func described(content sdk.Content) string {
	encoded, _ := json.Marshal(content)
	var c struct {
		MIMEType string
		Data     []byte
		Resource struct {
			URI, MIMEType, Text string
			Blob                []byte
		}
	}
	if json.Unmarshal(encoded, &c) != nil || c.MIMEType != "" {
		return fmt.Sprint(c.MIMEType, " ", len(c.Data))
	}
	return fmt.Sprint(c.Resource.URI, " ", c.Resource.MIMEType, " ", len(c.Resource.Text)+len(c.Resource.Blob))
}

// However much code prints, shows and leaves, an assistant gets what its client takes,
// and is told what is missing.
func TestAnAnswerHasASizeThatClientsTake(t *testing.T) {
	long := strings.Repeat("é\n", 1<<15)
	picture, _ := json.Marshal(base64.StdEncoding.EncodeToString(make([]byte, 300_000)))
	answer := client.Answer{Stdout: long + "the end"}
	for range 50 {
		answer.Outputs = append(answer.Outputs, client.Output{Kind: "display", Data: map[string]json.RawMessage{"image/png": picture}})
		answer.Files = append(answer.Files, client.Collected{Path: "a.bin", Encoding: "base64", Content: base64.StdEncoding.EncodeToString(make([]byte, 300_000)), Size: 300_000},
			client.Collected{Path: "a.txt", Encoding: "utf-8", Content: long, Size: int64(len(long))})
	}
	for range 1000 {
		answer.Files = append(answer.Files, client.Collected{Path: strings.Repeat("a", 200), Encoding: "base64", Size: 1})
	}
	result, _, err := told(&answer, nil)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(result)
	text := result.Content[0].(*sdk.TextContent).Text
	if err != nil || len(encoded) > 1<<20 || len(text) > 80_000 || !utf8.ValidString(text) {
		t.Errorf("%v: %d bytes, %d of text", err, len(encoded), len(text))
	}
	for _, want := range []string{"bytes are left out here", "picture 3, 300000 bytes, is left out", "file a.bin, 300000 bytes, is left out", "the end\n", " more texts and files are left out"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %.2000s", want, text)
		}
	}
}

// The bound holds for everything together, whatever the code makes of names and texts.
func TestNoContentPassesTheBoundOfAnAnswer(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString
	data := func(text string) json.RawMessage { quoted, _ := json.Marshal(text); return quoted }
	controls := strings.Repeat("\x01", 50_000)
	tiny := func(name string, n int, file client.Collected) (all []client.Collected) {
		for i := range n {
			file.Path = fmt.Sprintf("%s%d", name, i)
			all = append(all, file)
		}
		return all
	}
	long := strings.Repeat("%3C", 80)
	picture := client.Output{Kind: "display", Data: map[string]json.RawMessage{"image/png": data(encoded(make([]byte, 690_000)))}}
	for name, answer := range map[string]client.Answer{
		"tiny texts":        {Files: tiny("t", 1000, client.Collected{Encoding: "utf-8", Content: "x", Size: 1})},
		"empty texts":       {Files: tiny("t", 1000, client.Collected{Encoding: "utf-8"})},
		"long names":        {Files: tiny(strings.Repeat(long+"/", 15), 1000, client.Collected{Encoding: "utf-8"})},
		"tiny octets":       {Files: tiny("o", 1000, client.Collected{Encoding: "base64", Content: encoded([]byte{0}), Size: 1})},
		"octets, long name": {Files: tiny(strings.Repeat(long+"/", 15), 1000, client.Collected{Encoding: "base64", Content: encoded([]byte{0}), Size: 1})},
		"tiny pictures":     {Files: tiny("p.png", 1000, client.Collected{Encoding: "base64", Content: encoded([]byte{0}), Size: 1})},
		"controls":          {Stdout: controls, Stderr: controls},
		"a large picture and controls": {Outputs: []client.Output{picture, {Kind: "display", Data: map[string]json.RawMessage{"text/plain": data(controls)}}},
			Stdout: controls, Files: tiny(long, 1000, client.Collected{Encoding: "utf-8", Content: controls, Size: 50_000})},
	} {
		result, _, err := told(&answer, nil)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := json.Marshal(result)
		text := result.Content[0].(*sdk.TextContent).Text
		if err != nil || len(sent) > mostInAll || len(text) > longestTexts+5000 {
			t.Errorf("%s: %v, %d bytes, %d of text", name, err, len(sent), len(text))
		}
		if left := len(answer.Files) > len(result.Content)-1; left && !strings.Contains(text, "more texts and files are left out") {
			t.Errorf("%s: %d pieces, and nothing says that some are left out: %.300s", name, len(result.Content), text)
		}
		if len(text) < 100 {
			t.Errorf("%s: %q", name, text)
		}
	}
}
