package conns

import (
	"context"
	"io"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// probe is an interim answer that tells a half-closed client from one that is gone.
//
// A client that has sent its request may shut down its sending side with shutdown(2)
// and still wait for the answer. A client that has closed its socket looks the same to
// us: both send a FIN. They differ in that a closed socket answers whatever we send
// with a RST: RFC 9293, 3.10.7.4. So we send something that every HTTP/1.1 client must
// accept before the answer, any number of times: an interim answer, RFC 9110, 15.2. It
// is 100 because some clients take any other for the final answer.
//
// An HTTP/1.0 client does not know interim answers, so it counts as gone.
const probe = "HTTP/1.1 100 Continue\r\n\r\n"

// probePauses are the pauses between probes. A half-closed client that leaves later is
// detected by the next probe.
var probePauses = []time.Duration{4 * time.Second, 16 * time.Second, 64 * time.Second, 256 * time.Second}

// watch returns when the client is gone or the read deadline passes, with an error that
// says which. It reads nothing, because the next request may have arrived.
func (c *Conn) watch() error {
	half := false
	err := c.raw.Read(func(fd uintptr) bool {
		var gone bool
		gone, half = peer(int(fd)) // #nosec G115 -- a descriptor
		return gone || half
	})
	if err != nil {
		return err
	}
	if !half {
		return syscall.ECONNRESET
	}
	if !c.halfClosed() {
		return io.EOF
	}
	err = c.raw.Read(func(fd uintptr) bool {
		gone, _ := peer(int(fd)) // #nosec G115 -- a descriptor
		return gone
	})
	if err != nil {
		return err
	}
	return syscall.ECONNRESET
}

// peer reports whether the connection is broken, and whether the other side has shut
// down its sending side.
func peer(fd int) (gone, half bool) {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}} // #nosec G115 -- a descriptor
	for {
		_, err := unix.Poll(poll, 0)
		if err == unix.EINTR {
			continue
		}
		got := poll[0].Revents
		return err != nil || got&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) != 0, got&unix.POLLRDHUP != 0
	}
}

// lookEvery is how often Watch looks at a connection.
const lookEvery = 250 * time.Millisecond

// Watch looks after the client of a request whose body is not read to its end, which
// net/http does not do. It calls half once if the client closes its sending side: a
// write then shows whether the client is there. It calls gone once the client is not.
// The caller calls stop.
func Watch(ctx context.Context, half, gone func()) (stop func()) {
	c, ok := ctx.Value(connKey{}).(*Conn)
	if !ok {
		return func() {}
	}
	ended := make(chan struct{})
	go func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for closed := false; ; {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			var isGone, isHalf bool
			c.control(func(fd int) { isGone, isHalf = peer(fd) })
			if isGone {
				gone()
				return
			}
			if isHalf && !closed {
				closed = true
				half()
			}
		}
	}()
	return func() { close(ended) }
}

// UntilGone derives a context that also ends when the client leaves, whether or not the body
// of its request has been read.
func UntilGone(ctx context.Context) (until context.Context, done context.CancelFunc) {
	c, ok := ctx.Value(connKey{}).(*Conn)
	if !ok {
		return ctx, func() {}
	}
	until, leave := context.WithCancel(ctx)
	stop := Watch(ctx, func() {
		if !c.halfClosed() {
			leave()
		}
	}, leave)
	return until, sync.OnceFunc(func() { stop(); leave() })
}

// halfClosed starts to probe a half-closed client. It reports false if the client
// cannot be probed and so counts as gone.
func (c *Conn) halfClosed() bool {
	c.mu.Lock()
	for c.active && !c.request.begun && !c.request.ended {
		begin := make(chan struct{})
		c.request.begin = begin
		c.mu.Unlock()
		<-begin
		c.mu.Lock()
	}
	if !c.active || c.request.ended {
		c.mu.Unlock()
		return true // there may be another request, and the server soon stops this read
	}
	probes, onHalf := c.request.probes, c.request.onHalf
	c.request.halfClosed = probes
	c.mu.Unlock()
	if !probes {
		return false
	}
	c.probe()
	if onHalf != nil {
		go onHalf()
	}
	return true
}

// probe sends an interim answer, unless the answer itself has begun, and schedules the
// next one.
func (c *Conn) probe() {
	if !c.writing.TryLock() {
		return // the writer will notice
	}
	defer c.writing.Unlock()
	c.mu.Lock()
	r := &c.request
	due := c.active && r.begun && r.halfClosed && !c.answered && !c.aborted.Load()
	if due && r.probed < len(probePauses) {
		r.timer = time.AfterFunc(probePauses[r.probed], c.probe)
		r.probed++
	}
	c.mu.Unlock()
	if due {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = c.Conn.Write([]byte(probe))
	}
}

// watched records that the server has read a request or has finished with it.
func (c *Conn) watched(active bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if active == c.active {
		return
	}
	c.active, c.awaited, c.arrived = active, 0, 0
	c.leftover = c.leftover && !active
	c.finish(false)
}

// begin records that a handler starts with a request.
func (c *Conn) begin(interim bool) {
	c.writing.Lock()
	c.answered = false
	c.writing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.request.begun, c.request.probes = true, interim
	c.wake()
}

// end records that the handler has returned, and whether it left part of the body
// unread.
func (c *Conn) end(leftover bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leftover = leftover
	c.finish(true)
}

// finish clears the request. The caller holds mu.
func (c *Conn) finish(ended bool) {
	if c.request.timer != nil {
		c.request.timer.Stop()
	}
	c.wake()
	c.request = request{ended: ended}
}

// wake wakes a watch that waits for a handler. The caller holds mu.
func (c *Conn) wake() {
	if c.request.begin != nil {
		close(c.request.begin)
		c.request.begin = nil
	}
}
