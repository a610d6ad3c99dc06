package forward_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/forward"
)

// cluster starts a NATS server on loopback.
func cluster(t *testing.T) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(testkit.Patience) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

// join returns a node that has joined, and leaves at the end of the test. It is gone when it is
// silent for a second, which is longer than a busy machine halts a process.
func join(t *testing.T, s *server.Server, node, advertise string) *forward.Nodes {
	t.Helper()
	cfg := forward.Config{Settings: config.Default(), Log: slog.New(slog.DiscardHandler), State: func() fleet.State { return fleet.State{} }, Runs: context.Background(), Every: 200 * time.Millisecond}
	cfg.Settings.Nats, cfg.Settings.Node, cfg.Settings.Advertise = s.ClientURL(), node, advertise
	n := forward.New(cfg)
	if err := n.Join(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Leave)
	return n
}

// code returns the code of a refusal; empty: it is none.
func code(err error) api.Code {
	var p *api.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func request(method string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "/sessions/x", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// find waits until n has heard of an id's node, which is there.
func find(t *testing.T, n *forward.Nodes, id string, headers ...string) (node *fleet.Node, err error) {
	t.Helper()
	return findOf(t, n, "owner", id, headers...)
}

// findOf is find for a session of that owner. A node is unsure while it has not heard of the
// others in time, as on a busy machine.
func findOf(t *testing.T, n *forward.Nodes, owner, id string, headers ...string) (node *fleet.Node, err error) {
	t.Helper()
	testkit.Eventually(t, "the node is known", func() bool {
		node, err = n.Find(request("GET", headers...), owner, id)
		return code(err) != api.CodeUnavailable && code(err) != api.CodeGone
	}, func() string { return err.Error() })
	return node, err
}

func TestAnIDSaysWhichNodeHasTheSession(t *testing.T) {
	s := cluster(t)
	a, b, mute := join(t, s, "a", "127.0.0.1:1"), join(t, s, "b", "127.0.0.1:2"), join(t, s, "mute", "")
	for _, id := range []string{a.NewID(), "chosen", "AAAAAAAA-BBBB"} {
		if node, err := find(t, a, id); node != nil || err != nil {
			t.Errorf("%s: %+v %v", id, node, err)
		}
	}
	if id := a.NewID(); len(id) > 31 || !a.Reserves(id) || !b.Reserves(id) || a.Reserves("chosen") || strings.Contains(id, "127") {
		t.Error(id)
	}
	if node, err := find(t, a, b.NewID()); err != nil || node.Advertise != "127.0.0.1:2" {
		t.Errorf("%+v %v", node, err)
	}
	for name, c := range map[string]struct {
		id      string
		headers []string
	}{
		"nobody reaches it":        {mute.NewID(), nil},
		"it was passed on already": {b.NewID(), []string{"Hotcell-Forwarded", "x"}},
	} {
		_, err := find(t, a, c.id, c.headers...)
		var p *api.Problem
		if !errors.As(err, &p) || p.Code != api.CodeMisdirected || p.Status != http.StatusMisdirectedRequest || p.Node == "" || p.Address != "" { // which would show the network
			t.Errorf("%s: %v %+v", name, err, p)
		}
	}
	b.Leave()
	for name, id := range map[string]string{"the token of no node": "ZZZZZZZZ" + b.NewID()[8:], "the token of a node that has left": b.NewID()} {
		testkit.Eventually(t, "it is gone: "+name, func() bool { _, err := a.Find(request("GET"), "owner", id); return code(err) == api.CodeGone }, nil)
	}
}

func TestWithoutAClusterThereIsOneNode(t *testing.T) {
	n := forward.New(forward.Config{Settings: config.Default()})
	if err := n.Join(); err != nil {
		t.Error(err)
	}
	n.Tell()
	defer n.Leave()
	if node, err := n.Find(request("GET"), "owner", "AAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB"); node != nil || err != nil || len(n.NewID()) != 26 || n.Reserves(n.NewID()) || n.Fleet(api.Capacity{}, 0, false) != nil {
		t.Error(node, err)
	}
}

// passing serves requests of clients by passing them on to the address, with errors as
// problems.
func passing(t *testing.T, n *forward.Nodes, address string) *httptest.Server {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "id")
		err := n.Pass(w, r, "id", "party", &fleet.Node{Name: "other", Advertise: address})
		var p *api.Problem
		switch {
		case errors.As(err, &p):
			p.Write(w, "id")
		case errors.Is(err, api.ErrClientGone):
			panic(http.ErrAbortHandler)
		case err != nil:
			t.Error(err)
		}
	}))
	t.Cleanup(front.Close)
	return front
}

// owner serves what is passed on.
func owner(t *testing.T, serve http.HandlerFunc) (address string) {
	t.Helper()
	back := httptest.NewServer(serve)
	t.Cleanup(back.Close)
	return back.Listener.Addr().String()
}

func TestARequestIsPassedOnAsItIs(t *testing.T) {
	n := join(t, cluster(t), "a", "")
	front := passing(t, n, owner(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Authorization") != "Bearer k" || r.Header.Get("Hotcell-Forwarded") != "a" || r.Header.Get("X-Request-Id") != "id" || r.Host != "name.test" ||
			r.URL.RequestURI() != "/sessions/x/files/a%2Fb?c=d" || string(body) != "body" || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("%s %s %v %s", r.Host, r.URL.RequestURI(), r.Header, body)
		}
		w.Header().Set("X-Request-Id", r.Header.Get("X-Request-Id"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "answer")
	}))
	r, err := http.NewRequest("PUT", front.URL+"/sessions/x/files/a%2Fb?c=d", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "name.test"
	r.Header.Set("Authorization", "Bearer k")
	r.Header.Set("X-Forwarded-For", "1.2.3.4")
	r.Header.Set("Expect", "100-continue")
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "answer" || answer.StatusCode != http.StatusTeapot || len(answer.Header["X-Request-Id"]) != 1 {
		t.Errorf("%v %s %v", err, body, answer)
	}
}

func TestAnAnswerIsPassedOnAsItComes(t *testing.T) {
	read, hungUp := make(chan struct{}), make(chan struct{})
	n := join(t, cluster(t), "a", "")
	front := passing(t, n, owner(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-read
		_, _ = io.WriteString(w, "second\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(hungUp)
	}))
	answer, err := http.Get(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"first\n", "second\n"} {
		line := make([]byte, len(want))
		if _, err := io.ReadFull(answer.Body, line); err != nil || string(line) != want {
			t.Errorf("%v %s", err, line)
		}
		if i == 0 {
			close(read)
		}
	}
	_ = answer.Body.Close()
	<-hungUp // the client's hanging up reaches the owner
}

func TestAWebSocketIsPassedOn(t *testing.T) {
	n := join(t, cluster(t), "a", "")
	front := passing(t, n, owner(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		kind, text, err := conn.Read(r.Context())
		if err == nil {
			err = conn.Write(r.Context(), kind, append(text, '!'))
		}
		if err != nil {
			t.Error(err)
		}
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))
	conn, _, err := websocket.Dial(t.Context(), front.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("text")); err != nil {
		t.Fatal(err)
	}
	if _, text, err := conn.Read(t.Context()); err != nil || string(text) != "text!" {
		t.Errorf("%v %s", err, text)
	}
}

func TestWhatKeepsARequestFromItsNodeIsTold(t *testing.T) {
	n := join(t, cluster(t), "a", "")
	closed := httptest.NewServer(nil)
	closed.Close()
	cut := func(begin string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, begin)
				err = conn.Close()
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	for name, c := range map[string]struct {
		address string
		code    api.Code // empty: the connection is cut
	}{
		"nobody listens":               {closed.Listener.Addr().String(), api.CodeUnavailable},
		"it ends before it answers":    {owner(t, cut("")), api.CodeDraining},
		"it ends while it answers":     {owner(t, cut("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbeginning")), ""},
		"it is no hotcell, or no HTTP": {owner(t, cut("hello\r\n\r\n")), api.CodeDraining},
	} {
		answer, err := http.Post(passing(t, n, c.address).URL, "text/plain", strings.NewReader("body"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var p api.Problem
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if c.code == "" {
			if err == nil {
				t.Errorf("%s: it is taken for complete: %s", name, body)
			}
			continue
		}
		if err := json.Unmarshal(body, &p); err != nil || p.Code != c.code || answer.Header.Get("Retry-After") != "1" || answer.Header.Get("X-Request-Id") != "id" || strings.Contains(string(body), "127.0.0.1") {
			t.Errorf("%s: %v %v %s", name, err, answer, body)
		}
	}
}

func TestABodyThatEndsEarlyIsTheClientsFault(t *testing.T) {
	n := join(t, cluster(t), "a", "")
	gone := make(chan error, 1)
	front := passing(t, n, owner(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		gone <- err
	}))
	conn, err := net.Dial("tcp", front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nbeginning"); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || !strings.Contains(string(answer), "the body is incomplete") {
		t.Errorf("%v %s", err, answer)
	}
	if <-gone == nil {
		t.Error("the owner takes the body for complete")
	}
}

func TestAClientDoesNotTakeAllPlaces(t *testing.T) {
	n := join(t, cluster(t), "a", "")
	const most = config.Forwards / 4 * 3
	entered, end := make(chan struct{}), make(chan struct{})
	address := owner(t, func(w http.ResponseWriter, _ *http.Request) { entered <- struct{}{}; <-end })
	pass := func(party string) error {
		return n.Pass(httptest.NewRecorder(), httptest.NewRequest("GET", "http://localhost/", nil), "id", party, &fleet.Node{Advertise: address})
	}
	ended := make(chan error)
	for range most {
		go func() { ended <- pass("greedy") }()
		<-entered
	}
	if err := pass("greedy"); code(err) != api.CodeSaturated {
		t.Error(err)
	}
	go func() { ended <- pass("modest") }()
	<-entered
	close(end)
	for range most + 1 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestTheCapacityOfAFleetIsTheSum(t *testing.T) {
	s := cluster(t)
	settings := config.Default()
	settings.Nats = s.ClientURL()
	at := func(state fleet.State) *forward.Nodes {
		n := forward.New(forward.Config{Settings: settings, Log: slog.New(slog.DiscardHandler), State: func() fleet.State { return state }, Runs: context.Background()})
		if err := n.Join(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Leave)
		return n
	}
	profiles := map[string]fleet.Profile{"default": {Ready: 2, Target: 3}, "other": {Ready: 1, Target: 1}}
	a := at(fleet.State{})
	at(fleet.State{Capacity: fleet.Capacity{Running: 5, Waiting: 2, MaxRunning: 8, Suggested: 4, Profiles: profiles}})
	at(fleet.State{Capacity: fleet.Capacity{Running: 1, MaxRunning: 100, Suggested: 4, Profiles: profiles}})
	at(fleet.State{Draining: true, Capacity: fleet.Capacity{Running: 50, MaxRunning: 8, Suggested: 4, Profiles: profiles}})
	own := api.Capacity{Running: 4, Waiting: 1, MaxRunning: 10, SuggestedConcurrency: 2, Profiles: map[string]api.CapacityProfile{"default": {Ready: 1, Target: 8}}}
	want := `{"nodes":3,"profiles":{"default":{"ready":5,"target":14}},"running":10,"waiting":3,"max_running":28,"suggested_concurrency":8}`
	var got []byte
	testkit.Eventually(t, "all are heard", func() bool { got, _ = json.Marshal(a.Fleet(own, 3, false)); return string(got) == want }, func() string { return string(got) })
	if all := a.Fleet(own, 3, true); all.Nodes != 2 || all.MaxRunning != 18 || all.Profiles["default"].Target != 6 {
		t.Errorf("it drains: %+v", all)
	}
}
