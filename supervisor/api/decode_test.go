package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/jsonwriter"
)

var testProfiles = []config.Profile{config.Default().Profile, {Name: "plain", Default: config.Default().Profile.Default, Max: config.Default().Profile.Max}}

func TestEveryFieldOfARequestIsRead(t *testing.T) {
	given, problem := DecodeExecution([]byte(` {
		"script": "def main(a): return a", "args": [123456789012345678901234567890, 1.50], "kwargs": {"k": 1},
		"stdin": "in\u0000", "env": {"A": "=b", "a/~": ""}, "collect": ["out/**", "*.csv"],
		"files": [{"path": "a/\u00fc.txt", "content": "text\n"}, {"encoding": "base64", "content": "AP8=", "path": "b"}, {"path": "a/c", "content": "", "encoding": "utf-8"}],
		"limits": {"wall_ms": 1500, "cpu_ms": 1, "memory_bytes": 33554432, "output_bytes": 1, "result_bytes": 2, "files_bytes": 4, "disk_bytes": 65536, "processes": 3},
		"profile": "plain"} `), testProfiles)
	if problem != nil {
		t.Fatal(problem)
	}
	job := given.Job
	if given.Profile != "plain" || job.Script != "def main(a): return a" || string(job.Args) != "[123456789012345678901234567890, 1.50]" ||
		string(job.Kwargs) != `{"k": 1}` || job.Stdin != "in\x00" || !maps.Equal(job.Env, map[string]string{"A": "=b", "a/~": ""}) {
		t.Errorf("%+v", given)
	}
	if want := []protocol.File{{Path: "a/ü.txt", Content: []byte("text\n")}, {Path: "b", Content: []byte{0, 255}}, {Path: "a/c", Content: []byte{}}}; !reflect.DeepEqual(job.Files, want) {
		t.Errorf("files %+v", job.Files)
	}
	if !slices.Equal(job.Collect, []string{"out/**", "*.csv"}) {
		t.Errorf("collect %q", job.Collect)
	}
	l := job.Limits
	if l.Wall != 1500*time.Millisecond || l.CPU != time.Millisecond || l.MemoryBytes != 32<<20 || l.OutputBytes != 1 || l.ResultBytes != 2 || l.FilesBytes != 4 || l.DiskBytes != 65536 || l.Processes != 3 {
		t.Errorf("%+v", l)
	}
}

func TestWhatIsNotAskedForHasItsDefault(t *testing.T) {
	given, problem := DecodeExecution([]byte(`{"script": "", "limits": {"processes": 128}}`), testProfiles)
	want := testProfiles[0].Default
	want.Processes = 128
	if problem != nil || given.Profile != "default" || given.Job.Limits != want || given.Job.Args != nil || given.Job.Kwargs != nil {
		t.Errorf("%+v, %v", given, problem)
	}
}

func TestWhatIsNoObjectIsRefusedWithItsPlace(t *testing.T) {
	for body, want := range map[string]string{
		"":                               "line 1, column 1: unexpected end",
		"{\"script\":\n  \"é\", oops}":   "line 2, column 8: invalid character 'o'",
		"{\"script\": \"a\"":             "line 1, column 15: unexpected end",
		"{\"script\": \"a\"} {}":         "line 1, column 17: invalid character '{' after top-level value",
		"\ufeff{}":                       "line 1, column 1: a byte order mark",
		"{\"é\": \"\xff\"}":              "line 1, column 8: not valid UTF-8",
		"[1]":                            "line 1, column 1: the body must be an object, not an array",
		"\n null":                        "line 2, column 2: the body must be an object, not null",
		`"text"`:                         "the body must be an object, not a string",
		`{"script": "a", "args": [NaN]}`: "invalid character 'N'",
		`{'script': 'a'}`:                "line 1, column 2: invalid character '\\''",
		"{\"script\": \"a\nb\"}":         "line 1, column 14: invalid character '\\n' in string",
		strings.Repeat("[", 20000):       "exceeded max depth",

		`{"script": "", "last_expression": tru}`: "line 1, column 38: invalid character '}'",
		`{"script": "", "last_expression": f`:    "line 1, column 36: unexpected end",
	} {
		_, problem := DecodeExecution([]byte(body), testProfiles)
		if problem == nil || problem.Code != CodeInvalidJSON || !strings.Contains(problem.Detail, want) {
			t.Errorf("%.40q: %v, want %s", body, problem, want)
		}
	}
}

func TestEveryFaultOfARequestIsNamedByPointer(t *testing.T) {
	const ok = `"script": ""`
	many := make([]string, 257)
	for i := range many {
		many[i] = fmt.Sprintf(`"V%d": ""`, i)
	}
	file := func(path string) string { return `{"path": "` + path + `", "content": "x"}` }
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	cases := []struct {
		body   string
		code   Code
		errors []string // pointer: part of the message
	}{
		{`{}`, CodeInvalidRequest, []string{"/script: missing"}},
		{`{"Script": ""}`, CodeInvalidRequest, []string{"/Script: unknown field", "/script: missing"}},
		{`{"script": 1}`, CodeInvalidRequest, []string{"/script: must be a string, not a number"}},
		{`{"script": null}`, CodeInvalidRequest, []string{"/script: must be a string, not null"}},
		{`{` + ok + `, "script": ""}`, CodeInvalidRequest, []string{"/script: appears twice"}},
		{`{` + ok + `, "args": {}}`, CodeInvalidRequest, []string{"/args: must be an array, not an object"}},
		{`{` + ok + `, "kwargs": []}`, CodeInvalidRequest, []string{"/kwargs: must be an object, not an array"}},
		{`{` + ok + `, "kwargs": {"a": 1, "a": 2}}`, CodeInvalidRequest, []string{"/kwargs/a: appears twice"}},
		{`{` + ok + `, "args": [` + deep(500) + `]}`, CodeInvalidRequest, []string{"/args: is nested 501 levels deep; the maximum is 500"}},
		{`{` + ok + `, "stdin": true}`, CodeInvalidRequest, []string{"/stdin: must be a string, not a boolean"}},
		{`{` + ok + `, "env": {"": "", "A=B": "", "N\u0000": "", "V": "\u0000", "n": 1, "a/b~c": null}}`, CodeInvalidRequest,
			[]string{"/env/: needs a name", "/env/A=B: the name of an environment variable must not contain = or NUL", "/env/N\x00: the name of an environment variable must not contain = or NUL", "/env/V: NUL", "/env/n: must be a string", "/env/a~1b~0c: must be a string"}},
		{`{` + ok + `, "env": {` + strings.Join(many, ",") + `}}`, CodeInvalidRequest, []string{"/env: 257 variables"}},
		{`{` + ok + `, "files": {}, "collect": "*"}`, CodeInvalidRequest, []string{"/files: must be an array", "/collect: must be an array"}},
		{`{` + ok + `, "files": [1, {}, {"path": 1, "content": 2, "encoding": 3, "mode": 4}]}`, CodeInvalidRequest,
			[]string{"/files/0: must be an object", "/files/1/path: missing", "/files/1/content: missing", "/files/2/path: must be a string",
				"/files/2/content: must be a string", "/files/2/encoding: must be a string", "/files/2/mode: unknown field"}},
		{`{` + ok + `, "files": [` + file("/etc/passwd") + "," + file("../x") + "," + file("") + "," + file(`a\u0000`) + "," + file("a//b") + "," + file(strings.Repeat("x", 256)) + `]}`, CodeInvalidRequest,
			[]string{`/files/0/path: "/etc/passwd" is not allowed`, "/files/1/path: relative", "/files/2/path: without empty", "/files/3/path: control characters", "/files/4/path: without empty", "/files/5/path: a part of 256 bytes"}},
		{`{` + ok + `, "files": [` + file("a") + "," + file("a") + "," + file("a/b") + "," + file("c/d") + "," + file("c") + `]}`, CodeInvalidRequest,
			[]string{"/files/1/path: given twice", "/files/2/path: another file as a directory", "/files/4/path: is a directory in the path of another"}},
		{`{` + ok + `, "files": [{"path": "a", "content": "AP8", "encoding": "base64"}, {"path": "b", "content": "", "encoding": "hex"}]}`, CodeInvalidRequest,
			[]string{"/files/0/content: not valid base64", `/files/1/encoding: is "hex"; must be "utf-8" or "base64"`}},
		{`{` + ok + `, "files": [` + strings.Repeat(file("a")+",", 100) + file("a") + `]}`, CodeInvalidRequest, []string{"/files: 101 items"}},
		{`{` + ok + `, "limits": {"disk_bytes": 65536}, "files": [{"path": "a", "content": "` + strings.Repeat("x", 61441) + `"}, {"path": "b", "content": "y"}]}`, CodeInvalidRequest,
			[]string{"/files: need 69632 bytes of disk; limits.disk_bytes is 65536"}},
		{`{` + ok + `, "collect": [1, "", "/etc/*", "a/../b", "a\u0000b"]}`, CodeInvalidRequest,
			[]string{"/collect/0: must be a string", "/collect/1: has 0 bytes", "/collect/2: below the working directory", "/collect/3: below", "/collect/4: below"}},
		{`{` + ok + `, "profile": 1}`, CodeInvalidRequest, []string{"/profile: must be a string"}},
		{`{` + ok + `, "profile": "nix"}`, CodeUnknownProfile, []string{`/profile: "default", "plain"`}},
		{`{` + ok + `, "limits": []}`, CodeInvalidRequest, []string{"/limits: must be an object"}},
		{`{` + ok + `, "limits": {"wall": 1}}`, CodeInvalidRequest, []string{"/limits/wall: unknown limit"}},
		{`{` + ok + `, "limits": {"wall_ms": "1"}}`, CodeInvalidRequest, []string{"/limits/wall_ms: must be a number, not a string"}},
		{`{` + ok + `, "limits": {"wall_ms": 1.0, "cpu_ms": 1e3, "processes": 0, "disk_bytes": -5}}`, CodeInvalidRequest,
			[]string{"/limits/wall_ms: whole number", "/limits/cpu_ms: whole number", "/limits/processes: at least 1", "/limits/disk_bytes: at least"}},
		{`{` + ok + `, "limits": {"wall_ms": -99999999999999999999999}}`, CodeInvalidRequest, []string{"/limits/wall_ms: at least 1"}},
		{`{` + ok + `, "limits": {"wall_ms": 60001}}`, CodeLimitTooHigh, []string{"/limits/wall_ms: is 60001; the maximum is 60000"}},
		{`{` + ok + `, "limits": {"memory_bytes": 99999999999999999999999}}`, CodeLimitTooHigh, []string{"/limits/memory_bytes: is 99999999999999999999999; the maximum is 1073741824"}},
		{`{` + ok + `, "limits": {"wall_ms": 60001}, "profile": "nix"}`, CodeUnknownProfile, []string{"/profile: unknown profile", "/limits/wall_ms: maximum"}},
		{`{` + ok + `, "limits": {"wall_ms": 60001}, "x": 1}`, CodeInvalidRequest, []string{"/x: unknown field", "/limits/wall_ms: maximum"}},
		{`{"script": "` + strings.Repeat("#", maxScript+1) + `"}`, CodeTooLarge, []string{"/script: 1048577 bytes"}},
	}
	for _, c := range cases {
		_, problem := DecodeExecution([]byte(c.body), testProfiles)
		if problem == nil || problem.Code != c.code || len(problem.Errors) != len(c.errors) {
			t.Errorf("%.100s: %+v", c.body, problem)
			continue
		}
		for i, want := range c.errors {
			pointer, message, _ := strings.Cut(want, ": ")
			if got := problem.Errors[i]; got.Pointer != pointer || !strings.Contains(got.Message, message) {
				t.Errorf("%.100s: %+v, want %s", c.body, got, want)
			}
		}
	}
}

func TestWhatIsJustAllowedIsTaken(t *testing.T) {
	for name, body := range map[string]string{
		"a script of 1 MiB":          `{"script": "` + strings.Repeat("#", maxScript) + `"}`,
		"maxima":                     `{"script": "", "limits": {"wall_ms": 60000, "memory_bytes": 1073741824}}`,
		"arguments nested 500 deep":  `{"script": "", "args": ` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
		"brackets in strings":        `{"script": "", "args": ["\"` + strings.Repeat("[", 600) + `\\"]}`,
		"duplicates below arguments": `{"script": "", "args": [{"a": 1, "a": 2}]}`,
		"escaped names":              `{"\u0073cript": ""}`,
	} {
		if _, problem := DecodeExecution([]byte(body), testProfiles); problem != nil {
			t.Errorf("%s: %v", name, problem)
		}
	}
}

func FuzzRequestsAreTakenOrRefusedAndNeverPanic(f *testing.F) {
	f.Add(`{"script": "", "args": [1], "env": {"A": "b"}, "limits": {"wall_ms": 5}}`)
	f.Add(`{"script": "\ud800", "kwargs": {"a": {}}, "profile": "plain"}`)
	f.Add(`{"script": "", "files": [{"path": "a/b", "content": "AA==", "encoding": "base64"}], "collect": ["**/[!a]*"]}`)
	f.Add(`{"script": "", "last_expression": true, "stdin": ""}`)
	f.Add("{\"script\":\n1e5, \"limits\": {\"wall_ms\": -0}}")
	f.Fuzz(func(t *testing.T, body string) {
		given, problem := DecodeExecution([]byte(body), testProfiles)
		if problem != nil {
			if problem.Status == 0 || problem.Detail == "" {
				t.Errorf("%+v", problem)
			}
			return
		}
		if !json.Valid([]byte(body)) || !slices.ContainsFunc(testProfiles, func(p config.Profile) bool { return p.Name == given.Profile }) {
			t.Errorf("taken: %q", body)
		}
		for _, l := range config.Limits {
			if n := l.Amount(&given.Job.Limits); n < l.Least || n > l.Amount(&testProfiles[0].Max) {
				t.Errorf("%s = %d", l.Wire, n)
			}
		}
	})
}

// Reporting the errors of a large body costs about as much as reading it, although a
// body can have an error in every few bytes.
func TestFaultsAreToldUpToABound(t *testing.T) {
	var unknown, variables strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&unknown, `"f%d": 1, `, i)
		fmt.Fprintf(&variables, `"=%d": 1, `, i)
	}
	long := strings.Repeat("é", 100_000)
	for name, body := range map[string]string{
		"unknown fields":   `{` + unknown.String() + `"script": ""}`,
		"variables":        `{"env": {` + variables.String() + `"a": 1}, "script": ""}`,
		"limits":           `{"limits": {` + unknown.String() + `"a": 1}, "script": ""}`,
		"twice":            `{"script": "", "kwargs": {` + strings.Repeat(`"a": 1, `, 200_000) + `"b": 1}}`,
		"a long name":      `{"script": "", "` + long + `": 1}`,
		"a long pattern":   `{"script": "", "collect": ["/` + long + `"]}`,
		"a long path":      `{"script": "", "files": [{"path": "/` + long + `", "content": "", "encoding": "` + long + `"}]}`,
		"a long number":    `{"script": "", "limits": {"wall_ms": ` + strings.Repeat("1", 200_000) + `}}`,
		"a long profile":   `{"script": "", "profile": "` + long + `"}`,
		"a long file name": `{"script": "", "files": [{"path": "` + long + `", "content": ""}]}`,
	} {
		var problem *Problem
		allocated := testing.AllocsPerRun(1, func() { _, problem = DecodeExecution([]byte(body), testProfiles) })
		if problem == nil || len(problem.Errors) == 0 || len(problem.Errors) > 20 || jsonwriter.Size(func(w *jsonwriter.Writer) { problem.Encode(w, "id") }) > 16<<10 {
			t.Errorf("%s: %.300v, %d faults", name, problem, len(problem.Errors))
		}
		if allocated > 1500 {
			t.Errorf("%s: %v allocations", name, allocated)
		}
	}
}

func TestManyArgumentsCostNothingForEach(t *testing.T) {
	var members strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&members, `"name%d": %d, `, i, i)
	}
	body := []byte(`{"script": "", "kwargs": {` + members.String() + `"a": 1}}`)
	allocated := testing.AllocsPerRun(1, func() {
		if given, problem := DecodeExecution(body, testProfiles); problem != nil || len(given.Job.Kwargs) < members.Len() {
			t.Error(problem)
		}
	})
	if allocated > 100 {
		t.Errorf("%v allocations", allocated)
	}
}

func TestHalfACharacterIsRefusedWithItsPointer(t *testing.T) {
	for body, want := range map[string]string{
		`{"script": "", "files": [{"path": "a", "content": ""}, {"path": "\ud800", "content": ""}]}`: "/files/1/path",
		`{"script": "", "kwargs": {"a": [1, {"b\udfff": 2}]}}`:                                       "/kwargs/a/1/b\ufffd",
		`{"script": "print('\uD83D')"}`:                                                              "/script",
	} {
		_, problem := DecodeExecution([]byte(body), testProfiles)
		if problem == nil || problem.Code != CodeInvalidRequest || len(problem.Errors) != 1 || problem.Errors[0].Pointer != want {
			t.Errorf("%s: %+v", body, problem)
		}
	}
}

// A key may have lower limits than its profile, and fewer profiles than there are.
func TestARequestMayHaveWhatItsKeyMay(t *testing.T) {
	own := slices.Clone(testProfiles[1:])
	own[0].Max.Wall = time.Second
	given, problem := DecodeExecution([]byte(`{"script": "", "limits": {"wall_ms": 1001}}`), own)
	if problem == nil || problem.Code != CodeLimitTooHigh || !strings.Contains(problem.Detail, "1000") {
		t.Errorf("%+v, %v", given, problem)
	}
	_, problem = DecodeExecution([]byte(`{"script": "", "profile": "default"}`), own)
	if problem == nil || problem.Code != CodeUnknownProfile || !strings.HasSuffix(problem.Detail, `unknown profile "default"; available: "plain"`) {
		t.Errorf("%v", problem)
	}
}

// A session keeps its variables until the first call, so they are small.
func TestTheVariablesOfASessionAreBounded(t *testing.T) {
	for size, want := range map[int]Code{maxSessionEnv - 1: "", maxSessionEnv: CodeInvalidRequest} {
		body := fmt.Sprintf(`{"env": {"A": %q}}`, strings.Repeat("x", size))
		_, problem := DecodeSession([]byte(body), testProfiles, time.Hour, time.Hour)
		if got := problem; (got == nil) != (want == "") || got != nil && got.Code != want {
			t.Errorf("%d bytes: %v", size, problem)
		}
	}
}

func TestALifetimeThatIsRefusedIsNotMissing(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:               "/ttl_s: is missing",
		`{"ttl_s": 0}`:     "/ttl_s: is 0; must be at least 1",
		`{"ttl_s": 3601}`:  "/ttl_s: is 3601; the maximum is 3600",
		`{"ttl_s": "600"}`: `/ttl_s: is "600"; must be a number, not a string`,
	} {
		_, problem := DecodeLifetime([]byte(body), time.Hour)
		if problem == nil || !strings.HasPrefix(problem.Detail, want) || len(problem.Errors) != 1 {
			t.Errorf("%s: %+v", body, problem)
		}
	}
}

// BenchmarkDecodeExecution reads the README's request.
func BenchmarkDecodeExecution(b *testing.B) {
	body := []byte(`{"script": "import pandas as pd\ndef main():\n    data = pd.DataFrame({\"numbers\": [1, 2, 3, 4, 5]})\n    return {\"mean\": data[\"numbers\"].mean(), \"max\": data[\"numbers\"].max()}"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, problem := DecodeExecution(body, testProfiles); problem != nil {
			b.Fatal(problem)
		}
	}
}
