package snekbox_test

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
	"github.com/hotcell/hotcell/compat/snekbox"
)

func hotcell() *faked.Hotcell {
	return &faked.Hotcell{
		Info:   client.Info{DefaultProfile: "default", Profiles: map[string]client.InfoProfile{"default": {Python: "3.11.2"}, "old": {Python: "3.11.1"}, "new": {Python: "3.13.1"}}},
		Answer: client.Answer{Ending: client.Ending{Status: client.StatusOK, ExitCode: new(int)}, Stdout: "out\n"},
	}
}

func eval(t *testing.T, h *faked.Hotcell, kind, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest("POST", "/eval", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	faked.Serve(snekbox.New(), h).ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

const isJSON = "application/json"

func TestTheArgumentsArePythons(t *testing.T) {
	for body, want := range map[string][]any{
		`{"input": "print(1)"}`:                       {"-c", "print(1)"},
		`{"args": ["-c", "print(1)"]}`:                {"-c", "print(1)"},
		`{"input": "print(1)", "args": ["-c"]}`:       {"-c", "print(1)"},
		`{"input": "pass", "args": ["-m", "timeit"]}`: {"-m", "timeit", "pass"},
		`{"args": ["main.py", "a"], "files": []}`:     {"main.py", "a"},
		`{"args": []}`:                                nil,
		`{"input": "", "args": null, "executable_path": "/snekbin/python/3.11/bin/python"}`: {"-c", ""},
	} {
		h := hotcell()
		if code, answer := eval(t, h, isJSON, body); code != http.StatusOK || answer != `{"stdout":"out\n","returncode":0,"files":[]}` {
			t.Errorf("%s was answered with %d %s", body, code, answer)
		}
		if asked := h.Asked(); len(asked) != 1 || !reflect.DeepEqual(asked[0].Args, want) || asked[0].Mode != "program" {
			t.Errorf("%s asked for %+v", body, asked)
		}
	}
}

func TestAnInterpreterIsTheProfileThatHasIt(t *testing.T) {
	for path, want := range map[string]string{
		"": "", "/snekbin/python/default/bin/python": "", "/snekbin/python/3.11/bin/python": "default", "/snekbin/python/3.13/bin/python": "new",
	} {
		h := hotcell()
		eval(t, h, isJSON, fmt.Sprintf(`{"input": "", "executable_path": %q}`, path))
		if asked := h.Asked(); len(asked) != 1 || asked[0].Profile != want {
			t.Errorf("%q asked for %+v", path, asked)
		}
	}
}

func TestFilesGoInAndNewOnesComeBack(t *testing.T) {
	h := hotcell()
	h.Answer.Files = []client.Collected{
		{Path: "z.txt", Size: 1, Content: "z", Encoding: "utf-8"}, {Path: "d/same", Size: 1, Content: "a", Encoding: "utf-8"},
		{Path: "changed", Size: 1, Content: "Yg==", Encoding: "base64"},
	}
	_, body := eval(t, h, isJSON, `{"args": ["main.py"], "files": [{"path": "./x/../d/same", "content": "YQ=="}, {"path": "changed", "content": "YQ=="}, {"path": "empty"}]}`)
	if want := `{"stdout":"out\n","returncode":0,"files":[{"path":"changed","size":1,"content":"Yg=="},{"path":"z.txt","size":1,"content":"eg=="}]}`; body != want {
		t.Errorf("answered %s", body)
	}
	want := []client.File{{Path: "d/same", Content: "YQ==", Encoding: "base64"}, {Path: "changed", Content: "YQ==", Encoding: "base64"}, {Path: "empty", Encoding: "base64"}}
	if asked := h.Asked(); len(asked) != 1 || !reflect.DeepEqual(asked[0].Files, want) {
		t.Errorf("asked for %+v", asked)
	}
}

func TestLimitsAndSignalsAreExitStatuses(t *testing.T) {
	segv := "SIGSEGV"
	for _, c := range []struct {
		ending client.Ending
		want   string
	}{
		{client.Ending{Status: client.StatusTimeout}, `"returncode":137,`},
		{client.Ending{Status: client.StatusMemoryLimit}, `"returncode":137,`},
		{client.Ending{Status: client.StatusOutputLimit}, `"returncode":143,`},
		{client.Ending{Status: client.StatusKilled, Signal: &segv}, `"returncode":139,`},
		{client.Ending{Status: client.StatusKilled}, `"returncode":137,`},
	} {
		h := hotcell()
		h.Answer.Ending = c.ending
		if code, body := eval(t, h, isJSON, `{"input": ""}`); code != http.StatusOK || !strings.Contains(body, c.want) {
			t.Errorf("%v was answered with %d %s", c.ending, code, body)
		}
	}
}

func TestBadEvaluationsAreRefusedInSnekboxsShape(t *testing.T) {
	for _, c := range []struct {
		name, kind, body string
		code             int
		title, want      string
	}{
		{"nothing to run", isJSON, `{"stuff": "foo"}`, 400, "Request data failed validation", "input and args are missing"},
		{"arguments that are none", isJSON, `{"args": 400}`, 400, "Request data failed validation", "args is a JSON number; must be an array"},
		{"a file that is none", isJSON, `{"args": [], "files": [215]}`, 400, "Request data failed validation", "files.0 is a JSON number; must be an object"},
		{"a file without a path", isJSON, `{"args": [], "files": [{"content": ""}]}`, 400, "Request data failed validation", "files[0].path is missing"},
		{"an absolute path", isJSON, `{"args": [], "files": [{"path": "/etc/passwd"}]}`, 400, "Request data failed validation", `files[0].path is "/etc/passwd"; must be a relative path`},
		{"a path out of the directory", isJSON, `{"args": [], "files": [{"path": "a/../../b"}]}`, 400, "Request data failed validation", "File path 'a/../../b' may not traverse beyond root"},
		{"its parent", isJSON, `{"args": [], "files": [{"path": "x/../.."}]}`, 400, "Request data failed validation", "may not traverse beyond root"},
		{"another Python", isJSON, `{"input": "", "executable_path": "/snekbin/python/3.14/bin/python"}`, 400, "Request data failed validation", `must be /snekbin/python/3.11/bin/python or /snekbin/python/3.13/bin/python, or left out`},
		{"no JSON", "application/xml", `<a/>`, 415, "415 Unsupported Media Type", "application/xml is an unsupported media type."},
		{"a flood of arguments", isJSON, `{"args": [` + strings.Repeat(`"",`, 1000) + `""]}`, 400, "Request data failed validation", "args is a JSON array of more than 1000 entries; must be a shorter one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := hotcell()
			code, body := eval(t, h, c.kind, c.body)
			var got struct{ Title, Description string }
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if code != c.code || got.Title != c.title || !strings.Contains(got.Description, c.want) {
				t.Errorf("answered %d %s", code, body)
			}
			if len(h.Asked()) > 0 {
				t.Error("it ran a script")
			}
		})
	}
}

func FuzzAnyBodyIsAnsweredInSnekboxsShape(f *testing.F) {
	for _, body := range []string{`{}`, `{"input": "1"}`, `{"args": [], "files": [{"path": "../x"}, {"path": "."}]}`, `{"args": null, "input": null}`, `[`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := hotcell()
		code, answer := eval(t, h, isJSON, body)
		if code != http.StatusOK && code != http.StatusBadRequest || !json.Valid([]byte(answer)) {
			t.Errorf("answered %d %s", code, answer)
		}
		for _, asked := range h.Asked() {
			for _, file := range asked.Files {
				if strings.HasPrefix(file.Path, "/") || strings.Contains("/"+file.Path+"/", "/../") {
					t.Errorf("sends the file %q", file.Path)
				}
			}
		}
	})
}
