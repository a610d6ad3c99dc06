package dify_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat/dify"
	"github.com/hotcell/hotcell/compat/faked"
)

func post(t *testing.T, h *faked.Hotcell, method, path, kind, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	faked.Serve(dify.New(), h).ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

type reply struct {
	Code    int
	Message string
	Data    any
}

const (
	isJSON = "application/json"
	run    = "/v1/sandbox/run"
)

func TestAScriptRunsAsAProgram(t *testing.T) {
	h := &faked.Hotcell{Answer: client.Answer{Ending: client.Ending{Status: client.StatusOK, ExitCode: new(int)}, Stdout: "<<RESULT>>{}<<RESULT>>\n", Stderr: "a warning\n"}}
	code, body := post(t, h, "POST", run, isJSON, `{"language": "python3", "code": "print(1)", "preload": "import jinja2", "enable_network": true, "dependencies": []}`)
	want := `{"code":0,"message":"success","data":{"stdout":"<<RESULT>>{}<<RESULT>>\n","stderr":"a warning\n","error":"","exit_code":0}}`
	if code != http.StatusOK || body != want {
		t.Errorf("answered %d %s", code, body)
	}
	if asked := h.Asked(); len(asked) != 1 || asked[0].Script != "print(1)" || asked[0].Mode != "program" {
		t.Errorf("asked for %+v", asked)
	}
}

func TestWhyAScriptFailedIsInError(t *testing.T) {
	one, segv := 1, "SIGSEGV"
	for _, c := range []struct {
		ending client.Ending
		error  string
		code   int
	}{
		{client.Ending{Status: client.StatusException, ExitCode: &one}, "process exited with code 1\nTraceback\n", 1},
		{client.Ending{Status: client.StatusExited, ExitCode: &one}, "process exited with code 1\nTraceback\n", 1},
		{client.Ending{Status: client.StatusTimeout}, "process exited with code -1\nerror: timeout\nTraceback\n", -1},
		{client.Ending{Status: client.StatusMemoryLimit}, "process exited with code -1\nerror: memory limit exceeded\nTraceback\n", -1},
		{client.Ending{Status: client.StatusOutputLimit}, "process exited with code -1\nerror: output limit exceeded\nTraceback\n", -1},
		{client.Ending{Status: client.StatusKilled, Signal: &segv}, "process exited with code -1\nerror: killed by SIGSEGV\nTraceback\n", -1},
		{client.Ending{Status: client.StatusKilled}, "process exited with code -1\nerror: killed\nTraceback\n", -1},
	} {
		t.Run(string(c.ending.Status), func(t *testing.T) {
			h := &faked.Hotcell{Answer: client.Answer{Ending: c.ending, Stderr: "Traceback\n"}}
			code, body := post(t, h, "POST", run, isJSON, `{"language": "python3", "code": "x"}`)
			var got struct {
				Code int
				Data struct {
					Error    string
					ExitCode int `json:"exit_code"`
				}
			}
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if code != http.StatusOK || got.Code != 0 || got.Data.Error != c.error || got.Data.ExitCode != c.code {
				t.Errorf("answered %d %s", code, body)
			}
		})
	}
}

func TestBadRequestsAreRefusedInDifysWords(t *testing.T) {
	for _, c := range []struct{ name, method, path, kind, body, want string }{
		{"another language", "POST", run, isJSON, `{"language": "nodejs", "code": "1"}`, `unsupported language`},
		{"no language", "POST", run, isJSON, `{"code": "1"}`, `language is missing or empty; must be python3`},
		{"no code", "POST", run, isJSON, `{"language": "python3"}`, `code is missing or empty; must be Python source`},
		{"code that is no text", "POST", run, isJSON, `{"language": "python3", "code": 7}`, `code is a JSON number; must be a string`},
		{"a switch that is no boolean", "POST", run, isJSON, `{"language": "python3", "code": "1", "enable_network": "yes"}`, `enable_network is a JSON string; must be true or false`},
		{"a list", "POST", run, isJSON, `[1]`, `must be a JSON object`},
		{"half a body", "POST", run, isJSON, `{"language": "pyth`, `unexpected end of JSON input`},
		{"a form", "POST", run, "application/x-www-form-urlencoded", `language=python3&code=1`, `must be application/json`},
		{"text", "POST", run, "text/plain", `{"language": "python3", "code": "1"}`, `must be application/json`},
		{"packages of another language", "GET", "/v1/sandbox/dependencies?language=nodejs", "", "", `unsupported language`},
		{"packages of no language", "GET", "/v1/sandbox/dependencies", "", "", `language is missing or empty`},
		{"an update of another language", "POST", "/v1/sandbox/dependencies/update", isJSON, `{"language": "nodejs"}`, `unsupported language`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &faked.Hotcell{}
			code, body := post(t, h, c.method, c.path, c.kind, c.body)
			var got reply
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if code != http.StatusOK || got.Code != -400 || !strings.Contains(got.Message, c.want) || got.Data != nil {
				t.Errorf("answered %d %s", code, body)
			}
			if len(h.Asked()) > 0 {
				t.Error("it ran a script")
			}
		})
	}
}

func TestRefusalsHaveTheirStatusAsCode(t *testing.T) {
	for _, c := range []struct {
		problem client.Problem
		status  int
		body    string
	}{
		{client.Problem{Status: 401, Code: client.CodeUnauthorized}, 401, ``},
		{client.Problem{Status: 404, Code: client.CodeNotFound, Detail: "d"}, 404, `{"code":-404,"message":"d","data":null}`},
		{client.Problem{Status: 403, Code: client.CodeForbidden, Detail: "d"}, 200, `{"code":-400,"message":"d","data":null}`},
		{client.Problem{Status: 413, Code: client.CodeTooLarge, Detail: "d"}, 200, `{"code":-400,"message":"d","data":null}`},
		{client.Problem{Status: 503, Code: client.CodeDraining, Detail: "d"}, 200, `{"code":-503,"message":"d","data":null}`},
		{client.Problem{Status: 500, Code: client.CodeInternal, Detail: "d"}, 200, `{"code":-500,"message":"d","data":null}`},
	} {
		t.Run(string(c.problem.Code), func(t *testing.T) {
			status, body := post(t, &faked.Hotcell{Problem: &c.problem}, "POST", run, isJSON, `{"language": "python3", "code": "1"}`)
			if status != c.status || body != c.body {
				t.Errorf("answered %d %s", status, body)
			}
		})
	}
}

func TestThePackagesAreTheDefaultProfiles(t *testing.T) {
	h := &faked.Hotcell{Info: client.Info{DefaultProfile: "default", Profiles: map[string]client.InfoProfile{
		"default": {Packages: map[string]string{"pandas": "2.3.3", "numpy": "2.3.5"}}, "science": {Packages: map[string]string{"scipy": "1"}},
	}}}
	want := `{"code":0,"message":"success","data":{"dependencies":[{"name":"numpy","version":"2.3.5"},{"name":"pandas","version":"2.3.3"}]}}`
	for _, c := range []struct{ path, kind, body string }{
		{"/v1/sandbox/dependencies?language=python3", "", ""},                   // Dify
		{"/v1/sandbox/dependencies", isJSON, `{"language": "python3"}`},         // the package dify-sandbox
		{"/v1/sandbox/dependencies/refresh", isJSON, `{"language": "python3"}`}, // likewise
	} {
		if _, body := post(t, h, "GET", c.path, c.kind, c.body); body != want {
			t.Errorf("%s answered %s", c.path, body)
		}
	}
}

func FuzzAnyBodyIsAnsweredInDifysShape(f *testing.F) {
	for _, body := range []string{`{}`, `{"language": "python3", "code": "1"}`, `{"language": ["python3"]}`, `{"code": "\ud800"}`, `[`} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		h := &faked.Hotcell{Answer: client.Answer{Ending: client.Ending{Status: client.StatusOK, ExitCode: new(int)}}}
		var got reply
		if code, answer := post(t, h, "POST", run, isJSON, body); code != http.StatusOK || json.Unmarshal([]byte(answer), &got) != nil || got.Code != 0 && got.Code != -400 {
			t.Errorf("answered %d %s", code, answer)
		}
	})
}

func TestHealthIsJSON(t *testing.T) {
	if code, body := post(t, &faked.Hotcell{}, "GET", "/health", "", ""); code != http.StatusOK || body != `"ok"` {
		t.Errorf("answered %d %s", code, body)
	}
}
