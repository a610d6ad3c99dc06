package supervisor_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hotcell/hotcell/internal/jsonscan"
	"github.com/hotcell/hotcell/internal/testkit"
)

// strictReaders returns commands that print the result of a JSON document as JSON, or
// fail. Python's own reader accepts a lone surrogate, but cannot write it as UTF-8.
func strictReaders(t *testing.T) map[string][]string {
	all := map[string][]string{
		"Python": {testkit.Python(t) + "/bin/python", "-c", "import json, sys; sys.stdout.buffer.write(json.dumps(json.load(sys.stdin)['result'], ensure_ascii=False).encode('utf-8'))"},
		"jq":     {"jq", "-c", ".result"},
		"JS": {"node", "-e", `let text = ""; process.stdin.setEncoding("utf8").on("data", d => text += d).on("end", () => {
			const result = JSON.parse(text).result, out = JSON.stringify(result);
			if (!out.isWellFormed() || JSON.stringify(JSON.parse(out, (_, v) => typeof v === "string" && !v.isWellFormed() ? process.exit(1) : v)) !== out) process.exit(1);
			process.stdout.write(out) })`},
	}
	for name, command := range all {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("%s is not there", command[0])
			delete(all, name)
		}
	}
	return all
}

// A result on which JSON readers disagree is refused. All of them read the others
// alike.
func TestStrictReadersAgreeAboutEveryResult(t *testing.T) {
	s := theService(t)
	for name, c := range map[string]struct{ script, status, want string }{
		"every kind of character":    {`return {"a\x00\u2028": "\x7f\u00e9\ue000\uffff\U0001f600\U0010ffff", "b": ["", "\\ \" /"]}`, "ok", ""},
		"a pair, written as escapes": {`return "\U0001f4a9"`, "ok", ""},
		"a lone surrogate":           {`return {"rows": ["x", "\ud83d"]}`, "not_json", `$.rows[1] contains a lone surrogate, \ud83d`},
		"a lone surrogate in a key":  {`return [{"\udca9": 1}]`, "not_json", `a key of $[0] contains a lone surrogate, \udca9`},
		"a pair in the wrong order":  {`return "\udca9\ud83d"`, "not_json", `$ contains a lone surrogate, \udca9`},
		"an exception's message":     {`raise ValueError("\ud83d")`, "exception", ""},
		"printed":                    {`print("\udcff"); return 1`, "ok", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.as(t).execute("def main():\n    " + c.script)
			if a.http != http.StatusOK || string(a.Status) != c.status || c.want != "" && (a.Error == nil || !strings.Contains(a.Error.Message, c.want)) {
				t.Fatalf("%d %s", a.http, a.body)
			}
			reader := jsonscan.NewReader([]byte(a.body))
			reader.Skip()
			if err := reader.End(); err != nil || !utf8.ValidString(a.body) {
				t.Errorf("%v %q", err, a.body)
			}
			if reader.LoneSurrogate() >= 0 {
				t.Errorf("a lone surrogate in %q", a.body)
			}
			for reader, command := range strictReaders(t) {
				cmd := exec.Command(command[0], command[1:]...)
				cmd.Stdin = strings.NewReader(a.body)
				out, err := cmd.Output()
				if err != nil {
					t.Errorf("%s does not read it: %v\n%s", reader, err, a.body)
					continue
				}
				var got, want any
				if err := json.Unmarshal(out, &got); err != nil {
					t.Errorf("%s: %v", reader, err)
				}
				if err := json.Unmarshal(a.Result, &want); err != nil {
					t.Fatal(err)
				}
				one, _ := json.Marshal(got)
				two, _ := json.Marshal(want)
				if !bytes.Equal(one, two) {
					t.Errorf("%s reads %s, not %s", reader, one, two)
				}
			}
		})
	}
}
