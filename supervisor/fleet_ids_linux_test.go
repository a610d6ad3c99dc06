package supervisor_test

import (
	"strings"
	"sync"
	"testing"
)

// choose makes a session with an id of its client's own, once the fleet can say whose it is.
func choose(t *testing.T, node *service, id string) answer {
	t.Helper()
	var got answer
	node.eventually("it is known who has the id", func() bool {
		got = node.do(node.request("POST", "/sessions", `{"id":"`+id+`"}`))
		return got.problem.Code != "unavailable"
	})
	return got
}

func TestEveryNodeAnswersForASessionWhoseIDItsClientChose(t *testing.T) {
	f := newFleet(t)
	a, b, c := f.nodes[0], f.nodes[1], f.nodes[2]

	t.Run("made once, by one of all nodes", func(t *testing.T) {
		answers := make([]answer, len(f.nodes))
		var all sync.WaitGroup
		for i, node := range f.nodes {
			all.Go(func() { answers[i] = choose(t, node, "once") })
		}
		all.Wait()
		made := 0
		for _, got := range answers {
			switch {
			case got.http == 201:
				made++
			case got.problem.Code != "session_exists":
				t.Errorf("%d %s", got.http, got.body)
			}
		}
		if made != 1 {
			t.Errorf("%d sessions were made", made)
		}
		if got := a.call(t, "/sessions/once", "x = 41"); got.Status != "ok" {
			t.Errorf("%s", got.body)
		}
		for _, node := range f.nodes {
			if got := node.call(t, "/sessions/once", "x + 1"); string(got.Result) != "42" {
				t.Errorf("%s", got.body)
			}
		}
	})

	t.Run("another key's is another one", func(t *testing.T) {
		other := f.keys.with(b, "two")
		if got := other.get("/sessions/once"); got.http != 404 {
			t.Errorf("another key reads it: %d %s", got.http, got.body)
		}
		if got := choose(t, other, "once"); got.http != 201 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := f.keys.with(c, "two").call(t, "/sessions/once", "'x' in globals()"); string(got.Result) != "false" {
			t.Errorf("%s", got.body)
		}
		two := f.keys.with(a, "two")
		if got := two.do(two.request("DELETE", "/sessions/once", "")); got.http != 204 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := b.do(b.request("DELETE", "/sessions/once", "")); got.http != 204 {
			t.Errorf("the first key's is there still: %d %s", got.http, got.body)
		}
	})

	t.Run("a client that marks its requests gains nothing", func(t *testing.T) {
		if got := choose(t, a, "marked"); got.http != 201 {
			t.Fatalf("%d %s", got.http, got.body)
		}
		for _, key := range []string{"one", "two"} {
			forged := f.keys.with(b, key).request("GET", "/sessions/marked", "")
			forged.Header.Set("Hotcell-Forwarded", "a")
			if got := b.do(forged); got.http != 404 || strings.Contains(got.body, "127.") {
				t.Errorf("%d %s", got.http, got.body)
			}
		}
	})

	t.Run("its end", func(t *testing.T) {
		if got := choose(t, a, "ends"); got.http != 201 {
			t.Fatalf("%d %s", got.http, got.body)
		}
		if got := b.call(t, "/sessions/ends", "import os\nos._exit(1)"); got.Status == "ok" {
			t.Errorf("%s", got.body)
		}
		if got := c.get("/sessions/ends"); got.problem.Code != "gone" || !strings.Contains(got.body, `"verdict"`) {
			t.Errorf("what became of it: %d %s", got.http, got.body)
		}
		if got := choose(t, c, "ends"); got.http != 201 {
			t.Errorf("its id is free again: %d %s", got.http, got.body)
		}
		for _, node := range f.nodes {
			if got := node.get("/sessions/ends"); got.http != 200 {
				t.Errorf("the new one: %d %s", got.http, got.body)
			}
		}
		if got := a.do(a.request("DELETE", "/sessions/ends", "")); got.http != 204 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := choose(t, b, "ends"); got.http != 201 {
			t.Errorf("it was deleted: %d %s", got.http, got.body)
		}
	})

	t.Run("its node is gone", func(t *testing.T) {
		if got := choose(t, a, "orphan"); got.http != 201 {
			t.Fatalf("%d %s", got.http, got.body)
		}
		a.drain()
		c.eventually("it is gone", func() bool { return c.get("/sessions/orphan").problem.Code == "gone" })
		if got := choose(t, b, "orphan"); got.http != 201 {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := c.call(t, "/sessions/orphan", "1 + 1"); string(got.Result) != "2" {
			t.Errorf("%s", got.body)
		}
	})

	t.Run("without NATS its own sessions go on, and none begins whose id another may have", func(t *testing.T) {
		f.nats.Shutdown()
		if got := b.call(t, "/sessions/orphan", "1 + 2"); string(got.Result) != "3" {
			t.Errorf("%s", got.body)
		}
		if got := b.do(b.request("POST", "/sessions", `{"id":"new"}`)); got.problem.Code != "unavailable" || got.header.Get("Retry-After") == "" {
			t.Errorf("%d %s", got.http, got.body)
		}
		if got := b.do(b.request("DELETE", "/sessions/orphan", "")); got.http != 204 {
			t.Errorf("%d %s", got.http, got.body)
		}
	})
}
