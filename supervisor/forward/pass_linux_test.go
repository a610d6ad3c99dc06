package forward_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/supervisor/conns"
)

// listen serves as the service does, and returns the address.
func listen(t *testing.T, serve http.HandlerFunc) string {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := conns.Listen(inner, conns.Config{Most: 10, MostPerAddress: 10})
	s := &http.Server{Handler: serve}
	go func() { _ = listener.Serve(s) }()
	t.Cleanup(func() { _ = s.Close(); listener.CloseAll() })
	return inner.Addr().String()
}

// A client that has shut down its sending side looks like one that is gone, until something is
// sent to it: that is for the owner of the session to do.
func TestTheOwnerLearnsWhetherAClientIsGoneOrStillListens(t *testing.T) {
	for _, gone := range []bool{true, false} {
		n := join(t, cluster(t), "a", "")
		half, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		back := listen(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			var writes sync.Mutex
			line := func(text string) {
				writes.Lock()
				defer writes.Unlock()
				_, _ = io.WriteString(w, text+"\n")
				_ = http.NewResponseController(w).Flush()
			}
			conns.OnHalfClose(r.Context(), func() { line("nothing new"); close(half) })
			line("begun")
			select {
			case <-r.Context().Done():
				close(ended)
			case <-end:
			}
			<-half // nothing is written to an answer that is over
		})
		front := listen(t, func(w http.ResponseWriter, r *http.Request) {
			_ = n.Pass(w, r, "id", "party", &fleet.Node{Advertise: back})
		})
		conn, err := net.Dial("tcp", front)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody"); err != nil {
			t.Fatal(err)
		}
		reader := bufio.NewReader(conn)
		for line := ""; !strings.HasPrefix(line, "begun"); {
			if line, err = reader.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		if gone {
			_ = conn.Close()
			<-half
			<-ended
			continue
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		<-half
		close(end)
		if rest, err := io.ReadAll(reader); err != nil || !strings.Contains(string(rest), "nothing new\n") || !strings.HasSuffix(string(rest), "0\r\n\r\n") {
			t.Errorf("%v %q", err, rest)
		}
		_ = conn.Close()
	}
}
