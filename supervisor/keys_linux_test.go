package supervisor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// keysFile is a keys file of a test, and the secrets of its keys by name.
type keysFile struct {
	t       *testing.T
	path    string
	entries map[string]string
	secrets map[string]string
}

// newKeysFile makes a key for each entry: its name, its rights, and further fields
// with commas between.
func newKeysFile(t *testing.T, entries ...[3]string) *keysFile {
	t.Helper()
	f := &keysFile{t: t, path: filepath.Join(t.TempDir(), "keys.yaml"), entries: make(map[string]string), secrets: make(map[string]string)}
	var names []string
	for _, e := range entries {
		secret, entry, err := keys.NewEntry(e[0], e[1])
		if err != nil {
			t.Fatal(err)
		}
		for field := range strings.SplitSeq(e[2], ";") {
			entry += "  " + strings.TrimSpace(field) + "\n"
		}
		f.entries[e[0]], f.secrets[e[0]] = entry, secret
		names = append(names, e[0])
	}
	f.write(names...)
	return f
}

// write writes a file with these keys.
func (f *keysFile) write(names ...string) {
	f.t.Helper()
	text := ""
	for _, name := range names {
		text += f.entries[name]
	}
	if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// with returns a client of s with one of the file's keys.
func (f *keysFile) with(s *service, name string) *service {
	other := s.as(f.t)
	other.key = f.secrets[name]
	return other
}

func TestAKeyMayDoWhatItsRightsSay(t *testing.T) {
	f := newKeysFile(t,
		[3]string{"runner", "execute", "limits: {wall: 3s, processes: 8}"},
		[3]string{"watcher", "admin", ""},
		[3]string{"sitter", "sessions", ""})
	s := start(t, func(c *config.Config) { small(c); c.Keys = f.path })
	s.eventually("a cell is ready", func() bool { return s.get("/readyz").http == 200 })
	stranger := s.as(t)
	stranger.key = "hotcell_nobody"
	watcher := f.with(s, "watcher")
	clients := map[string]*service{"none": s, "stranger": stranger, "runner": f.with(s, "runner"), "watcher": watcher, "sitter": f.with(s, "sitter")}
	for _, c := range []struct {
		method, path string
		want         map[string]int // 401 for requests without a known key, else 403
	}{
		{"GET", "/sessions", map[string]int{"sitter": 200}},
		{"GET", "/metrics", map[string]int{"watcher": 200}},
		{"GET", "/info", map[string]int{"runner": 200, "watcher": 200, "sitter": 200}},
		{"GET", "/livez", map[string]int{"none": 200, "stranger": 200, "runner": 200, "watcher": 200, "sitter": 200}},
		{"GET", "/healthz", map[string]int{"none": 200, "stranger": 200, "runner": 200, "watcher": 200, "sitter": 200}},
		{"GET", "/readyz", map[string]int{"none": 200, "stranger": 200, "runner": 200, "watcher": 200, "sitter": 200}},
		// Last, since they use the cells without which the service is not ready.
		{"POST", "/execute", map[string]int{"runner": 200}},
		{"POST", "/v1/execute", map[string]int{"runner": 200}},
	} {
		for name, client := range clients {
			want, body := c.want[name], ""
			switch {
			case want != 0:
			case client.key == "" || client == stranger:
				want = 401
			default:
				want = 403
			}
			if c.method == "POST" {
				body = encode(t, "def main(): return 1")
			}
			a := client.do(client.request(c.method, c.path, body))
			if a.http != want {
				t.Errorf("%s %s as %s: %d, want %d: %s", c.method, c.path, name, a.http, want, a.body)
			}
			if challenge := a.header.Get("WWW-Authenticate"); (want == 401) != strings.HasPrefix(challenge, "Bearer") ||
				want == 401 && a.problem.Code != "unauthorized" || want == 403 && a.problem.Code != "forbidden" {
				t.Errorf("%s %s as %s: %q, %s", c.method, c.path, name, challenge, a.body)
			}
		}
	}

	runner := f.with(s, "runner")
	if a := runner.execute("def main(): pass", fields{"limits": fields{"wall_ms": 3001}}); a.problem.Code != "limit_too_high" || !strings.Contains(a.problem.Detail, "3000") {
		t.Errorf("%s", a.body)
	}
	var info api.Info
	if err := json.Unmarshal([]byte(runner.get("/info").body), &info); err != nil {
		t.Fatal(err)
	}
	if own := info.Profiles["default"].Limits; own.Max["wall_ms"] != 3000 || own.Default["wall_ms"] != 3000 || own.Default["processes"] != 8 || own.Max["memory_bytes"] != 1<<30 {
		t.Errorf("%+v", own)
	}
	if n := watcher.metric("hotcell_key_requests_total", "key=runner", "code=200"); n != 4 {
		t.Errorf("%v requests of the key are counted", n)
	}
	if watcher.metric("hotcell_keys") != 3 || watcher.metric("hotcell_keys_last_reload_success") != 1 {
		t.Error("keys are not counted")
	}
	http.DefaultClient.CloseIdleConnections()
	s.Drain(t.Context()) // so that nothing writes to the log any more
	log := s.log.String()
	if !strings.Contains(log, `"key":"runner"`) {
		t.Errorf("the log does not name the key:\n%s", log)
	}
	for name, secret := range f.secrets {
		if strings.Contains(log, secret) || strings.Contains(log, strings.Fields(f.entries[name])[4]) {
			t.Errorf("the log has key %s or its hash", name)
		}
	}
	if strings.Contains(log, "hotcell_nobody") {
		t.Error("the log has an unknown key")
	}
}

func TestKeysChangeWithoutARequestLost(t *testing.T) {
	f := newKeysFile(t, [3]string{"stays", "execute,admin", ""}, [3]string{"goes", "execute", ""})
	s := start(t, func(c *config.Config) { small(c); c.Keys = f.path })
	stays, goes := f.with(s, "stays"), f.with(s, "goes")
	if a := goes.execute("def main(): return 1"); a.http != 200 {
		t.Fatalf("%s", a.body)
	}
	done := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if a := stays.execute("def main(): return 1"); a.http != 200 {
				t.Errorf("%d %s", a.http, a.body)
			}
		}
	})
	for range 5 {
		for _, names := range [][]string{{"stays", "goes"}, {}, {"stays"}} { // a file without keys is invalid
			f.write(names...)
			s.ReloadKeys()
		}
	}
	close(done)
	all.Wait()
	if a := goes.execute("def main(): return 1"); a.http != 401 {
		t.Errorf("the key that is gone: %d %s", a.http, a.body)
	}
	f.write()
	s.ReloadKeys()
	if stays.metric("hotcell_keys_last_reload_success") != 0 || stays.metric("hotcell_keys") != 1 {
		t.Error("a broken file is not shown")
	}
	f.write("goes", "stays") // this time without a signal
	s.eventually("the key is back", func() bool { return goes.execute("def main(): return 1").http == 200 })
}

func TestAKeyWithManyRequestsDoesNotKeepAnotherWaiting(t *testing.T) {
	f := newKeysFile(t, [3]string{"greedy", "execute,admin", "max_waiting: 20"}, [3]string{"quiet", "execute", "rate: 0.001; burst: 2"})
	s := start(t, func(c *config.Config) {
		small(c)
		c.Keys, c.MaxRunning, c.MaxWait, c.MaxExpectedWait = f.path, 1, time.Minute, time.Minute
	})
	greedy, quiet := f.with(s, "greedy"), f.with(s, "quiet")
	waiting := func(n int) func() bool {
		return func() bool { return greedy.metric("hotcell_key_waiting", "key=greedy") == float64(n) }
	}
	var mu sync.Mutex
	var order []string
	var all sync.WaitGroup
	run := func(name string, client *service, script string) {
		all.Go(func() {
			if a := client.execute(script); a.http != 200 {
				t.Errorf("%s: %d %s", name, a.http, a.body)
			}
			mu.Lock()
			order = append(order, name)
			mu.Unlock()
		})
	}
	release := greedy.hold()
	for range 20 {
		run("greedy", greedy, "import time\ndef main(): time.sleep(0.05)")
	}
	s.eventually("the others wait", waiting(20))
	if a := greedy.execute("def main(): pass"); a.http != 429 || a.problem.Code != "rate_limited" || a.header.Get("Retry-After") != "1" {
		t.Errorf("one more: %d %s", a.http, a.body)
	}
	run("quiet", quiet, "def main(): return 1")
	s.eventually("the quiet key waits", func() bool { return greedy.metric("hotcell_waiting") == 21 })
	release()
	all.Wait()
	if i := slices.Index(order, "quiet"); i < 0 || i > 2 {
		t.Errorf("the quiet key was number %d", i)
	}
	if a := quiet.execute("def main(): return 1"); a.http != 200 {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := quiet.execute("def main(): return 1"); a.http != 429 || a.problem.Code != "rate_limited" || a.header.Get("Retry-After") == "" {
		t.Errorf("over its rate: %d %s", a.http, a.body)
	}
}

func TestOtherSitesPagesRunNothing(t *testing.T) {
	s := theService(t)
	try := func(change func(*http.Request)) answer {
		r := s.request("POST", "/execute", encode(t, "def main(): return 1"))
		change(r)
		return s.do(r)
	}
	for name, change := range map[string]func(*http.Request){
		"by fetch metadata": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"by origin":         func(r *http.Request) { r.Header.Set("Origin", "http://example.org") },
		"by rebinding":      func(r *http.Request) { r.Host = "example.org"; r.Header.Set("Origin", "http://example.org") },
	} {
		if a := try(change); a.http != 403 || a.problem.Code != "forbidden" {
			t.Errorf("%s: %d %s", name, a.http, a.body)
		}
	}
	if a := try(func(r *http.Request) { r.Header.Set("Origin", s.url) }); a.http != 200 {
		t.Errorf("one's own page: %d %s", a.http, a.body)
	}
}

func TestWithoutKeysOnlyLoopbackIsServed(t *testing.T) {
	for _, change := range []func(*config.Config){
		func(c *config.Config) { c.Listen = "0.0.0.0:0" },
		func(c *config.Config) { c.Listen = ":0" },
		func(c *config.Config) { c.AdminListen = "0.0.0.0:0" },
	} {
		cfg := config.Default()
		cfg.Listen = "localhost:0"
		change(&cfg)
		s, err := supervisor.Start(t.Context(), cfg, discard)
		if !errors.Is(err, config.ErrOpen) {
			t.Errorf("%s, %s: %v", cfg.Listen, cfg.AdminListen, err)
		}
		if s != nil {
			_ = s.Close()
		}
	}
	s := start(t, func(c *config.Config) { small(c); c.Listen, c.OpenToAll = "0.0.0.0:0", true })
	r := s.request("POST", "/execute", encode(t, "def main(): return 1"))
	r.Host = "hotcell.example.org"
	r.Header.Set("Origin", "http://hotcell.example.org")
	if a := s.do(r); a.http != 200 {
		t.Errorf("open to all: %d %s", a.http, a.body)
	}
}

func TestTheAdminListenerNeedsTheRightWhereThereAreKeys(t *testing.T) {
	f := newKeysFile(t, [3]string{"runner", "execute", ""}, [3]string{"watcher", "admin", ""})
	s := start(t, func(c *config.Config) { small(c); c.Keys, c.AdminListen = f.path, "127.0.0.1:0" })
	for name, want := range map[string]int{"": 401, "runner": 403, "watcher": 200} {
		client := f.with(s, name)
		client.url = fmt.Sprint("http://", s.AdminAddr())
		for _, path := range []string{"/metrics", "/debug/pprof/cmdline"} {
			if a := client.get(path); a.http != want {
				t.Errorf("%s as %q: %d %.200s", path, name, a.http, a.body)
			}
		}
	}
}

func TestASessionBelongsToTheKeyThatMadeIt(t *testing.T) {
	f := newKeysFile(t, [3]string{"one", "sessions", "limits: {wall: 3s}"}, [3]string{"two", "sessions", ""}, [3]string{"three", "execute", ""})
	s := start(t, func(c *config.Config) { small(c); c.Keys = f.path; c.MaxSessionsPerKey = 1 })
	session := f.with(s, "one").session("")
	if session.Limits["wall_ms"] != 3000 {
		t.Errorf("%v", session.Limits)
	}
	if a := session.do(session.request("POST", "/sessions", "")); a.http != 429 || a.problem.Code != "too_many_sessions" {
		t.Errorf("%d %s", a.http, a.body)
	}
	two := &aSession{f.with(s, "two"), session.SessionState}
	if a := two.call("1"); a.http != 404 {
		t.Errorf("another's session: %d %s", a.http, a.body)
	}
	if a := two.get("/sessions"); a.body != "{\"sessions\":[]}\n" {
		t.Errorf("%s", a.body)
	}
	if a := two.do(two.request("DELETE", "/sessions/"+session.ID, "")); a.http != 404 {
		t.Errorf("%d %s", a.http, a.body)
	}
	two.session("") // its place is its own
	if a := (&aSession{f.with(s, "three"), session.SessionState}).call("1"); a.http != 403 {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := session.call("1 + 1"); string(a.Result) != "2" {
		t.Errorf("%s", a.body)
	}
	if a := session.call("1", fields{"limits": fields{"wall_ms": 3001}}); a.http != 400 || a.problem.Code != "limit_too_high" {
		t.Errorf("%d %s", a.http, a.body)
	}
}

// The tools of an assistant have exactly the rights of its key.
func TestAnAssistantHasTheRightsOfItsKey(t *testing.T) {
	f := newKeysFile(t, [3]string{"runner", "execute", ""})
	s := start(t, func(c *config.Config) { small(c); c.Keys = f.path })
	a := f.with(s, "runner").assistant()
	if result, text := a.use("run_python", fields{"code": "6 * 7"}); result.IsError || !strings.Contains(text, "42") {
		t.Errorf("%s", text)
	}
	if result, text := a.use("start_session", nil); !result.IsError || !strings.Contains(text, `does not have the "sessions" right`) {
		t.Errorf("%s", text)
	}
}
