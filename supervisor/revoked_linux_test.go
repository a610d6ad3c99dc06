package supervisor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// revocable starts a service with three keys, of which "leaked" will be revoked.
func revocable(t *testing.T, change func(*config.Config)) (s *service, f *keysFile) {
	t.Helper()
	f = newKeysFile(t,
		[3]string{"leaked", "execute,sessions", ""}, [3]string{"stays", "execute,sessions", ""}, [3]string{"boss", "admin", ""})
	s = start(t, func(c *config.Config) {
		small(c)
		c.Keys, c.MaxSessions, c.MaxSessionsPerKey, c.MaxRunning = f.path, 4, 4, 8
		change(c)
	})
	return s, f
}

const longSleep = "import time\nprint('begun', flush=True)\ndef main(): time.sleep(60)"

var lasting = fields{"limits": fields{"wall_ms": 60_000}}

// Sessions, terminals and streams end with their key, also while in use. Those of
// other keys go on.
func TestARevokedKeyTakesWhatItHasWithIt(t *testing.T) {
	s, f := revocable(t, func(*config.Config) {})
	leaked, stays, boss := f.with(s, "leaked"), f.with(s, "stays"), f.with(s, "boss")

	mine := leaked.session("")
	busy := leaked.session("")
	other := stays.session("")
	terminal := leaked.tty(fields{"script": "print('begun')\ninput()"})
	terminal.expect("begun")
	stream := leaked.stream("text/event-stream", longSleep, lasting)
	if e, ok := stream.next(); !ok || e.Event != "stdout" {
		t.Fatalf("%+v", e)
	}
	var inBusy answer
	var all sync.WaitGroup
	all.Go(func() { inBusy = busy.call("import time; time.sleep(60)", lasting) })
	s.eventually("the call runs", func() bool {
		return strings.Contains(boss.get("/admin/sessions").body, `"busy":true`)
	})

	f.write("stays", "boss")
	s.ReloadKeys()
	e, ok := stream.next()
	for ok && e.Event == "stdout" { // the line may arrive in two pieces
		e, ok = stream.next()
	}
	if !ok || e.Event != "problem" || !strings.Contains(string(e.Data), `"code":"unauthorized"`) || !strings.Contains(string(e.Data), "revoked") {
		t.Errorf("the stream: %v %s %s", ok, e.Event, e.Data)
	}
	if code, _ := terminal.end(); code.Code != websocket.StatusPolicyViolation || !strings.Contains(code.Reason, "revoked") {
		t.Errorf("the terminal: %v", code)
	}
	all.Wait()
	if inBusy.http != 410 || !strings.Contains(inBusy.problem.Detail, "revoked") {
		t.Errorf("the call: %d %s", inBusy.http, inBusy.body)
	}
	if a := boss.get("/admin/sessions"); strings.Contains(a.body, mine.ID) || strings.Contains(a.body, busy.ID) || !strings.Contains(a.body, other.ID) {
		t.Errorf("%s", a.body)
	}
	if n := boss.metric("hotcell_sessions_ended_total", "reason=revoked"); n != 2 {
		t.Errorf("%v sessions are counted as revoked", n)
	}
	if text := boss.get("/metrics").body; strings.Contains(text, `key="leaked"`) {
		t.Errorf("the key has series still:\n%s", text)
	}
	if a := other.call("6 * 7"); string(a.Result) != "42" {
		t.Errorf("another key's session: %d %s", a.http, a.body)
	}
	s.eventually("all places are free", func() bool { return boss.metric("hotcell_running") == 0 && boss.metric("hotcell_terminals") == 0 })
	for n := range 3 { // the places are free again when the cells are gone
		s.eventually(fmt.Sprintf("there is a place for another session, number %d", n), func() bool {
			return stays.do(stays.request("POST", "/sessions", "")).http == http.StatusCreated
		})
	}
}

// What was opened with a secret ends when the secret is replaced under the same name,
// and when its right is removed. Otherwise it goes on.
func TestWhatWasOpenedWithASecretEndsWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(entry, newEntry string) string
		ends   bool
	}{
		"another secret": {func(_, fresh string) string { return fresh }, true},
		"one more secret": {func(old, fresh string) string {
			return strings.Replace(old, hash(old), "["+hash(old)+","+hash(fresh)+"]", 1)
		}, false},
		"a right less":     {func(old, _ string) string { return strings.Replace(old, "execute,", "", 1) }, true},
		"a lower share":    {func(old, _ string) string { return old + "  share: 2\n" }, false},
		"fewer profiles":   {func(old, _ string) string { return old + "  profiles: [default]\n" }, true},
		"the same, by all": {func(old, _ string) string { return old }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, f := revocable(t, func(*config.Config) {})
			session := f.with(s, "leaked").session("")
			_, fresh, err := keys.NewEntry("leaked", "execute,sessions")
			if err != nil {
				t.Fatal(err)
			}
			f.entries["leaked"] = c.change(f.entries["leaked"], fresh)
			f.write("leaked", "stays", "boss")
			s.ReloadKeys()
			s.eventually("it is as it should be", func() bool {
				return strings.Contains(f.with(s, "boss").get("/admin/sessions").body, session.ID) != c.ends
			})
		})
	}
}

// hash returns the hash in an entry of the keys file.
func hash(entry string) string {
	_, after, _ := strings.Cut(entry, "sha256: ")
	return strings.Fields(after)[0]
}

// A run that needs nothing more from its client goes on, unless end_revoked_runs is
// set. Waiting requests are refused either way.
func TestRunsOfARevokedKeyEndWhereTheSettingSaysSo(t *testing.T) {
	for _, ends := range []bool{false, true} {
		t.Run(fmt.Sprint("end_revoked_runs ", ends), func(t *testing.T) {
			s, f := revocable(t, func(c *config.Config) { c.EndRevokedRuns, c.MaxRunning = ends, 1 })
			leaked, boss := f.with(s, "leaked"), f.with(s, "boss")
			seconds := 3
			if ends {
				seconds = 30
			}
			var ran, waited answer
			var all sync.WaitGroup
			all.Go(func() { ran = leaked.execute(fmt.Sprintf("import time\ndef main(): time.sleep(%d)", seconds)) })
			s.eventually("it runs", func() bool { return boss.metric("hotcell_cells", "profile=default", "state=claimed") == 1 })
			all.Go(func() { waited = leaked.execute("def main(): return 1") })
			s.eventually("another waits", func() bool { return boss.metric("hotcell_waiting") == 1 })
			f.write("stays", "boss")
			s.ReloadKeys()
			all.Wait()
			if waited.http != http.StatusUnauthorized || waited.problem.Code != "unauthorized" {
				t.Errorf("what waited: %d %s", waited.http, waited.body)
			}
			if ends && ran.http != http.StatusUnauthorized || !ends && ran.http != http.StatusOK {
				t.Errorf("what ran: %d %s", ran.http, ran.body)
			}
		})
	}
}

// A client that does not read cannot keep its stream.
func TestAStreamOfARevokedKeyEndsUnread(t *testing.T) {
	s, f := revocable(t, func(*config.Config) {})
	leaked := f.with(s, "leaked")
	conn := leaked.raw(t)
	_ = conn.SetReadBuffer(4 << 10)
	conn.post("/execute", "Accept: text/event-stream\r\nX-Request-Id: unread\r\nAuthorization: Bearer "+leaked.key+"\r\n",
		encode(t, showsMuch, fields{"display": true, "limits": fields{"outputs_bytes": 32 << 20}}))
	if _, err := conn.reader.Peek(1); err != nil {
		t.Fatal(err)
	}
	f.write("stays", "boss")
	s.ReloadKeys()
	s.eventually("its stream is over", func() bool { return strings.Contains(s.log.String(), `"id":"unread"`) })
}

func TestAnAdministratorListsAndEndsSessions(t *testing.T) {
	s, f := revocable(t, func(*config.Config) {})
	boss, leaked, stays := f.with(s, "boss"), f.with(s, "leaked"), f.with(s, "stays")
	one, two, three := leaked.session(""), leaked.session(""), stays.session("")
	list := func(query string) (ids []string) {
		var all struct {
			Sessions []api.SessionState `json:"sessions"`
		}
		a := boss.get("/admin/sessions" + query)
		if err := json.Unmarshal([]byte(a.body), &all); err != nil || a.http != 200 {
			t.Fatalf("%v: %d %s", err, a.http, a.body)
		}
		for _, session := range all.Sessions {
			if want := map[string]string{one.ID: "leaked", two.ID: "leaked", three.ID: "stays"}[session.ID]; session.Key != want {
				t.Errorf("session of key %q, not %q", session.Key, want)
			}
			ids = append(ids, session.ID)
		}
		return ids
	}
	if got := list(""); len(got) != 3 || got[0] != one.ID || got[2] != three.ID {
		t.Errorf("%q", got)
	}
	if got := list("?key=stays"); len(got) != 1 || got[0] != three.ID {
		t.Errorf("%q", got)
	}
	remove := func(path string) answer { return boss.do(boss.request("DELETE", path, "")) }
	if a := remove("/admin/sessions?kye=leaked"); a.http != 400 || len(list("")) != 3 {
		t.Errorf("a misspelt parameter: %d %s", a.http, a.body)
	}
	if a := remove("/admin/sessions/" + one.ID); a.http != 204 {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := remove("/admin/sessions/" + one.ID); a.http != 404 || a.problem.Code != "not_found" {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := one.over(); a.http != 410 || !strings.Contains(a.problem.Detail, "administrator") {
		t.Errorf("its owner is told: %d %s", a.http, a.body)
	}
	if a := remove("/admin/sessions?key=leaked"); a.http != 200 || a.body != "{\"removed\":1}\n" {
		t.Errorf("%d %s", a.http, a.body)
	}
	if a := remove("/admin/sessions"); a.http != 200 || a.body != "{\"removed\":1}\n" || len(list("")) != 0 {
		t.Errorf("%d %s", a.http, a.body)
	}
	for _, r := range []*http.Request{leaked.request("GET", "/admin/sessions", ""), leaked.request("DELETE", "/admin/sessions", ""), leaked.request("DELETE", "/admin/sessions/x", "")} {
		if a := leaked.do(r); a.http != 403 || !strings.Contains(a.problem.Detail, `does not have the "admin" right`) {
			t.Errorf("without the right: %d %s", a.http, a.body)
		}
	}
}
