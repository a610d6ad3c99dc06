package conns

import (
	"io"
	"net"
	"time"
)

// lingerBytes is how much of an unwanted body is read.
const lingerBytes = 64 << 20

// Close implements [net.Conn].
//
// A socket that is closed with unread data, or that receives data after it is closed,
// answers with a RST. The RST discards whatever the client has not read yet, such as
// the answer (RFC 9112, 9.6). So Close half-closes such a connection first and reads
// from it for a while.
func (c *Conn) Close() error {
	if c.unfinished() && c.mayLinger() {
		go func() {
			c.linger(c.listener.cfg.Linger)
			_ = c.closeNow()
		}()
		return nil
	}
	return c.closeNow()
}

// unfinished reports whether the client has sent, or is sending, data that has not been
// read.
func (c *Conn) unfinished() bool {
	c.mu.Lock()
	leftover := c.leftover
	c.mu.Unlock()
	return leftover || c.unread() > 0
}

// CloseWrite reads the rest of a body, within bounds. The server calls it before Close
// when it has answered a request whose body it has not read to the end.
func (c *Conn) CloseWrite() error {
	if c.mayLinger() {
		c.linger(c.listener.cfg.Linger)
	}
	return nil
}

// mayLinger reports whether this connection should be half-closed, once.
func (c *Conn) mayLinger() bool {
	if c.broken.Load() || c.aborted.Load() {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.lingers
	c.lingers = true
	return first
}

// linger half-closes the connection and reads what the client still sends until it
// closes its side, for at most the given time.
func (c *Conn) linger(most time.Duration) {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(most))
	_, _ = io.Copy(io.Discard, io.LimitReader(justReader{c.Conn}, lingerBytes))
}

// justReader hides other methods, with which io.Copy would bypass our buffer.
type justReader struct{ io.Reader }

// closeNow closes the socket and stops counting the connection.
func (c *Conn) closeNow() error {
	err := c.Conn.Close()
	c.listener.mu.Lock()
	c.listener.remove(c)
	c.listener.mu.Unlock()
	c.watched(false)
	return err
}

var _ net.Conn = (*Conn)(nil)
