package jupyter_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/compat/faked"
	"github.com/hotcell/hotcell/compat/jupyter"
	"github.com/hotcell/hotcell/internal/panics"
)

const kernel = "01234567-89ab-4def-8123-456789abcdef"

// A kernel that is shut down at one node has its WebSockets at others.
func TestAWebSocketEndsWithItsKernelAtAnotherNode(t *testing.T) {
	h := &faked.Hotcell{Session: client.SessionState{ID: "jupyter-" + kernel}}
	here, there := jupyter.New(), jupyter.New()
	at := func(a compat.API) string {
		server := httptest.NewServer(faked.Serve(a, h))
		t.Cleanup(server.Close)
		return server.URL + "/api/kernels/" + kernel
	}
	conn, _, err := websocket.Dial(t.Context(), at(here)+"/channels", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	asked := `{"header": {"msg_id": "1", "msg_type": "kernel_info_request"}, "content": {}, "channel": "shell"}`
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(asked)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Read(t.Context()); err != nil { // now it is served
		t.Fatal(err)
	}
	request, _ := http.NewRequestWithContext(t.Context(), "DELETE", at(there), nil)
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusNoContent {
		t.Fatal(answer, err)
	}
	_ = answer.Body.Close()
	told := h.Told()
	if len(told) != 1 {
		t.Fatalf("the other nodes were told %q", told)
	}
	here.Hear("something else")
	here.Hear(told[0])
	for err == nil {
		_, _, err = conn.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Error(err)
	}
}

// A panic while a cell is served ends its WebSocket, with a word, and is the error of
// that request.
func TestAPanicEndsItsOwnWebSocket(t *testing.T) {
	h := &faked.Hotcell{Session: client.SessionState{ID: "jupyter-" + kernel}}
	h.Before = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/execute") {
			panic("secret")
		}
	}
	api, failed := jupyter.New(), make(chan error, 1)
	for i, route := range api.Routes {
		if strings.HasSuffix(route.Path, "/channels") {
			serve := route.Serve
			api.Routes[i].Serve = func(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
				failed <- serve(w, r, c)
				return nil
			}
		}
	}
	server := httptest.NewServer(faked.Serve(api, h))
	defer server.Close()
	conn, _, err := websocket.Dial(t.Context(), server.URL+"/api/kernels/"+kernel+"/channels", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	request := `{"header": {"msg_id": "1", "msg_type": "execute_request"}, "content": {"code": "1"}, "channel": "shell"}`
	if err := conn.Write(context.Background(), websocket.MessageText, []byte(request)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, _, err = conn.Read(t.Context())
	}
	if websocket.CloseStatus(err) != websocket.StatusInternalError || strings.Contains(err.Error(), "secret") {
		t.Errorf("the client was told %v", err)
	}
	if err := <-failed; !panics.Is(err) || !strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}
