package conns_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/conns"
)

// A client that closes its sending side and waits for its answer is not gone.
func TestAHalfClosedClientGetsItsAnswer(t *testing.T) {
	for name, request := range map[string]string{
		"a body": post("body"), "a chunked body": "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
		"a trailer":     "POST / HTTP/1.1\r\nHost: h\r\nTrailer: T\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nT: 1\r\n\r\n",
		"100-continue":  "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody",
		"absolute form": "POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody",
		"no body":       "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
		"close":         "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody",
	} {
		t.Run(name, func(t *testing.T) {
			handler := newRuns()
			_, address := serve(t, conns.Config{}, handler.serve)
			conn := dial(t, address)
			send(t, conn, request)
			_ = conn.CloseWrite()
			mustCome(t, "the handler runs", handler.began)
			select {
			case <-handler.gone:
				t.Fatal("the client is taken for gone")
			case <-time.After(50 * time.Millisecond):
			}
			handler.goOn <- struct{}{}
			want := "200 answer to body"
			if name == "no body" {
				want = "200 answer to "
			}
			mustAnswer(t, conn, want)
		})
	}
}

// However a client leaves, its request ends.
func TestAClientThatIsGoneEndsItsRequest(t *testing.T) {
	const old = "POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody"
	for name, leave := range map[string]func(conn *net.TCPConn){
		"closed":                           func(conn *net.TCPConn) { _ = conn.Close() },
		"reset":                            func(conn *net.TCPConn) { _ = conn.SetLinger(0); _ = conn.Close() },
		"a byte more, and closed":          func(conn *net.TCPConn) { _, _ = conn.Write([]byte("x")); _ = conn.Close() },
		"a byte more, and reset":           func(conn *net.TCPConn) { _, _ = conn.Write([]byte("x")); _ = conn.SetLinger(0); _ = conn.Close() },
		"another request, and closed":      func(conn *net.TCPConn) { _, _ = io.WriteString(conn, post("x")); _ = conn.Close() },
		"half-closed, and closed":          func(conn *net.TCPConn) { _ = conn.CloseWrite(); time.Sleep(50 * time.Millisecond); _ = conn.Close() },
		"HTTP/1.0, closed":                 func(conn *net.TCPConn) { _ = conn.Close() },
		"after 100 Continue was asked for": func(conn *net.TCPConn) { _ = conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			handler := newRuns()
			l, address := serve(t, conns.Config{}, handler.serve)
			conn := dial(t, address)
			switch {
			case strings.HasPrefix(name, "HTTP/1.0"):
				send(t, conn, old)
			case strings.Contains(name, "100"):
				send(t, conn, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
				line, err := bufio.NewReader(conn).ReadString('\n')
				if !strings.HasPrefix(line, "HTTP/1.1 100") {
					t.Fatal(line, err)
				}
				send(t, conn, "body")
			default:
				send(t, conn, post("body"))
			}
			mustCome(t, "the handler runs", handler.began)
			leave(conn)
			mustCome(t, "the handler is told that the client is gone", handler.gone)
			eventually(t, "the connection is closed", func() bool { return l.Counts().Open == 0 })
		})
	}
}

// A half-closed client with HTTP/1.0 counts as gone. It gets no answer at all, rather
// than an empty one.
func TestAHalfClosedClientNeverGetsAnEmptyAnswer(t *testing.T) {
	handler := newRuns()
	_, address := serve(t, conns.Config{}, handler.serve)
	conn := dial(t, address)
	send(t, conn, "POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody")
	_ = conn.CloseWrite()
	mustCome(t, "the client is taken for gone", handler.gone)
	if got, err := io.ReadAll(conn); len(got) > 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestRequestsOnOneConnectionAreAnsweredInTurn(t *testing.T) {
	handler := newRuns()
	_, address := serve(t, conns.Config{}, handler.serve)
	conn := dial(t, address)
	send(t, conn, post("one")+post("two")+post("three"))
	_ = conn.CloseWrite()
	reader := bufio.NewReader(conn)
	for _, want := range []string{"one", "two", "three"} {
		mustCome(t, "the handler runs", handler.began)
		handler.goOn <- struct{}{}
		if status, body, _, err := answer(reader); status != 200 || body != "answer to "+want {
			t.Errorf("%d %q, %v", status, body, err)
		}
	}
}

// Once the answer has begun, only more of the answer can show whether a half-closed
// client is still there.
func TestTheHandlerLearnsOfAHalfClose(t *testing.T) {
	told, failed, began := make(chan struct{}), make(chan struct{}), make(chan struct{})
	_, address := serve(t, conns.Config{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		conns.OnHalfClose(r.Context(), func() { close(told) })
		control := http.NewResponseController(w)
		fmt.Fprint(w, "piece\n")
		_ = control.Flush()
		close(began)
		<-told
		for control.Flush() == nil {
			fmt.Fprint(w, "piece\n")
			time.Sleep(time.Millisecond)
		}
		close(failed)
	})
	conn := dial(t, address)
	send(t, conn, post("body"))
	mustCome(t, "the answer begins", began)
	_ = conn.Close()
	mustCome(t, "the handler is told", told)
	mustCome(t, "a write fails", failed)
}

// A handler that waits before it reads the body notices that its client leaves, and takes no
// time from a client that stays.
func TestAClientThatLeavesBeforeItsBodyIsReadIsNoticed(t *testing.T) {
	for _, large := range []bool{false, true} {
		waits, goOn, gone := make(chan struct{}, 1), make(chan struct{}), make(chan struct{}, 1)
		_, address := serve(t, conns.Config{Patience: time.Second, MinRate: 1 << 40}, func(w http.ResponseWriter, r *http.Request) {
			if !large { // net/http notices by itself when all of it has been read
				if _, err := io.ReadAll(r.Body); err != nil {
					t.Error(err)
				}
			}
			ctx, done := conns.UntilGone(r.Context())
			defer done()
			waits <- struct{}{}
			select {
			case <-ctx.Done():
				gone <- struct{}{}
				return
			case <-goOn:
			}
			done()
			rest, err := io.ReadAll(r.Body)
			fmt.Fprint(w, len(rest), err)
		})
		body := strings.Repeat("x", 4096)
		for _, c := range []struct {
			name string
			then func(*net.TCPConn)
		}{
			{"it stays", func(*net.TCPConn) {}},
			{"it stays, half-closed", func(conn *net.TCPConn) { _ = conn.CloseWrite() }},
			{"it leaves", func(conn *net.TCPConn) { _ = conn.Close() }},
		} {
			conn := dial(t, address)
			send(t, conn, post(body)[:len(post(body))-map[bool]int{true: 1}[large]])
			mustCome(t, c.name+": it waits", waits)
			if large && c.name == "it stays" {
				time.Sleep(1500 * time.Millisecond) // longer than the patience for a body
			}
			if large {
				send(t, conn, "x")
			}
			c.then(conn)
			if c.name == "it leaves" {
				mustCome(t, c.name, gone)
				continue
			}
			goOn <- struct{}{}
			mustAnswer(t, conn, fmt.Sprintf("200 %d <nil>", len(body)*map[bool]int{true: 1}[large]))
		}
	}
}
