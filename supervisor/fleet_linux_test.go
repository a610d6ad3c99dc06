package supervisor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/config"
)

// aFleet is three nodes on loopback that share a NATS server, and the keys of a file.
type aFleet struct {
	nats  *server.Server
	nodes []*service
	keys  *keysFile
}

// newFleet starts a fleet whose nodes all know each other. The service is asked with the
// key "one".
func newFleet(t *testing.T) *aFleet {
	t.Helper()
	testkit.NeedsJails(t)
	cluster, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	cluster.Start()
	if !cluster.ReadyForConnections(testkit.Patience) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() { cluster.Shutdown(); cluster.WaitForShutdown() })
	f := &aFleet{nats: cluster, keys: newKeysFile(t, [3]string{"one", "execute, sessions", ""}, [3]string{"two", "sessions", ""}, [3]string{"boss", "admin", ""})}
	for _, name := range []string{"a", "b", "c"} {
		address := testkit.OwnAddress()
		s := start(t, func(c *config.Config) {
			small(c)
			c.Keys, c.Jobs, c.Listen = f.keys.path, false, address
			c.Nats, c.Node, c.Advertise = cluster.ClientURL(), name, address
		})
		f.nodes = append(f.nodes, f.keys.with(s, "one"))
	}
	for _, node := range f.nodes {
		node.eventually("all nodes are known", func() bool { return strings.Contains(node.get("/capacity").body, `"fleet":{"nodes":3,`) })
	}
	return f
}

// at returns the session as another node's client has it.
func (s *aSession) at(node *service) *aSession { return &aSession{node, s.SessionState} }

func TestEveryNodeAnswersForEverySession(t *testing.T) {
	f := newFleet(t)
	a, b, c := f.nodes[0], f.nodes[1], f.nodes[2]
	own := a.session("")
	there, elsewhere := own.at(b), own.at(c)
	path := "/sessions/" + own.ID
	if len(own.ID) != 31 || own.ID[8] != '-' {
		t.Errorf("the id is %q", own.ID)
	}

	t.Run("calls and what they leave", func(t *testing.T) {
		if got := there.call("x = 41"); got.http != 200 || got.Status != "ok" {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := elsewhere.call("x + 1"); string(got.Result) != "42" || len(got.header["X-Request-Id"]) != 1 {
			t.Errorf("%v %s", got.header, got.body)
		}
		if got := there.call("1 +"); got.problem.Code != "syntax_error" || len(got.header["X-Request-Id"]) != 1 {
			t.Errorf("%v %s", got.header, got.body)
		}
		if got := b.get(path); !strings.Contains(got.body, `"calls":3`) && !strings.Contains(got.body, `"calls":2`) {
			t.Errorf("%s", got.body)
		}
		if got := c.do(c.request("PATCH", path, `{"ttl_s": 60}`)); got.http != 200 {
			t.Errorf("%d %s", got.http, got.body)
		}
	})

	t.Run("files", func(t *testing.T) {
		text := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MiB
		if got := there.file("PUT", "/f", bytes.NewReader(text)); got.http != 201 && got.http != 200 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := elsewhere.file("GET", "/f", nil); got.http != 200 || got.body != string(text) {
			t.Errorf("%d, %d bytes", got.http, len(got.body))
		}
		if got := c.get(path + "/files?pattern=**"); !strings.Contains(got.body, `"f"`) {
			t.Errorf("%s", got.body)
		}
		if got := there.file("DELETE", "/f", nil); got.http != 204 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := there.file("GET", "/f", nil); got.problem.Code != "not_found" && got.problem.Code != "file_error" {
			t.Errorf("%d %s", got.http, got.body)
		}
	})

	t.Run("a stream, and a client that hangs up", func(t *testing.T) {
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		r := b.request("POST", path+"/execute", encode(t, "import time\nprint('begun', flush=True)\ntime.sleep(600)", fields{"limits": fields{"interrupt_grace_ms": 10000, "wall_ms": 60000}})).WithContext(ctx)
		r.Header.Set("Accept", "application/x-ndjson")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		first := make([]byte, 64)
		if n, err := io.ReadAtLeast(response.Body, first, 20); err != nil || !strings.Contains(string(first[:n]), "begun") {
			t.Errorf("%v %s", err, first[:n])
		}
		if got := c.call(t, path, "1"); got.problem.Code != "busy" {
			t.Errorf("%d %s", got.http, got.body)
		}
		hangUp()
		a.eventually("the call is interrupted", func() bool { return strings.Contains(a.get(path).body, `"busy":false`) })
		if got := there.call("x"); string(got.Result) != "41" {
			t.Errorf("the session has lost what it had: %s", got.body)
		}
	})

	t.Run("an interrupt", func(t *testing.T) {
		answers := make(chan answer)
		go func() {
			answers <- there.call("import time\ntime.sleep(600)", fields{"limits": fields{"interrupt_grace_ms": 10000, "wall_ms": 60000}})
		}()
		c.eventually("it is interrupted", func() bool {
			return c.do(c.request("POST", path+"/interrupt", "")).body == `{"interrupted":true}`+"\n"
		})
		if got := <-answers; !strings.Contains(got.body, "KeyboardInterrupt") {
			t.Errorf("%s", got.body)
		}
	})

	t.Run("who may not", func(t *testing.T) {
		other, boss := f.keys.with(b, "two"), f.keys.with(c, "boss")
		here, passed := f.keys.with(a, "two").get(path), other.get(path)
		if here.http != 404 || passed.http != 404 || here.problem.Detail != passed.problem.Detail {
			t.Errorf("another key's session: %s and %s", here.body, passed.body)
		}
		forged := b.request("GET", path, "")
		forged.Header.Set("Hotcell-Forwarded", "x")
		if got := b.do(forged); got.http != 421 || got.problem.Code != "misdirected" || got.problem.Node != "a" || got.problem.Address != "" {
			t.Errorf("marked by its client: %d %s", got.http, got.body)
		}
		forged = a.request("GET", path, "")
		forged.Header.Set("Hotcell-Forwarded", "x")
		if got := a.do(forged); got.http != 200 {
			t.Errorf("marked by its client, at its node: %d %s", got.http, got.body)
		}
		if got := b.get("/sessions/ZZZZZZZZ" + own.ID[8:]); got.http != 503 && got.http != 410 {
			t.Errorf("the token of no node: %d %s", got.http, got.body)
		}
		if got := b.get("/sessions/" + own.ID[:9] + strings.Repeat("A", 22)); got.http != 404 {
			t.Errorf("another session of that node: %d %s", got.http, got.body)
		}
		if got := b.do(b.request("POST", "/sessions", `{"id":"`+own.ID+`"}`)); got.problem.Code != "invalid_request" {
			t.Errorf("its id, chosen at another node: %d %s", got.http, got.body)
		}
		// The owner checks the key itself, whatever the node says that passes it on.
		f.keys.write("two", "boss")
		a.ReloadKeys()
		if got := b.get(path); got.http != 401 && got.http != 410 {
			t.Errorf("a key that its owner has revoked: %d %s", got.http, got.body)
		}
		f.keys.write("one", "two", "boss")
		for _, node := range f.nodes {
			node.ReloadKeys()
		}
		again := f.nodes[0].session("")
		if got := boss.do(boss.request("DELETE", "/admin/sessions/"+again.ID, "")); got.http != 204 {
			t.Errorf("an administrator: %d %s", got.http, got.body)
		}
	})

	t.Run("its end", func(t *testing.T) {
		last := a.session("")
		if got := c.do(c.request("DELETE", "/sessions/"+last.ID, "")); got.http != 204 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := b.get("/sessions/" + last.ID); got.http != 404 {
			t.Errorf("%d %s", got.http, got.body)
		}
		var left struct{ ID string }
		if err := json.Unmarshal([]byte(b.do(b.request("POST", "/sessions", "")).body), &left); err != nil {
			t.Fatal(err)
		}
		b.drain()
		if got := c.get("/sessions/" + left.ID); got.http != 503 && got.http != 410 {
			t.Errorf("its node has ended: %d %s", got.http, got.body)
		}
		var told struct{ Fleet struct{ Nodes int } }
		c.eventually("the others know that it has left", func() bool {
			return json.Unmarshal([]byte(c.get("/capacity").body), &told) == nil && told.Fleet.Nodes == 2
		})
		f.nats.Shutdown()
		alone := c.session("")
		if got := alone.call("1"); got.http != 200 {
			t.Errorf("without NATS: %d %s", got.http, got.body)
		}
	})
}

// call calls a session of another node.
func (s *service) call(t *testing.T, path, script string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return s.do(s.request("POST", path+"/execute", encode(t, script)).WithContext(ctx))
}
