package conns

import (
	"context"
	"net/http"
	"time"
)

// Draining has every answer from now on say that its connection is closed.
// Connections without a request stay open: a client may be sending one just
// now, and would meet a closed socket.
func (l *Listener) Draining() { l.draining.Store(true) }

// Finish waits, after [Listener.Draining], until no request is being answered.
// It then gives clients that keep idle connections the time until idle to send
// a request and be told, and closes the listener and all that is left. When ctx
// ends it waits no longer.
func (l *Listener) Finish(ctx context.Context, idle time.Time) {
	l.until(ctx, func() bool { return l.busy() == 0 && (l.Counts().Open == 0 || time.Now().After(idle)) })
	_ = l.Close()
	// What was accepted before may still bring a request.
	l.until(ctx, func() bool {
		for _, c := range l.quiet() {
			_ = c.closeNow()
		}
		return l.busy() == 0
	})
}

// busy is how many requests are being answered, those of terminals included.
func (l *Listener) busy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.active, int(l.handlers.Load()))
}

// quiet are the connections without a request, of which none has one on its way.
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

// until waits for a condition, and looks often, as the server's own Shutdown
// does.
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

// CloseAll closes what is left, connections that linger included.
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
