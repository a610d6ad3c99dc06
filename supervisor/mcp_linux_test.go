package supervisor_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// assistant is the SDK's client of POST /mcp.
type assistant struct {
	*service
	session *sdk.ClientSession
}

func (s *service) assistant() *assistant {
	s.t.Helper()
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(s.t.Context(), &sdk.StreamableClientTransport{Endpoint: s.url + "/mcp", HTTPClient: &http.Client{Transport: withKey(s.key)}}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = session.Close() })
	return &assistant{s, session}
}

// withKey is a transport that sends a key with each request; empty: none.
type withKey string

func (k withKey) RoundTrip(r *http.Request) (*http.Response, error) {
	if k != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+string(k))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// use calls a tool. It returns the result, and its text.
func (a *assistant) use(tool string, arguments fields) (*sdk.CallToolResult, string) {
	a.t.Helper()
	result, err := a.session.CallTool(a.t.Context(), &sdk.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		a.t.Fatal(err)
	}
	text, ok := result.Content[0].(*sdk.TextContent)
	if !ok {
		a.t.Fatalf("%+v", result.Content)
	}
	return result, text.Text
}

func TestAnAssistantFindsTheTools(t *testing.T) {
	a := theService(t).assistant()
	tools, err := a.session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools.Tools {
		names = append(names, tool.Name)
		schema, _ := json.Marshal(tool.InputSchema)
		if tool.Name == "run_python" && (!strings.Contains(string(schema), `"required":["code"]`) || !strings.Contains(string(schema), `"profile"`)) {
			t.Errorf("%s", schema)
		}
	}
	slices.Sort(names)
	if want := []string{"end_session", "list_packages", "run_in_session", "run_python", "start_session"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	if _, text := a.use("list_packages", nil); !strings.Contains(text, `"pandas":"`) {
		t.Errorf("%s", text)
	}
}

func TestAnAssistantRunsPython(t *testing.T) {
	a := theService(t).assistant()
	for name, c := range map[string]struct {
		arguments fields
		isError   bool
		want      []string
	}{
		"an expression": {fields{"code": "import numpy as np\nprint('working')\nnp.arange(4).sum()"}, false, []string{"status: ok", "result:\n6\n", "stdout:\nworking\n"}},
		"a main":        {fields{"code": "def main(): return input()\nmain()", "stdin": "given"}, false, []string{`"given"`}},
		"a guard":       {fields{"code": "def run(): print('ran')\nif __name__ == '__main__': run()"}, false, []string{"stdout:\nran\n"}},
		"await":         {fields{"code": "import asyncio\nawait asyncio.sleep(0, 7)"}, false, []string{"result:\n7\n"}},
		"a model":       {fields{"code": "class Model: __repr__ = lambda self: 'Model()'\nModel()"}, false, []string{"result:\nModel()\n"}},
		"a large table": {fields{"code": "import numpy as np, pandas as pd\npd.DataFrame(np.zeros((100_000, 9)))"}, false, []string{"[100000 rows x 9 columns]"}},
		"files": {fields{"code": "open('out.txt', 'w').write(open('in.txt').read() * 2)", "files": []fields{{"path": "in.txt", "content": "ab"}}, "collect": []string{"out.*"}}, false,
			[]string{"result:\n4\n", "file out.txt, 4 bytes, is below\n"}},
		"an exception":      {fields{"code": "x = 1\nx / 0"}, true, []string{"status: exception", "line 2", "ZeroDivisionError"}},
		"a time limit":      {fields{"code": "while True: pass", "timeout_s": 0.2}, true, []string{"status: timeout (limit: wall)"}},
		"an exit":           {fields{"code": "import sys; sys.exit(3)"}, true, []string{"status: exited (exit code 3)"}},
		"a syntax error":    {fields{"code": "1 +"}, true, []string{"status: exception", "line 1", "SyntaxError"}},
		"a bad profile":     {fields{"code": "1", "profile": "none"}, true, []string{"/profile: unknown profile"}},
		"a limit too high":  {fields{"code": "1", "timeout_s": 6000}, true, []string{"/limits/wall_ms: is 6000000; the maximum is"}},
		"a session of none": {fields{"code": "1"}, true, nil},
	} {
		tool := "run_python"
		if want := c.want; want == nil {
			tool, c.arguments["session"], c.want = "run_in_session", "../execute", []string{`there is no session`}
		}
		result, text := a.as(t).assistantOf(a).use(tool, c.arguments)
		for _, want := range c.want {
			if result.IsError != c.isError || !strings.Contains(text, want) {
				t.Errorf("%s: error %v, %s; want %q", name, result.IsError, text, want)
			}
		}
	}
}

func (s *service) assistantOf(a *assistant) *assistant { return &assistant{s, a.session} }

func TestAnAssistantIsShownPicturesAndGetsFiles(t *testing.T) {
	result, text := theService(t).assistant().use("run_python", fields{
		"code": "open('p.png', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + bytes(10)); open('t.csv', 'w').write('a,b')", "collect": []string{"*"},
	})
	if len(result.Content) != 3 {
		t.Fatalf("%s", text)
	}
	picture, ok := result.Content[1].(*sdk.ImageContent)
	if !ok || picture.MIMEType != "image/png" || !bytes.HasPrefix(picture.Data, []byte("\x89PNG")) || len(picture.Data) != 18 {
		t.Errorf("%+v", result.Content[1])
	}
	file, ok := result.Content[2].(*sdk.EmbeddedResource)
	if !ok || file.Resource.URI != "hotcell:///t.csv" || file.Resource.MIMEType != "text/csv" || file.Resource.Text != "a,b" {
		t.Errorf("%+v", result.Content[2])
	}
}

func TestAnAssistantKeepsASession(t *testing.T) {
	a := theService(t).assistant()
	result, text := a.use("start_session", fields{"ttl_s": 60})
	var state struct{ ID string }
	if err := json.Unmarshal([]byte(text), &state); err != nil || result.IsError {
		t.Fatalf("%v: %s", err, text)
	}
	a.use("run_in_session", fields{"session": state.ID, "code": "x = 20"})
	if _, text := a.use("run_in_session", fields{"session": state.ID, "code": "x + 1"}); !strings.Contains(text, "result:\n21\n") {
		t.Errorf("%s", text)
	}
	if result, text := a.use("end_session", fields{"session": state.ID}); result.IsError {
		t.Errorf("%s", text)
	}
	if result, text := a.use("run_in_session", fields{"session": state.ID, "code": "x"}); !result.IsError || !strings.Contains(text, "does not exist") {
		t.Errorf("%s", text)
	}
}

func TestAnAssistantIsShownFiguresWithoutAsking(t *testing.T) {
	const figure = `class Figure:
    def _repr_png_(self): return b"\x89PNG\r\n\x1a\n" + bytes(10)
display(Figure())
Figure()`
	a := theService(t).assistant()
	_, text := a.use("start_session", nil)
	var state struct{ ID string }
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	defer a.use("end_session", fields{"session": state.ID})
	for tool, arguments := range map[string]fields{"run_python": {"code": figure}, "run_in_session": {"code": figure, "session": state.ID}} {
		result, text := a.use(tool, arguments)
		if len(result.Content) != 3 || result.IsError {
			t.Errorf("%s: %s", tool, text)
			continue
		}
		for _, content := range result.Content[1:] {
			if picture, ok := content.(*sdk.ImageContent); !ok || picture.MIMEType != "image/png" || len(picture.Data) != 18 {
				t.Errorf("%s: %+v", tool, content)
			}
		}
	}
}

// Some clients refuse an answer with pictures if the tool has an output schema.
func TestToolsThatShowPicturesHaveNoOutputSchema(t *testing.T) {
	tools, err := theService(t).assistant().session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range tools.Tools {
		if strings.HasPrefix(tool.Name, "run_") && tool.OutputSchema != nil {
			t.Errorf("%s: %v", tool.Name, tool.OutputSchema)
		}
	}
}
