package supervisor_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// listed returns the ids in a list of sessions.
func listed(t *testing.T, got answer) (ids []string) {
	t.Helper()
	var list struct {
		Sessions   []struct{ ID, Key string }
		Unanswered []string
	}
	if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.http != 200 || list.Unanswered != nil {
		t.Errorf("%d %s %v", got.http, got.body, err)
	}
	for _, session := range list.Sessions {
		ids = append(ids, strings.TrimPrefix(session.Key+"/"+session.ID, "/"))
	}
	return ids
}

func TestEveryNodeListsTheSessionsOfAll(t *testing.T) {
	f := newFleet(t)
	a, b, c := f.nodes[0], f.nodes[1], f.nodes[2]
	want := []string{a.session("").ID, b.session("").ID}
	for _, key := range []string{"one", "two"} {
		if got := choose(t, f.keys.with(c, key), "chosen"); got.http != 201 {
			t.Fatalf("%d %s", got.http, got.body)
		}
	}
	want = append(want, "chosen")
	for _, node := range f.nodes {
		if got := listed(t, node.get("/sessions")); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if got := listed(t, f.keys.with(node, "two").get("/sessions")); !slices.Equal(got, []string{"chosen"}) {
			t.Errorf("another key's: %v", got)
		}
		boss := f.keys.with(node, "boss")
		if got := listed(t, boss.get("/admin/sessions")); len(got) != 4 || got[0] != "one/"+want[0] || !slices.Contains(got, "two/chosen") {
			t.Errorf("an administrator's: %v", got)
		}
		if got := listed(t, boss.get("/admin/sessions?key=two")); !slices.Equal(got, []string{"two/chosen"}) {
			t.Errorf("of one key: %v", got)
		}
	}
	marked := a.request("GET", "/sessions", "")
	marked.Header.Set("Hotcell-Forwarded", "b")
	if got := listed(t, a.do(marked)); !slices.Equal(got, want[:1]) {
		t.Errorf("marked by its client: %v", got)
	}
	boss := f.keys.with(b, "boss")
	if got := boss.do(boss.request("DELETE", "/admin/sessions/chosen?key=two", "")); got.http != 204 {
		t.Errorf("%d %s", got.http, got.body)
	}
	if got := boss.do(boss.request("DELETE", "/admin/sessions/chosen?key=two", "")); got.http != 404 {
		t.Errorf("again: %d %s", got.http, got.body)
	}
	if got := boss.do(boss.request("DELETE", "/admin/sessions", "")); got.body != `{"removed":3}`+"\n" {
		t.Errorf("%d %s", got.http, got.body)
	}
	if got := listed(t, c.get("/sessions")); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// said does a request to a drop-in API.
func said(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}

// wants does a request that must have a status, and decodes the answer.
func wants(t *testing.T, r *http.Request, status int, into any) {
	t.Helper()
	got, body := said(t, r)
	if got != status {
		t.Errorf("%s %s: %d %s", r.Method, r.URL, got, body)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(body), into); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
	}
}

func TestEveryNodeAnswersForASandboxOfE2B(t *testing.T) {
	f := newFleet(t)
	a, b, c := f.nodes[0], f.nodes[1], f.nodes[2]
	var box struct{ SandboxID, EnvdAccessToken string }
	choose(t, a, "ready")
	wants(t, a.request("POST", "/compat/e2b/v2/sandboxes", `{"metadata":{"of":"one"}}`), 201, &box)
	path := "/compat/e2b/sandboxes/" + box.SandboxID
	var shown struct{ SandboxID string }
	wants(t, b.request("GET", path, ""), 200, &shown)
	for _, node := range f.nodes {
		var boxes []struct{ SandboxID string }
		wants(t, node.request("GET", "/compat/e2b/v2/sandboxes?metadata=of%3Done", ""), 200, &boxes)
		if len(boxes) != 1 || boxes[0].SandboxID != box.SandboxID || shown.SandboxID != box.SandboxID {
			t.Errorf("%+v, %+v", boxes, shown)
		}
		wants(t, f.keys.with(node, "two").request("GET", "/compat/e2b/v2/sandboxes", ""), 200, &boxes)
		if len(boxes) != 0 {
			t.Errorf("another key's: %+v", boxes)
		}
		wants(t, f.keys.with(node, "two").request("GET", path, ""), 404, nil)
		wants(t, f.keys.with(node, "two").request("DELETE", path, ""), 404, nil)
	}
	// What is sent to the sandbox has its token alone.
	run := func(node *service, token, code string) (status int, body string) {
		r := node.request("POST", "/compat/e2b/execute", `{"code":`+string(mustJSON(t, code))+`}`)
		r.Header.Del("Authorization")
		r.Header.Set("E2b-Sandbox-Id", box.SandboxID)
		r.Header.Set("X-Access-Token", token)
		return said(t, r)
	}
	if status, body := run(b, box.EnvdAccessToken, "x = 41"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := run(c, box.EnvdAccessToken, "x + 1"); status != 200 || !strings.Contains(body, "42") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := run(c, "another", "x"); status != 502 {
		t.Errorf("another token: %d %s", status, body)
	}
	forged := b.request("GET", path, "")
	forged.Header.Set("Hotcell-Forwarded", "a")
	if status, body := said(t, forged); status != 404 || strings.Contains(body, "127.") {
		t.Errorf("marked by its client: %d %s", status, body)
	}
	wants(t, c.request("DELETE", path, ""), 204, nil)
	wants(t, b.request("GET", path, ""), 404, nil)
	wants(t, a.request("GET", path, ""), 404, nil)
}

func mustJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEveryNodeAnswersForAKernelAndForAnIdentifier(t *testing.T) {
	f := newFleet(t)
	a, b, c := f.nodes[0], f.nodes[1], f.nodes[2]
	choose(t, a, "ready")
	var kernel struct{ ID string }
	wants(t, a.request("POST", "/compat/jupyter/api/kernels", ""), 201, &kernel)
	path := "/compat/jupyter/api/kernels/" + kernel.ID
	wants(t, b.request("GET", path, ""), 200, nil)
	wants(t, f.keys.with(b, "two").request("GET", path, ""), 404, nil)
	var kernels []struct{ ID string }
	wants(t, c.request("GET", "/compat/jupyter/api/kernels", ""), 200, &kernels)
	if len(kernels) != 1 || kernels[0].ID != kernel.ID {
		t.Errorf("%+v", kernels)
	}
	for i, node := range []*service{b, a, c} {
		conn, _, err := websocket.Dial(t.Context(), node.url+path+"/channels", &websocket.DialOptions{HTTPHeader: node.request("GET", "/", "").Header})
		if err != nil {
			t.Fatal(err)
		}
		code := []string{"x = 41", "x += 1", "print(x)"}[i]
		ask := mustJSON(t, map[string]any{"channel": "shell", "header": map[string]any{"msg_id": "1", "msg_type": "execute_request", "version": "5.3"}, "content": map[string]any{"code": code}})
		if err := conn.Write(t.Context(), websocket.MessageText, ask); err != nil {
			t.Fatal(err)
		}
		printed := ""
		for got := ""; !strings.Contains(got, "execute_reply"); {
			_, frame, err := conn.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = string(frame)
			printed += got
		}
		if i == 2 && !strings.Contains(printed, `42\n`) {
			t.Errorf("%s", printed)
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}
	wants(t, c.request("DELETE", path, ""), 204, nil)
	wants(t, a.request("GET", path, ""), 404, nil)

	for i, node := range f.nodes {
		var told struct{ Properties struct{ Result any } }
		wants(t, node.request("POST", "/compat/azure/code/execute?identifier=mine", `{"properties":{"code":"x = globals().get('x', 40) + 1\nx"}}`), 200, &told)
		if told.Properties.Result != float64(41+i) {
			t.Errorf("node %d: %+v", i, told)
		}
	}
	wants(t, b.request("DELETE", "/compat/azure/session?identifier=mine", ""), 204, nil)
}
