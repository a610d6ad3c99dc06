package terminals

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/internal/panics"
)

// breaking is a terminal that cannot be read.
type breaking struct{ Terminal }

func (breaking) Read([]byte) (int, error) { panic("broken") }

func TestAPanicOfAPumpEndsItsOwnTerminal(t *testing.T) {
	ended := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepted, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		conn := NewConn(accepted, "id", func() uint64 { return 0 })
		defer conn.Close()
		ctx, end := context.WithCancelCause(context.Background())
		pump := StartPump(conn, breaking{}, end, time.Hour)
		<-ctx.Done()
		pump.Finish()
		ended <- context.Cause(ctx)
	}))
	defer server.Close()
	conn, _, err := websocket.Dial(t.Context(), server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := <-ended; !panics.Is(err) {
		t.Errorf("the run ends with %v", err)
	}
}
