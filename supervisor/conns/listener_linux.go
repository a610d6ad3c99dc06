package conns

import (
	"container/list"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Config configures a listener. A zero duration, size or rate means the default.
type Config struct {
	Most           int    // maximum number of connections
	MostPerAddress int    // maximum for one party: see [Party]
	Refusal        []byte // the complete HTTP answer to a connection beyond the maximum
	Log            *slog.Logger

	// Spare is how long a connection that has had an answer is not closed to make room,
	// while there is one that never sent a request: its client may be about to send the
	// next one. Default: not at all.
	Spare time.Duration

	Patience time.Duration // how long a client may make no progress; default 30 s
	MinRate  int           // bytes a second that a client must send or receive after that time; default 256
	Linger   time.Duration // how long to read from a half-closed connection; default 10 s
}

const (
	defaultPatience = 30 * time.Second
	defaultMinRate  = 256
	defaultLinger   = 10 * time.Second

	// maxRefusing is how many clients can be sent a refusal at a time; further ones
	// are closed without. They are in addition to Config.Most.
	maxRefusing = 32
	// sendBuffer is the size of the kernel's send buffer. By default it grows to
	// megabytes for each client that does not read.
	sendBuffer = 256 << 10

	firstPause, longestPause = 5 * time.Millisecond, time.Second // after failed calls of accept
)

// Descriptors is how many descriptors a listener may use beyond Config.Most.
const Descriptors = maxRefusing + 1

// A Listener bounds its connections. Use [Listener.Serve] rather than the server's own
// Serve.
type Listener struct {
	inner net.Listener
	cfg   Config

	draining atomic.Bool
	handlers atomic.Int64 // running handlers
	closed   chan struct{}
	close    sync.Once

	mu      sync.Mutex // guards what follows, and the phase and list element of each Conn
	parties map[string]*party
	open    map[*Conn]struct{}
	active  int // connections with a request
	counts  Counts
	refuses int // refusals in progress
}

// party is what counts as one client.
type party struct {
	name string
	open int
	// *Conn without a request, longest idle first: those that never sent one, and those
	// that have had an answer.
	silent, idle list.List
}

// Counts are a listener's figures. All except Open, Active and Idle only grow.
type Counts struct {
	Open, Active, Idle int    // connections: all, with a request, without a request
	Accepted           uint64 // connections
	RefusedAll         uint64 // because there were Config.Most
	RefusedParty       uint64 // because a party had Config.MostPerAddress
	Evicted            uint64 // idle connections closed to make room
	AcceptErrors       uint64
}

// Listen returns a listener that bounds the connections of inner and takes ownership of
// it.
func Listen(inner net.Listener, cfg Config) *Listener {
	if cfg.Patience == 0 {
		cfg.Patience = defaultPatience
	}
	if cfg.MinRate == 0 {
		cfg.MinRate = defaultMinRate
	}
	if cfg.Linger == 0 {
		cfg.Linger = defaultLinger
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	limitSendBuffer(inner)
	return &Listener{inner: inner, cfg: cfg, closed: make(chan struct{}), parties: make(map[string]*party), open: make(map[*Conn]struct{})}
}

// limitSendBuffer sets the send buffer that accepted connections inherit: see tcp(7).
func limitSendBuffer(inner net.Listener) {
	if tcp, ok := inner.(*net.TCPListener); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) {
				_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, sendBuffer)
			})
		}
	}
}

// Party returns what counts as one client: an IPv4 address, or the /64 network of an
// IPv6 address, because a single customer has at least that. address may have a port.
// If address is not an IP address, it is its own party.
func Party(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		var both netip.AddrPort
		if both, err = netip.ParseAddrPort(address); err != nil {
			return address
		}
		ip = both.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}

// Serve calls [http.Server.Serve] on this listener. It wraps the server's handler and
// sets its hooks.
func (l *Listener) Serve(server *http.Server) error {
	server.Handler = l.handler(server.Handler)
	server.ConnState = l.setState
	server.ConnContext = withConn
	server.DisableGeneralOptionsHandler = true // they would bypass the handler
	return server.Serve(l)
}

// Addr implements [net.Listener].
func (l *Listener) Addr() net.Addr { return l.inner.Addr() }

// Close implements [net.Listener]. It leaves connections open.
func (l *Listener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.inner.Close()
}

// Counts returns the current figures.
func (l *Listener) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := l.counts
	counts.Open, counts.Active = len(l.open), l.active
	counts.Idle = counts.Open - counts.Active
	return counts
}

// Accept implements [net.Listener]. It fails only if the listener is closed. After any
// other error, such as a lack of descriptors, memory or epoll watches, it retries.
func (l *Listener) Accept() (net.Conn, error) {
	pause, failures, since := firstPause, 0, time.Time{}
	for {
		inner, err := l.inner.Accept()
		switch {
		case err == nil:
			if failures > 0 {
				l.cfg.Log.Info("accepting connections again", "failures", failures, "after", time.Since(since))
				pause, failures = firstPause, 0
			}
			if c := l.admit(inner); c != nil {
				return c, nil
			}
			continue
		case l.isClosed() || errors.Is(err, net.ErrClosed):
			return nil, err
		}
		l.mu.Lock()
		l.counts.AcceptErrors++
		l.mu.Unlock()
		if errors.Is(err, syscall.ECONNABORTED) { // caused by this client alone
			continue
		}
		if failures++; failures == 1 {
			since = time.Now()
			l.cfg.Log.Error("cannot accept connections; trying again", "error", err)
		}
		select {
		case <-time.After(pause):
		case <-l.closed:
			return nil, net.ErrClosed
		}
		pause = min(2*pause, longestPause)
	}
}

func (l *Listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// admit makes room for a connection, or refuses it and returns nil.
func (l *Listener) admit(inner net.Conn) *Conn {
	c := newConn(l, inner)
	name := Party(inner.RemoteAddr().String())
	l.mu.Lock()
	l.counts.Accepted++
	p := l.parties[name]
	if p == nil {
		p = &party{name: name}
		l.parties[name] = p
	}
	c.party = p
	var victim *Conn
	full := true
	switch {
	case l.cfg.MostPerAddress > 0 && p.open >= l.cfg.MostPerAddress:
		if victim = l.idleOf(p); victim == nil {
			l.counts.RefusedParty++
		}
	case len(l.open) >= l.cfg.Most:
		if victim = l.idleOfLargest(); victim == nil {
			l.counts.RefusedAll++
		}
	default:
		full = false
	}
	if full && victim == nil {
		told := l.refuses < maxRefusing
		if told {
			l.refuses++
		}
		l.forget(p)
		l.mu.Unlock()
		if told {
			go l.refuse(c)
		} else {
			_ = inner.Close()
		}
		return nil
	}
	p.open++
	l.open[c] = struct{}{}
	c.idle, c.since = p.silent.PushBack(c), time.Now()
	if victim != nil {
		l.counts.Evicted++
		l.remove(victim)
	}
	l.mu.Unlock()
	if victim != nil {
		_ = victim.closeNow()
	}
	return c
}

// idleOf returns the party's connection that has been without a request for longest and
// has none on its way, or nil. Config.Spare says which are not closed while others can
// be. The caller holds mu.
func (l *Listener) idleOf(p *party) *Conn {
	silent, kept := oldest(&p.silent), oldest(&p.idle)
	if silent == nil || kept != nil && kept.since.Before(silent.since) && time.Since(kept.since) >= l.cfg.Spare {
		return kept
	}
	return silent
}

// oldest returns the first of the connections that has no request on its way, or nil.
func oldest(conns *list.List) *Conn {
	for e := conns.Front(); e != nil; e = e.Next() {
		if c := e.Value.(*Conn); c.unread() == 0 {
			return c
		}
	}
	return nil
}

// idleOfLargest is idleOf for the party with the most connections. The caller holds mu.
func (l *Listener) idleOfLargest() *Conn {
	var victim *Conn
	for _, p := range l.parties {
		if victim == nil || p.open > victim.party.open {
			if c := l.idleOf(p); c != nil {
				victim = c
			}
		}
	}
	return victim
}

// remove stops counting a connection. The caller holds mu.
func (l *Listener) remove(c *Conn) {
	if _, there := l.open[c]; !there {
		return
	}
	delete(l.open, c)
	l.unlist(c)
	if c.phase == http.StateActive {
		l.active--
	}
	c.phase = http.StateClosed
	c.party.open--
	l.forget(c.party)
}

func (l *Listener) unlist(c *Conn) {
	if c.idle != nil {
		c.party.silent.Remove(c.idle) // each removes only what it has
		c.party.idle.Remove(c.idle)
		c.idle = nil
	}
}

// forget deletes a party without connections. The caller holds mu.
func (l *Listener) forget(p *party) {
	if p.open == 0 {
		delete(l.parties, p.name)
	}
}

// setState is the server's ConnState hook.
func (l *Listener) setState(inner net.Conn, state http.ConnState) {
	c, ok := inner.(*Conn)
	if !ok {
		panic(fmt.Sprintf("conns: unexpected connection of type %T", inner))
	}
	l.mu.Lock()
	if _, there := l.open[c]; there && c.phase != state {
		if c.phase == http.StateActive {
			l.active--
		}
		l.unlist(c)
		switch state {
		case http.StateActive:
			l.active++
		case http.StateIdle:
			c.idle, c.since = c.party.idle.PushBack(c), time.Now()
		}
		c.phase = state // a closed connection may linger and counts until it is closed
	}
	l.mu.Unlock()
	c.watched(state == http.StateActive)
}

// refuse tells a client that there are too many connections, and closes its own.
func (l *Listener) refuse(c *Conn) {
	defer func() {
		l.mu.Lock()
		l.refuses--
		l.mu.Unlock()
	}()
	_ = c.Conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Conn.Write(l.cfg.Refusal)
	c.linger(time.Second)
	_ = c.Conn.Close()
}
