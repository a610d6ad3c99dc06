package conns

import (
	"io"
	"net"
	"time"
)

// lingerBytes is how much of a body is read that nobody wants.
const lingerBytes = 64 << 20

// Close implements [net.Conn].
//
// A socket that is closed while there is something unread, or that is sent
// something later, answers with a RST, which takes back what the client has not
// read yet: the answer (RFC 9112, 9.6). So such a connection is half-closed
// first, and read from for a while.
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

// unfinished reports whether the client has sent, or is sending, what nobody has
// read.
func (c *Conn) unfinished() bool {
	c.mu.Lock()
	leftover := c.leftover
	c.mu.Unlock()
	return leftover || c.unread() > 0
}

// CloseWrite is called by the server before Close when it has answered a
// request whose body it has not read to its end. It reads the rest, within
// bounds.
func (c *Conn) CloseWrite() error {
	if c.mayLinger() {
		c.linger(c.listener.cfg.Linger)
	}
	return nil
}

// mayLinger reports whether this connection is still to be half-closed.
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

// linger tells the client that nothing more comes, and reads what it still
// sends until it closes its side, for so long at most.
func (c *Conn) linger(most time.Duration) {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(most))
	_, _ = io.Copy(io.Discard, io.LimitReader(justReader{c.Conn}, lingerBytes))
}

// justReader hides other methods, by which io.Copy would not use our buffer.
type justReader struct{ io.Reader }

// closeNow closes the socket, and counts the connection no more.
func (c *Conn) closeNow() error {
	err := c.Conn.Close()
	c.listener.mu.Lock()
	c.listener.remove(c)
	c.listener.mu.Unlock()
	c.watched(false)
	return err
}

var _ net.Conn = (*Conn)(nil)
