package forward

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

const (
	dialTime  = 3 * time.Second
	keepAlive = 5 * time.Second
)

// transport returns what reaches the other nodes, by a connection for each request: one that
// is used again may have been closed, and a call cannot be sent twice. A call may take as long
// as it takes; a machine that is gone without a word is noticed by keep-alive probes.
func transport() *http.Transport {
	dialer := net.Dialer{Timeout: dialTime, KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAlive, Interval: keepAlive, Count: 3}}
	return &http.Transport{
		DialContext: dialer.DialContext, DisableCompression: true, DisableKeepAlives: true,
	}
}

// Pass passes a request on, and its answer back, neither of which is held. The other node
// checks the key that it has, and counts it against the key's rate. The request's context
// may end early.
func (n *Nodes) Pass(w http.ResponseWriter, r *http.Request, id, party string, node *fleet.Node) (err error) {
	if !n.places.enter(party) {
		p := api.Refuse(api.CodeSaturated, "too many calls are passed on to other nodes")
		p.RetryAfter = time.Second
		return p
	}
	defer n.places.leave(party)
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	defer context.AfterFunc(n.cfg.Runs, func() { cancel(context.Cause(n.cfg.Runs)) })()
	ctx, done := conns.UntilGone(ctx)
	defer done()
	var there atomic.Pointer[net.TCPConn]
	r = r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		if conn, ok := got.Conn.(*net.TCPConn); ok {
			there.Store(conn)
		}
	}}))
	body := &watched{ReadCloser: r.Body, left: cmp.Or(r.ContentLength, -1)}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = body
	}
	ours := w.Header().Clone()
	clear(w.Header()) // the other node sets them, too
	defer func() {
		if thrown := recover(); thrown == http.ErrAbortHandler { // the answer was cut: so is this one
			err = api.ErrClientGone
		} else if thrown != nil {
			panic(thrown)
		}
	}()
	proxy := httputil.ReverseProxy{
		Transport: n.out, FlushInterval: -1, BufferPool: &buffers, ErrorLog: slog.NewLogLogger(n.cfg.Log.Handler(), slog.LevelDebug),
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", node.Advertise
			p.Out.Host = cmp.Or(p.In.Host, "localhost") // it was checked here
			p.Out.Header.Set(header, n.cfg.Settings.Node)
			p.Out.Header.Set("X-Request-Id", id)
			p.Out.Header.Del("Expect") // the body is passed on as the other node takes it
		},
		ModifyResponse: func(answer *http.Response) error {
			// Whether a client that has shut down its sending side is still there shows when
			// something is sent to it: the other node does that if the same happens to it. If the
			// client is not, that node must see more than the same once again.
			if conn := there.Load(); conn != nil && answer.StatusCode != http.StatusSwitchingProtocols {
				conns.OnHalfClose(ctx, func() { _ = errors.Join(conn.SetLinger(0), conn.CloseWrite()) })
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, cause error) {
			for name, values := range ours {
				w.Header()[name] = values
			}
			err = explain(ctx, cause, body.failed())
		},
	}
	proxy.ServeHTTP(w, r)
	return err
}

// explain returns why a request was not answered by the other node.
func explain(ctx context.Context, err, body error) error {
	var op *net.OpError
	switch cause := context.Cause(ctx); {
	case body != nil && (cause == nil || errors.Is(cause, context.Canceled)): // also of one who has only shut down its sending side
		return api.Incomplete(body)
	case cause != nil:
		return refusals.Explain(ctx, err)
	case errors.As(err, &op) && op.Op == "dial":
		return unavailable("the session's node cannot be reached", err)
	}
	// Clients do not send it again by themselves, as they do what was refused: it may have run.
	p := api.Refuse(api.CodeDraining, "the connection to the session's node broke; whether the call ran is not known")
	p.RetryAfter, p.Cause = time.Second, err
	return p
}

// watched is a body that remembers why it could not be read. It is not read beyond its
// length: [http.Transport] tries that, and breaks the connection if it fails, which it does
// once the answer has begun, since then the server has closed the body.
type watched struct {
	io.ReadCloser
	left int64 // bytes; negative: not known
	err  atomic.Pointer[error]
}

// Read implements [io.Reader].
func (b *watched) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n, err := b.ReadCloser.Read(p)
	b.left = max(b.left-int64(n), -1)
	if err != nil && err != io.EOF {
		b.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (b *watched) failed() error {
	if err := b.err.Load(); err != nil {
		return *err
	}
	return nil
}

// pool implements [httputil.BufferPool].
type pool struct{ sync.Pool }

var buffers = pool{sync.Pool{New: func() any { return new([32 << 10]byte) }}}

// Get implements [httputil.BufferPool].
func (p *pool) Get() []byte { return p.Pool.Get().(*[32 << 10]byte)[:] }

// Put implements [httputil.BufferPool].
func (p *pool) Put(b []byte) { p.Pool.Put((*[32 << 10]byte)(b)) }

// places bounds how many requests are passed on at a time: each has a connection. A party
// may have three quarters of them.
type places struct {
	mu    sync.Mutex
	all   int
	taken map[string]int // by party
}

func (p *places) enter(party string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all >= config.Forwards || p.taken[party] >= config.Forwards/4*3 {
		return false
	}
	p.all++
	p.taken[party]++
	return true
}

func (p *places) leave(party string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all--
	if p.taken[party]--; p.taken[party] == 0 {
		delete(p.taken, party)
	}
}
