package batches

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/line"
)

// The rest of a body is no request: a proxy that looks at requests does not see it.
func TestABatchThatEndsBeforeItsBodyEndsItsConnection(t *testing.T) {
	var smuggled atomic.Bool
	opened := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/batches" {
			smuggled.Store(true)
			return
		}
		ctx, revoke := context.WithCancelCause(r.Context())
		revoke(errRevoked)
		_, _, done, err := Open(ctx, w, r, Source{
			Line: line.New(line.Config{Reserved: 1 << 20}), Party: line.Unbounded("a"), Most: 10,
			Decode: func([]byte) (api.Batch, error) { return api.Batch{}, nil },
		})
		opened <- err
		done()
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /batches HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if err := <-opened; !errors.Is(err, errRevoked) {
		t.Errorf("opened with %v", err)
	}
	_, _ = io.WriteString(conn, "GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") // fails if it has ended
	_, _ = io.Copy(io.Discard, in)
	if !answer.Close || smuggled.Load() {
		t.Errorf("it closes: %v; what came later was a request: %v", answer.Close, smuggled.Load())
	}
}
