package terminals

import (
	"context"
	"errors"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
)

// lastWordsDeadline is how long a client has to take the remaining output at the end.
const lastWordsDeadline = 5 * time.Second

// Conn is the connection of one terminal.
type Conn struct {
	*websocket.Conn
	id      string          // of the request
	Open    context.Context // ends when the connection can no longer be used
	stop    context.CancelFunc
	readers sync.WaitGroup
	taken   func() uint64 // returns how many bytes the client has taken so far
	once    sync.Once
}

// NewConn takes over the connection of a request. taken returns how many bytes the
// client has taken so far. The caller closes the Conn.
func NewConn(conn *websocket.Conn, id string, taken func() uint64) *Conn {
	c := &Conn{Conn: conn, id: id, taken: taken}
	c.Open, c.stop = context.WithCancel(context.Background())
	return c
}

// Close closes the connection, and waits until nothing uses it any more.
func (c *Conn) Close() {
	c.stop()
	_ = c.CloseNow() // it may be closed already
	c.readers.Wait()
}

// Farewell tells the client why the terminal ended early, if it did, and how it
// ended, if anything ran. Then it closes the connection. Only the first call has an
// effect.
func (c *Conn) Farewell(ended *nsjail.Verdict, err error) {
	c.once.Do(func() {
		if errors.Is(err, api.ErrClientGone) {
			_ = c.CloseNow()
			return
		}
		code, reason := websocket.StatusNormalClosure, ""
		var problem *api.Problem
		switch {
		case errors.As(err, &problem):
			problem.RequestID = c.id
			code, reason = closeCode(problem.Code), problem.Error()
			c.tell(api.TerminalMessage{Problem: problem})
		case err != nil:
			code, reason = websocket.StatusGoingAway, err.Error()
		}
		if ended != nil {
			c.tell(api.TerminalMessage{Exit: &api.Exit{Ending: api.EndingOf(ended), Usage: api.UsageOf(ended)}})
		}
		_ = c.Conn.Close(code, closeReason(reason)) // fails if the client is gone
	})
}

// tell sends a text message, if the client takes it in time.
func (c *Conn) tell(message api.TerminalMessage) {
	ctx, cancel := context.WithTimeout(c.Open, lastWordsDeadline)
	defer cancel()
	text, err := api.Encode(message)
	if err == nil {
		_ = c.Write(ctx, websocket.MessageText, text)
	}
}

// closeCode returns the WebSocket close code (RFC 6455 and its registry) for a
// refusal.
func closeCode(code api.Code) websocket.StatusCode {
	switch code {
	case api.CodeDraining:
		return websocket.StatusGoingAway
	case api.CodeSaturated, api.CodeUnavailable:
		return websocket.StatusTryAgainLater
	case api.CodeInternal:
		return websocket.StatusInternalError
	default:
		return websocket.StatusPolicyViolation
	}
}

// closeReason shortens a reason so that it fits into a close frame.
func closeReason(reason string) string {
	const most = 123
	if len(reason) <= most {
		return reason
	}
	cut := most - len("…")
	for !utf8.RuneStart(reason[cut]) {
		cut--
	}
	return reason[:cut] + "…"
}
