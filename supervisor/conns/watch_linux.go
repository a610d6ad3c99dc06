package conns

import (
	"io"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A client that has sent its request may say that it sends no more, by
// shutdown(2), and still wait for the answer; one that has closed its socket
// says just the same to us, by a FIN. What tells them apart is that a closed
// socket answers whatever we send with a RST: RFC 9293, 3.10.7.4. So we send
// what any client of HTTP/1.1 must be able to take before the answer, and as
// often as it comes: an interim answer, RFC 9110, 15.2. It is 100, because some
// clients take any other for the answer.
//
// A client of HTTP/1.0 knows no interim answers. It counts as gone.
const probe = "HTTP/1.1 100 Continue\r\n\r\n"

// probePauses are the times between probes. A half-closed client that leaves
// later is found by the next one.
var probePauses = []time.Duration{4 * time.Second, 16 * time.Second, 64 * time.Second, 256 * time.Second}

// watch returns when the client is gone, with the error that says so, or when
// the read deadline passes. Nothing is read: a next request may be there.
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

// peer reports whether the connection is broken, or whether the other side
// sends no more.
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

// halfClosed begins to probe a client that sends no more. It reports false for
// one that cannot be probed, and counts as gone.
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
		return true // there may be another request, and the server stops this read soon
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

// probe sends an interim answer, unless the answer itself has begun, and
// arranges for the next one.
func (c *Conn) probe() {
	if !c.writing.TryLock() {
		return // who writes will see
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

// watched notes that the server has read a request, or has finished with it.
func (c *Conn) watched(active bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if active == c.active {
		return
	}
	c.active, c.body, c.arrived = active, time.Time{}, 0
	c.leftover = c.leftover && !active
	c.finish(false)
}

// begin notes that a handler begins with a request.
func (c *Conn) begin(interim bool) {
	c.writing.Lock()
	c.answered = false
	c.writing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.request.begun, c.request.probes = true, interim
	c.wake()
}

// end notes that the handler has ended, and whether it has left a part of the
// body.
func (c *Conn) end(leftover bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leftover = leftover
	c.finish(true)
}

// finish forgets the request. mu is held.
func (c *Conn) finish(ended bool) {
	if c.request.timer != nil {
		c.request.timer.Stop()
	}
	c.wake()
	c.request = request{ended: ended}
}

// wake lets a watch go on that waits for a handler. mu is held.
func (c *Conn) wake() {
	if c.request.begin != nil {
		close(c.request.begin)
		c.request.begin = nil
	}
}
