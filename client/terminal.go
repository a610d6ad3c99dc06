package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/coder/websocket"
)

const (
	terminalProtocol = "hotcell.tty.v1"
	maxMessage       = 1 << 20
)

// TerminalRequest asks for a terminal in a fresh jail.
type TerminalRequest struct {
	Columns int               `json:"cols"`
	Rows    int               `json:"rows"`
	Script  string            `json:"script,omitempty"` // empty: an interactive Python
	Profile string            `json:"profile,omitempty"`
	Env     map[string]string `json:"env,omitempty"`
	Limits  map[string]int64  `json:"limits,omitempty"` // by name, as in the HTTP API: the server says which it does not know
}

// TerminalEnd is how the program on a terminal ended.
type TerminalEnd struct {
	Ending
	Usage Usage `json:"usage"`
}

// Terminal is a program on a terminal in a jail. One goroutine may read while
// others write.
type Terminal struct {
	conn *websocket.Conn

	mu      sync.Mutex
	end     *TerminalEnd
	problem *Problem
}

// OpenTerminal opens a terminal; ctx is for the opening only. The caller closes
// it. A refusal that comes after the opening is in [Terminal.End].
func (c *Client) OpenTerminal(ctx context.Context, request TerminalRequest) (*Terminal, error) {
	header := make(http.Header)
	if c.authorization != "" {
		header.Set("Authorization", c.authorization)
	}
	first, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	address := c.url + "/tty"
	conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		Subprotocols: []string{terminalProtocol}, HTTPHeader: header, HTTPClient: c.http,
	})
	if err != nil {
		if response != nil && response.StatusCode >= 300 && response.Body != nil {
			if refused, readErr := read(response, maxAnswer); readErr == nil {
				return nil, refused.refusal()
			}
		}
		if wrapped := new(url.Error); errors.As(err, &wrapped) {
			err = wrapped.Err // without the library's words, which repeat the address
		}
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	if conn.Subprotocol() != terminalProtocol {
		_ = conn.CloseNow()
		return nil, fmt.Errorf("%s does not speak %s", address, terminalProtocol)
	}
	conn.SetReadLimit(maxMessage)
	if err := conn.Write(ctx, websocket.MessageText, first); err != nil {
		_ = conn.CloseNow()
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return &Terminal{conn: conn}, nil
}

// Read returns the next bytes of the terminal. When the terminal ends, the error
// is [io.EOF], and [Terminal.End] tells how it ended. The caller does not trust
// the bytes: a terminal that shows them obeys the escape sequences in them.
func (t *Terminal) Read(ctx context.Context) ([]byte, error) {
	for {
		kind, message, err := t.conn.Read(ctx)
		if err != nil {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.end != nil || t.problem != nil {
				return nil, io.EOF
			}
			return nil, fmt.Errorf("the terminal's connection ended: %w", err)
		}
		if kind == websocket.MessageBinary {
			return message, nil
		}
		var said struct {
			Exit    *TerminalEnd `json:"exit"`
			Problem *Problem     `json:"problem"`
		}
		if err := json.Unmarshal(message, &said); err != nil {
			continue // a newer server may say something else
		}
		t.mu.Lock()
		if said.Exit != nil {
			t.end = said.Exit
		}
		if said.Problem != nil {
			t.problem = said.Problem
		}
		t.mu.Unlock()
	}
}

// End returns how the program ended, after [Terminal.Read] has returned an error:
// a [*Problem] if the server refused the terminal or ended it, and neither if the
// connection broke.
func (t *Terminal) End() (*TerminalEnd, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.problem != nil {
		return t.end, t.problem
	}
	return t.end, nil
}

// Write sends keys, at most 64 KiB at once.
func (t *Terminal) Write(ctx context.Context, keys []byte) error {
	return t.conn.Write(ctx, websocket.MessageBinary, keys)
}

// Resize tells the program the terminal's new size.
func (t *Terminal) Resize(ctx context.Context, columns, rows int) error {
	text := fmt.Sprintf(`{"resize":{"cols":%d,"rows":%d}}`, columns, rows)
	return t.conn.Write(ctx, websocket.MessageText, []byte(text))
}

// Close ends the terminal at once. It may be called again, and while another
// goroutine reads.
func (t *Terminal) Close() { _ = t.conn.CloseNow() }
