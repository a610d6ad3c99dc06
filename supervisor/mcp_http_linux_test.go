package supervisor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotcell/hotcell/supervisor/config"
)

// mcpVersions are the versions of the protocol that the SDK supports over HTTP.
var mcpVersions = []string{"2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"}

// rpc returns a POST to /mcp as a client of a version sends it.
func (s *service) rpc(version, body string) *http.Request {
	s.t.Helper()
	r := s.request("POST", "/mcp", body)
	r.Header.Set("Accept", "application/json, text/event-stream")
	if version != "" {
		r.Header.Set("MCP-Protocol-Version", version)
	}
	return r
}

// call returns a message that calls run_python.
func call(id, code string) string {
	arguments, err := json.Marshal(fields{"code": code, "timeout_s": 50})
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":"tools/call","params":{"name":"run_python","arguments":%s}}`, id, arguments)
}

// rpcCall returns a request that calls run_python, with the fields that its version
// needs.
func (s *service) rpcCall(version, id, code string) *http.Request {
	s.t.Helper()
	body := call(id, code)
	if version < "2026-07-28" {
		return s.rpc(version, body)
	}
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}},`
	r := s.rpc(version, strings.Replace(body, `"params":{`, `"params":{`+meta, 1))
	r.Header.Set("Mcp-Method", "tools/call")
	r.Header.Set("Mcp-Name", "run_python")
	return r
}

func TestHangingUpEndsAnAssistantsScript(t *testing.T) {
	s := start(t, small)
	running := func(n float64) func() bool {
		return func() bool { return s.metric("hotcell_cells", "profile=default", "state=claimed") == n }
	}
	for _, version := range mcpVersions {
		ctx, hangUp := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() {
			response, err := http.DefaultClient.Do(s.rpcCall(version, "1", "import time; time.sleep(45)").WithContext(ctx))
			if err == nil {
				_ = response.Body.Close()
				err = fmt.Errorf("version %s: status %d", version, response.StatusCode)
			} else if ctx.Err() != nil {
				err = nil
			}
			over <- err
		}()
		s.eventually(version+": the script runs", running(1))
		hangUp()
		if err := <-over; err != nil {
			t.Error(err)
		}
		s.eventually(version+": it has ended", running(0))
	}
	// The same for the SDK's client, which hangs up.
	a := s.assistant()
	ctx, hangUp := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() {
		_, err := a.session.CallTool(ctx, &sdk.CallToolParams{Name: "run_python", Arguments: fields{"code": "import time; time.sleep(45)", "timeout_s": 50}})
		over <- err
	}()
	s.eventually("the SDK's script runs", running(1))
	hangUp()
	if err := <-over; err == nil {
		t.Error("a call that was cancelled has an answer")
	}
	s.eventually("it has ended", running(0))
}

// Ids belong to the client: the answer has the same digits.
func TestIDsComeBackAsTheyCame(t *testing.T) {
	s := theService(t)
	ids := []string{"0", "7", "-3", "9007199254740993", "123456789012345678901234567890", "1.0", "1.5", "1e3", "-0", `"x"`, `"1"`, `"\u00e9 \" \\"`, `""`}
	for _, version := range mcpVersions {
		for _, id := range ids {
			var answer struct {
				ID     json.RawMessage
				Result struct{ IsError bool }
			}
			a := s.do(s.rpcCall(version, id, "6 * 7"))
			want := id
			if strings.HasPrefix(id, `"\u`) {
				want = `"é \" \\"`
			}
			if err := json.Unmarshal([]byte(a.body), &answer); err != nil || string(answer.ID) != want || answer.Result.IsError || !strings.Contains(a.body, "42") {
				t.Errorf("version %s, id %s: %v, %d %s", version, id, err, a.http, a.body)
			}
		}
	}
	var batch []string
	for _, id := range ids {
		batch = append(batch, call(id, "6 * 7"))
	}
	a := s.do(s.rpc("2025-03-26", "["+strings.Join(batch, ", ")+"]"))
	var answers []struct{ ID json.RawMessage }
	if err := json.Unmarshal([]byte(a.body), &answers); err != nil || len(answers) != len(ids) {
		t.Fatalf("%v: %d %s", err, a.http, a.body)
	}
	for _, id := range ids[:10] {
		if n := strings.Count(a.body, `"id":`+id+`,`); n != 1 {
			t.Errorf("id %s is there %d times in %s", id, n, a.body)
		}
	}
}

func TestABatchHasABound(t *testing.T) {
	s := theService(t)
	many := strings.Repeat(call("1", "1")+",", 10_000)
	for name, c := range map[string]struct{ body, want string }{
		"10,000 calls": {"[" + strings.TrimSuffix(many, ",") + "]", "the batch has 10000 messages; at most 100 are allowed"},
		"101 pings":    {"[" + strings.TrimSuffix(strings.Repeat(`{"jsonrpc":"2.0","id":1,"method":"ping"},`, 101), ",") + "]", "101 messages"},
		"none":         {"[]", "the batch is empty"},
	} {
		before := s.metric("hotcell_claims_total", "profile=default", "result=hit")
		if a := s.do(s.rpc("2025-03-26", c.body)); a.http != 400 || !strings.Contains(a.body, `"id":null,"error":{"code":-32600,`) || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d %.500s", name, a.http, a.body)
		}
		if s.metric("hotcell_claims_total", "profile=default", "result=hit") != before {
			t.Errorf("%s: something ran", name)
		}
	}
}

// Errors of HTTP are problems, and errors of messages are JSON-RPC errors.
func TestFaultsOfAnAssistantsRequestAreToldAsTheyShould(t *testing.T) {
	s := start(t, func(c *config.Config) { small(c); c.MaxBody = 64 << 10 })
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	for name, c := range map[string]struct {
		version, body string
		change        func(*http.Request)
		http          int
		want          string // the code of a problem, or of a JSON-RPC error
	}{
		"too large":            {"2025-06-18", `"` + strings.Repeat("x", 64<<10) + `"`, nil, 413, "too_large"},
		"no JSON type":         {"2025-06-18", ping, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415, "unsupported_media_type"},
		"not acceptable":       {"2025-06-18", ping, func(r *http.Request) { r.Header.Set("Accept", "text/html") }, 400, "invalid_request"},
		"an unknown version":   {"1999-01-01", ping, nil, 400, "invalid_request"},
		"a batch where it may": {"2025-06-18", "[" + ping + "]", nil, 400, "invalid_request"},
		"GET":                  {"2025-06-18", "", func(r *http.Request) { r.Method = "GET" }, 405, "method_not_allowed"},
		"DELETE":               {"2025-06-18", "", func(r *http.Request) { r.Method = "DELETE" }, 405, "method_not_allowed"},
		"no JSON":              {"2025-06-18", `{"jsonrpc":`, nil, 400, "-32700"},
		"nothing":              {"2025-06-18", " ", nil, 400, "-32700"},
		"no object":            {"2025-06-18", "17", nil, 400, "-32600"},
		"an id of null":        {"2025-06-18", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, nil, 400, "-32600"},
		"an id of an object":   {"2025-06-18", `{"jsonrpc":"2.0","id":{},"method":"ping"}`, nil, 400, "-32600"},
		"two ids":              {"2025-06-18", `{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`, nil, 400, "-32600"},
		"half a character":     {"2025-06-18", call("1", "x")[:len(call("1", "x"))-3] + `,"files":[{"path":"\ud800","content":""}]}}}`, nil, 400, "-32600"},
		"a subscription":       {"2026-07-28", `{"jsonrpc":"2.0","id":1.0,"method":"subscriptions/listen","params":{}}`, nil, 404, "-32601"},
	} {
		r := s.rpc(c.version, c.body)
		if c.change != nil {
			c.change(r)
		}
		a := s.do(r)
		kind, want := a.header.Get("Content-Type"), `"code":`+c.want+","
		if !strings.HasPrefix(c.want, "-") {
			want = `"code":"` + c.want + `"`
			if kind != "application/problem+json" || a.problem.RequestID == "" {
				t.Errorf("%s: %s", name, kind)
			}
		} else if kind != "application/json" || !strings.HasPrefix(a.body, `{"jsonrpc":"2.0","id":`) {
			t.Errorf("%s: %s", name, kind)
		}
		if a.http != c.http || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", name, a.http, a.body)
		}
	}
	// /mcp accepts the sizes that /execute accepts.
	s2 := theService(t)
	large := s2.do(s2.rpc("2025-06-18", call("1", "1 #"+strings.Repeat("x", 900<<10)+"\n2 + 3")))
	if large.http != 200 || !strings.Contains(large.body, `5`) {
		t.Errorf("%d %.300s", large.http, large.body)
	}
}

// A proxy on the same machine may send its own name wherever /execute accepts it.
func TestAnAssistantBehindAProxyIsServedAsAllClientsAre(t *testing.T) {
	f := newKeysFile(t, [3]string{"runner", "execute", ""})
	for name, c := range map[string]struct {
		change func(*config.Config)
		key    string
	}{
		"with keys":     {func(c *config.Config) { c.Keys = f.path }, "runner"},
		"open to all":   {func(c *config.Config) { c.OpenToAll = true }, ""},
		"a name of its": {func(c *config.Config) { c.Hosts = []string{"sandbox.example"} }, ""},
	} {
		s := f.with(start(t, func(cfg *config.Config) { small(cfg); c.change(cfg) }), c.key)
		execute := s.request("POST", "/execute", encode(t, "def main(): return 42"))
		rpc := s.rpc("2025-06-18", call("1", "6 * 7"))
		for _, r := range []*http.Request{execute, rpc} {
			r.Host = "sandbox.example"
			if a := s.do(r); a.http != 200 || !strings.Contains(a.body, "42") {
				t.Errorf("%s: %s: %d %s", name, r.URL.Path, a.http, a.body)
			}
		}
	}
}
