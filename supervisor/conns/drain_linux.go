package conns

import (
	"context"
	"net/http"
	"time"
)

// Draining makes every answer from now on announce that its connection will be closed.
// Connections without a request stay open, because a client may be sending one and
// would find a closed socket.
func (l *Listener) Draining() { l.draining.Store(true) }

// Finish is called after [Listener.Draining]. It waits until no request is being
// answered, gives clients with idle connections until idle to send a request and get a
// refusal, and then closes the listener and the remaining connections. It stops waiting
// when ctx ends.
func (l *Listener) Finish(ctx context.Context, idle time.Time) {
	l.until(ctx, func() bool { return l.busy() == 0 && (l.Counts().Open == 0 || time.Now().After(idle)) })
	_ = l.Close()
	// A connection accepted earlier may still bring a request.
	l.until(ctx, func() bool {
		for _, c := range l.quiet() {
			_ = c.closeNow()
		}
		return l.busy() == 0
	})
}

// busy returns how many requests are being answered, including terminals.
func (l *Listener) busy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.active, int(l.handlers.Load()))
}

// quiet returns the connections that neither have a request nor have one on its way.
func (l *Listener) quiet() []*Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*Conn
	for c := range l.open {
		if (c.phase == http.StateNew || c.phase == http.StateIdle) && c.unread() == 0 {
			found = append(found, c)
		}
	}
	return found
}

// until waits for a condition by polling, as the server's own Shutdown does.
func (l *Listener) until(ctx context.Context, is func() bool) {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// CloseAll closes the listener and all connections, including lingering ones.
func (l *Listener) CloseAll() {
	_ = l.Close()
	l.mu.Lock()
	left := make([]*Conn, 0, len(l.open))
	for c := range l.open {
		left = append(left, c)
	}
	l.mu.Unlock()
	for _, c := range left {
		_ = c.closeNow()
	}
}
