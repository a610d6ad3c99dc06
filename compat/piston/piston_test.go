package piston_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat/faked"
	"github.com/hotcell/hotcell/compat/piston"
)

func hotcell() *faked.Hotcell {
	return &faked.Hotcell{
		Info: client.Info{DefaultProfile: "default", Profiles: map[string]client.InfoProfile{"default": {
			Python: "3.11.2", Limits: client.InfoLimits{Max: client.Limits{WallMS: 60_000, CPUMS: 60_000, MemoryBytes: 1 << 30}},
		}}},
		Answer: client.Answer{Ending: client.Ending{Status: client.StatusOK, ExitCode: new(int)}},
	}
}

func send(t *testing.T, h *faked.Hotcell, method, path string, header http.Header, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header = header
	w := httptest.NewRecorder()
	faked.Serve(piston.New(), h).ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func execute(t *testing.T, h *faked.Hotcell, body string) (int, string) {
	t.Helper()
	return send(t, h, "POST", "/api/v2/execute", http.Header{"Content-Type": {"application/json"}}, body)
}

func TestAJobRunsAsAProgram(t *testing.T) {
	h := hotcell()
	code, body := execute(t, h, `{"language": "py", "version": "3.10.0", "stdin": "in", "args": ["a", ""],
		"files": [{"name": "x.bin", "encoding": "hex", "content": "00ff"}, {"content": "print(1)"}, {"name": "./d//y", "encoding": "base64", "content": "AA=="}, {"name": "z", "encoding": "latin1", "content": "é"}],
		"run_timeout": 90000, "run_cpu_time": 1.5, "run_memory_limit": 1000, "compile_timeout": 1, "compile_memory_limit": -1}`)
	if code != http.StatusOK {
		t.Fatalf("answered %d %s", code, body)
	}
	want := client.Request{
		Script: "print(1)", Mode: "program", Stdin: "in\n", Args: []any{"a", ""}, Profile: "default", Env: map[string]string{"PISTON_LANGUAGE": "python"},
		Files:  []client.File{{Path: "x.bin", Content: "AP8=", Encoding: "base64"}, {Path: "file1.code", Content: "print(1)"}, {Path: "d/y", Content: "AA==", Encoding: "base64"}, {Path: "z", Content: "é"}},
		Limits: &client.Limits{WallMS: 60_000, CPUMS: 1, MemoryBytes: 16 << 20},
	}
	if asked := h.Asked(); len(asked) != 1 || !reflect.DeepEqual(asked[0], want) {
		t.Errorf("asked for %+v", asked)
	}
}

func TestHowAProgramEnded(t *testing.T) {
	three, segv, memory, cpu := 3, "SIGSEGV", int64(5), 1.5
	for _, c := range []struct {
		answer client.Answer
		want   string
	}{
		{client.Answer{Ending: client.Ending{Status: client.StatusOK, ExitCode: new(int)}, Usage: client.Usage{WallMS: 2, CPUMS: &cpu, PeakMemoryBytes: &memory}},
			`"code":0,"signal":null,"message":null,"status":null,"cpu_time":1.5,"wall_time":2,"memory":5`},
		{client.Answer{Ending: client.Ending{Status: client.StatusExited, ExitCode: &three}}, `"code":3,"signal":null,"message":"Exited with error status 3","status":"RE",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusException, ExitCode: &three}}, `"code":3,"signal":null,"message":"Exited with error status 3","status":"RE",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusKilled, Signal: &segv}}, `"code":null,"signal":"SIGSEGV","message":"Caught fatal signal SIGSEGV","status":"SG",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusKilled}}, `"code":null,"signal":null,"message":"The program's end is not known","status":"XX",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusTimeout}}, `"code":null,"signal":"SIGKILL","message":"Time limit exceeded","status":"TO",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusMemoryLimit}}, `"code":null,"signal":"SIGKILL","message":"Memory limit exceeded","status":"SG",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusOutputLimit}, Truncated: client.Truncated{Stdout: true}}, `"signal":"SIGKILL","message":"stdout length exceeded","status":"OL",`},
		{client.Answer{Ending: client.Ending{Status: client.StatusOutputLimit}, Truncated: client.Truncated{Stderr: true}}, `"signal":"SIGKILL","message":"stderr length exceeded","status":"EL",`},
	} {
		h := hotcell()
		h.Answer = c.answer
		h.Answer.Stdout, h.Answer.Stderr = "13", "2"
		h.Printed = []client.Event{{Text: "1"}, {Text: "2", Stderr: true}, {Text: "3"}}
		code, body := execute(t, h, `{"language": "python", "version": "*", "files": [{"content": ""}]}`)
		begin := `{"language":"python","version":"3.11.2","run":{"stdout":"13","stderr":"2","output":"123",`
		if code != http.StatusOK || !strings.HasPrefix(body, begin) || !strings.Contains(body, c.want) {
			t.Errorf("%v was answered with %d %s", c.answer.Ending, code, body)
		}
	}
}

func TestTheVersionMayBeAnEarlier3(t *testing.T) {
	for version, runs := range map[string]bool{
		"*": true, "x": true, "3": true, "3.x": true, "3.11": true, "3.11.2": true, "3.11.9": true, "3.10.0": true, "^3.9.4": true, ">=3.0.0": true, "~3.10": true,
		"v3.9": true, "3.12.0": false, "2.7.18": false, "4": false, "3.12.x": false, "latest": false, "<3.12": false, "3.-1": true, "": false, "3.99999999999999999999": false,
	} {
		code, body := execute(t, hotcell(), fmt.Sprintf(`{"language": "python", "version": %q, "files": [{"content": ""}]}`, version))
		if (code == http.StatusOK) != runs {
			t.Errorf("version %q was answered with %d %s", version, code, body)
		}
	}
}

func TestARuntimeIsAProfilesPython(t *testing.T) {
	for asked, want := range map[string]string{"*": "default", "3": "default", "3.10.0": "default", "3.11": "default", "3.13": "new", "3.13.1": "new", "3.12.0": "new", "^3.9": "default"} {
		h := hotcell()
		h.Info.Profiles["also"], h.Info.Profiles["new"] = h.Info.Profiles["default"], client.InfoProfile{Python: "3.13.1"}
		code, body := execute(t, h, fmt.Sprintf(`{"language": "python", "version": %q, "files": [{"content": ""}]}`, asked))
		if got := h.Asked(); code != http.StatusOK || got[0].Profile != want || !strings.Contains(body, h.Info.Profiles[want].Python) {
			t.Errorf("version %s was answered with %d %s, by %+v", asked, code, body, got)
		}
		_, body = send(t, h, "GET", "/api/v2/runtimes", nil, "")
		if strings.Count(body, `"version"`) != 2 || !strings.Contains(body, `"3.13.1","aliases":["py","py3","python3","python3.13"]`) {
			t.Errorf("the runtimes are %s", body)
		}
	}
}

func TestBadJobsAreRefusedInPistonsWords(t *testing.T) {
	const begin = `{"language": "python", "version": "3", `
	for _, c := range []struct{ name, body, want string }{
		{"no language", `{}`, `language is required as a string`},
		{"a number as language", `{"language": 3}`, `language is a JSON number; must be a string`},
		{"no version", `{"language": "python"}`, `version is required as a string`},
		{"no files", begin + `"x": 1}`, `files is required as an array`},
		{"files that are no array", begin + `"files": {}}`, `files is a JSON object; must be an array`},
		{"a file that is none", begin + `"files": [[]]}`, `files.0 is a JSON array; must be an object`},
		{"a file without content", begin + `"files": [{"content": ""}, {"name": "x"}]}`, `files[1].content is required as a string`},
		{"content that is no text", begin + `"files": [{"content": 1}]}`, `files.0.content is a JSON number; must be a string`},
		{"no program", begin + `"files": [{"content": "", "encoding": "base64"}]}`, `files must include at least one utf8 encoded file`},
		{"no files at all", begin + `"files": []}`, `files must include at least one utf8 encoded file`},
		{"bad hex", begin + `"files": [{"content": ""}, {"content": "0g", "encoding": "hex"}]}`, `files[1].content is not hex`},
		{"a negative timeout", begin + `"files": [{"content": ""}], "run_timeout": -1}`, `run_timeout must be non-negative: it is -1`},
		{"a timeout that is text", begin + `"files": [{"content": ""}], "run_timeout": "1"}`, `run_timeout is a JSON string; must be a number`},
		{"arguments that are numbers", begin + `"files": [{"content": ""}], "args": ["a", 1]}`, `args.1 is a JSON number; must be a string`},
		{"another language", `{"language": "brainfuck", "version": "*", "files": [{"content": "+"}]}`, `brainfuck-* runtime is unknown`},
		{"a flood of files", begin + `"files": [` + strings.Repeat(`{},`, 1000) + `{}]}`, `files is a JSON array of more than 1000 entries; must be a shorter one`},
		{"half a body", begin, `unexpected end of JSON input`},
		{"a list", `[]`, `must be a JSON object`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hotcell()
			code, body := execute(t, h, c.body)
			var got struct{ Message string }
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if code != http.StatusBadRequest || !strings.Contains(got.Message, c.want) {
				t.Errorf("answered %d %s", code, body)
			}
			if len(h.Asked()) > 0 {
				t.Error("it ran a script")
			}
		})
	}
}

func TestABodyIsJSONOrText(t *testing.T) {
	for kind, want := range map[string]int{
		"application/json; charset=utf-8": http.StatusOK, "text/plain;charset=UTF-8": http.StatusOK, // the package piston-client
		"multipart/form-data; boundary=x": http.StatusUnsupportedMediaType, "application/x-www-form-urlencoded": http.StatusUnsupportedMediaType, "": http.StatusUnsupportedMediaType,
	} {
		code, body := send(t, hotcell(), "POST", "/api/v2/execute", http.Header{"Content-Type": {kind}}, `{"language": "python", "version": "*", "files": [{"content": ""}]}`)
		if code != want || code != http.StatusOK && body != `{"message":"requests must be of type application/json"}` {
			t.Errorf("%q was answered with %d %s", kind, code, body)
		}
	}
}

func TestRuntimesAndPackages(t *testing.T) {
	for _, c := range []struct {
		method, path string
		code         int
		want         string
	}{
		{"GET", "/api/v2/runtimes", http.StatusOK, `[{"language":"python","version":"3.11.2","aliases":["py","py3","python3","python3.11"]}]`},
		{"GET", "/api/v2/runtimes/", http.StatusOK, `[{"language":"python","version":"3.11.2","aliases":["py","py3","python3","python3.11"]}]`},
		{"GET", "/api/v2/packages", http.StatusOK, `[]`},
		{"POST", "/api/v2/packages", http.StatusNotFound, `{"message":"Requested package c-10 does not exist"}`},
		{"DELETE", "/api/v2/packages", http.StatusNotFound, `{"message":"Requested package c-10 does not exist"}`},
	} {
		code, body := send(t, hotcell(), c.method, c.path, http.Header{"Content-Type": {"application/json"}}, `{"language": "c", "version": "10"}`)
		if code != c.code || body != c.want {
			t.Errorf("%s %s was answered with %d %s", c.method, c.path, code, body)
		}
	}
}

func TestTheKeyMayStandAlone(t *testing.T) {
	for value, want := range map[string]string{"": "", "k": "k", "Bearer k": "", "Basic k": ""} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", value)
		if got := piston.New().Key(r); got != want {
			t.Errorf("the key of %q is %q", value, got)
		}
	}
}

func FuzzAnyBodyIsAnsweredInPistonsShape(f *testing.F) {
	for _, body := range []string{`{}`, `{"language": "python", "version": "3", "files": [{"content": "", "name": "../../x"}]}`, `{"files": [null, {"name": "\u0000"}], "run_timeout": 1e400}`, `[`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		code, answer := execute(t, hotcell(), body)
		if code != http.StatusOK && code != http.StatusBadRequest || !json.Valid([]byte(answer)) {
			t.Errorf("answered %d %s", code, answer)
		}
	})
}
