package conns

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// keepAliveBody is how much of an unread body net/http's server reads by itself to keep
// the connection. If more is left, the answer is sent first and the connection closed.
const keepAliveBody = 64 << 10

// handler wraps every request of the listener.
func (l *Listener) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := r.Context().Value(connKey{}).(*Conn)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		l.handlers.Add(1)
		defer l.handlers.Add(-1)
		c.begin(r.ProtoAtLeast(1, 1))
		answer := &writer{ResponseWriter: w, conn: c}
		defer func() { c.end(answer.body != nil && !answer.body.ended.Load()) }()
		if r.Body != nil && r.Body != http.NoBody {
			answer.body = &body{ReadCloser: r.Body}
			answer.body.left.Store(r.ContentLength)
			r = r.WithContext(r.Context()) // a copy: the server looks at its own request's body
			r.Body = answer.body
		}
		next.ServeHTTP(answer, r)
	})
}

// body knows how much of it has not been read. The answer may begin while it is read.
type body struct {
	io.ReadCloser
	left  atomic.Int64 // negative if unknown
	ended atomic.Bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left.Load() >= 0 {
		b.left.Add(-int64(n))
	}
	if err == io.EOF {
		b.ended.Store(true)
	}
	return n, err
}

// writer announces that the connection will be closed, if it will.
type writer struct {
	http.ResponseWriter
	conn  *Conn
	body  *body // nil if there is none
	wrote bool
}

// WriteHeader implements [http.ResponseWriter].
func (w *writer) WriteHeader(status int) {
	if !w.wrote && status >= 200 {
		w.wrote = true
		unwanted := w.body != nil && !w.body.ended.Load() && (w.body.left.Load() < 0 || w.body.left.Load() > keepAliveBody)
		if unwanted || w.conn.listener.draining.Load() {
			w.Header().Set("Connection", "close")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *writer) Write(p []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Abort closes the connection without an answer, for a client that is gone or must
// not take what it has received for a complete answer. It does nothing if the answer
// does not go to a connection.
func Abort(w http.ResponseWriter) {
	for {
		switch at := w.(type) {
		case *writer:
			at.conn.aborted.Store(true)
			return
		case interface{ Unwrap() http.ResponseWriter }:
			w = at.Unwrap()
		default:
			return
		}
	}
}

// OnHalfClose calls f once if the client of a request closes its sending side. After
// the answer has begun, a client that is gone looks the same. A write then shows
// whether it is there.
func OnHalfClose(ctx context.Context, f func()) {
	c, ok := ctx.Value(connKey{}).(*Conn)
	if !ok {
		return
	}
	c.mu.Lock()
	already := c.request.halfClosed
	c.request.onHalf = f
	c.mu.Unlock()
	if already {
		f()
	}
}

// Taken returns a function that returns how many bytes of its connection the client
// of a request has taken, as its kernel acknowledges them.
func Taken(ctx context.Context) func() uint64 {
	c, ok := ctx.Value(connKey{}).(*Conn)
	if !ok {
		return func() uint64 { return 0 }
	}
	return c.taken
}
