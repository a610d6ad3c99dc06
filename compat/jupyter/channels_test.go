package jupyter

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A client that does not read holds one message, and no goroutine for long.
func TestAClientThatDoesNotReadIsCutOff(t *testing.T) {
	cut := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.CloseNow() }()
		s := &socket{conn: conn, id: "jupyter-x", deadline: 50 * time.Millisecond}
		s.life, s.end = context.WithCancelCause(t.Context())
		text := strings.Repeat("x", 1<<20)
		for s.life.Err() == nil { // until the kernel's buffers are full
			s.send("iopub", "stream", map[string]string{"name": "stdout", "text": text}, nil)
		}
		cut <- context.Cause(s.life)
	}))
	defer server.Close()
	conn, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := <-cut; !strings.Contains(err.Error(), "send a message") {
		t.Error(err)
	}
}
