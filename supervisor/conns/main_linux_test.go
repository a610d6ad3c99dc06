package conns_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/conns"
)

// serve serves a handler on loopback.
func serve(t *testing.T, cfg conns.Config, handler http.HandlerFunc) (*conns.Listener, string) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Most == 0 {
		cfg.Most = 1000
	}
	l := conns.Listen(inner, cfg)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: testkit.Patience}
	ended := make(chan error, 1)
	go func() { ended <- l.Serve(server) }()
	t.Cleanup(func() {
		_ = server.Close()
		l.CloseAll()
		<-ended
		if open := l.Counts().Open; open != 0 {
			t.Errorf("%d connections are still counted", open)
		}
	})
	return l, inner.Addr().String()
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(testkit.Patience))
	return conn.(*net.TCPConn)
}

func post(body string) string {
	return fmt.Sprintf("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// answer reads an answer, and interim answers before it.
func answer(reader *bufio.Reader) (status int, body string, header http.Header, err error) {
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return 0, "", nil, err
		}
		text, err := io.ReadAll(response.Body)
		if response.Close { // ReadResponse removes the header
			response.Header.Set("Connection", "close")
		}
		if response.StatusCode >= 200 {
			return response.StatusCode, string(text), response.Header, err
		}
	}
}

func mustAnswer(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	status, body, _, err := answer(bufio.NewReader(conn))
	if got := fmt.Sprint(status, " ", body); err != nil || got != want {
		t.Errorf("%.100q and %v, want %q", got, err, want)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	testkit.Eventually(t, what, is, nil)
}

// runs is a handler that reads the body, says that it runs, and answers when it may
// continue. It also says when its client is gone.
type runs struct {
	began, goOn, gone chan struct{}
}

func newRuns() *runs {
	return &runs{began: make(chan struct{}, 10), goOn: make(chan struct{}, 10), gone: make(chan struct{}, 10)}
}

func (h *runs) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.began <- struct{}{}
	select {
	case <-h.goOn:
		fmt.Fprint(w, "answer to ", string(body))
	case <-r.Context().Done():
		h.gone <- struct{}{}
		conns.Abort(w)
	}
}

func mustCome(t *testing.T, what string, signal <-chan struct{}) {
	t.Helper()
	select {
	case <-signal:
	case <-time.After(testkit.Patience):
		t.Fatalf("not within %v: %s", testkit.Patience, what)
	}
}

var errAny = errors.New("any error")

var long = strings.Repeat("x", 8<<20)
