package conns

import (
	"bytes"
	"container/list"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Conn is a client's connection.
type Conn struct {
	net.Conn // a *net.TCPConn, except in tests
	listener *Listener
	raw      syscall.RawConn // nil: the connection has no descriptor

	party *party         // guarded by listener.mu, as are the next three
	idle  *list.Element  // in party.silent or party.idle; nil if in neither
	since time.Time      // when it was put there
	phase http.ConnState // StateClosed: no longer counted

	deadline atomic.Int64 // write deadline set by a caller, in Unix nanoseconds; 0: none

	writing  sync.Mutex // held during writes
	answered bool       // guarded by writing: the request's answer has begun
	aborted  atomic.Bool
	broken   atomic.Bool // a write failed

	mu       sync.Mutex // guards what follows
	request  request
	active   bool          // the server has read a request and not finished with it
	lingers  bool          // we have half-closed it and are reading the rest
	leftover bool          // the handler left part of the body unread
	awaited  time.Duration // how long the body was waited for, without what is between reads
	arrived  int           // bytes of it
	until    time.Time     // read deadline set by a caller; zero: none
}

// request is the state of the request that a handler answers.
type request struct {
	begun      bool
	ended      bool          // the handler has returned; the server may not have finished
	probes     bool          // interim answers may be sent: HTTP/1.1
	halfClosed bool          // the client has shut down its sending side
	begin      chan struct{} // closed when begun becomes true; nil if nothing waits for it
	onHalf     func()
	timer      *time.Timer // the next probe
	probed     int         // probes sent so far
}

func newConn(l *Listener, inner net.Conn) *Conn {
	c := &Conn{Conn: inner, listener: l, phase: http.StateNew}
	if has, ok := inner.(syscall.Conn); ok {
		c.raw, _ = has.SyscallConn()
	}
	return c
}

type connKey struct{}

func withConn(ctx context.Context, inner net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, inner)
}

// control calls f with the descriptor, which stays open during the call.
func (c *Conn) control(f func(fd int)) {
	if c.raw != nil {
		_ = c.raw.Control(func(fd uintptr) { f(int(fd)) }) // #nosec G115 -- a descriptor
	}
}

// unread returns how many received bytes have not been read: see SIOCINQ in tcp(7).
func (c *Conn) unread() (n int) {
	c.control(func(fd int) { n, _ = unix.IoctlGetInt(fd, unix.SIOCINQ) })
	return n
}

// taken returns how many bytes the client's kernel has acknowledged so far.
func (c *Conn) taken() (n uint64) {
	c.control(func(fd int) {
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = info.Bytes_acked
		}
	})
	return n
}

var errTooSlow = errors.New("the client reads too slowly")

// SetWriteDeadline implements [net.Conn]. Without a deadline, a write may take as long
// as the client makes progress.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if t.IsZero() {
		c.deadline.Store(0)
	} else {
		c.deadline.Store(t.UnixNano())
	}
	return c.Conn.SetWriteDeadline(t)
}

// SetReadDeadline implements [net.Conn]. It holds for later reads, too, whatever Read
// allows.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = t
	return c.Conn.SetReadDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Write implements [net.Conn]. It fails if the client receives less than
// Config.MinRate over Config.Patience.
func (c *Conn) Write(p []byte) (int, error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.aborted.Load() {
		return 0, net.ErrClosed
	}
	if !isInterim(p) {
		c.answered = true
	}
	n, err := c.write(p)
	if err != nil {
		c.broken.Store(true)
	}
	return n, err
}

// isInterim reports whether p, as the server writes it, is an interim answer: 100
// Continue.
func isInterim(p []byte) bool { return bytes.HasPrefix(p, []byte("HTTP/1.1 100 ")) }

func (c *Conn) write(p []byte) (int, error) {
	patience := c.listener.cfg.Patience
	least := uint64(patience.Seconds() * float64(c.listener.cfg.MinRate)) // #nosec G115 -- small
	total := 0
	since, mark, marked := time.Now(), uint64(0), false
	for {
		set := c.deadline.Load()
		deadline := time.Now().Add(patience / 4)
		if set != 0 && deadline.UnixNano() > set {
			deadline = time.Unix(0, set)
		}
		if err := c.Conn.SetWriteDeadline(deadline); err != nil {
			return total, err
		}
		n, err := c.Conn.Write(p[total:])
		total += n
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return total, err
		}
		now := time.Now()
		if set = c.deadline.Load(); set != 0 && now.UnixNano() >= set {
			return total, err
		}
		// A full send buffer does not mean that the client receives nothing: the
		// kernel accepts more only when much of its buffer is free.
		taken := c.taken()
		switch {
		case n > 0, !marked, taken >= mark+max(least, 1):
			since, mark, marked = now, taken, true
		case now.Sub(since) >= patience:
			return total, errTooSlow
		}
	}
}

// allowed returns how long a body may be waited for of which so much has arrived.
func (cfg *Config) allowed(bytes int) time.Duration {
	seconds, rest := bytes/cfg.MinRate, bytes%cfg.MinRate
	return cfg.Patience + time.Duration(min(seconds, 1<<32))*time.Second + time.Duration(rest)*time.Second/time.Duration(cfg.MinRate)
}

// Read implements [net.Conn]. Once Config.Patience has passed, a request's body may take
// as long as it arrives at Config.MinRate while it is read: a client is not to blame for
// a handler that reads a batch as it runs.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	active := c.active
	var began, deadline time.Time
	if active && len(p) > 1 {
		began = time.Now()
		deadline = began.Add(min(c.listener.cfg.allowed(c.arrived)-c.awaited, c.listener.cfg.Patience))
		if !c.until.IsZero() && c.until.Before(deadline) {
			deadline = c.until
		}
		_ = c.Conn.SetReadDeadline(deadline)
	}
	c.mu.Unlock()
	if active && len(p) == 1 && c.raw != nil {
		return 0, c.watch()
	}
	if deadline.IsZero() {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	// The server ends its background read by a deadline of its own, so ours must be
	// gone before that read starts.
	_ = c.Conn.SetReadDeadline(c.until)
	c.arrived += n
	c.awaited += time.Since(began)
	return n, err
}
