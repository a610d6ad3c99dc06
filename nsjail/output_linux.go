package nsjail

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// collector reads one of a cell's pipes while its script runs, up to a limit,
// and tells when there is more.
type collector struct {
	pipe  *os.File
	limit int64
	full  func()       // called once, when there was more than the limit
	emit  func([]byte) // given what is kept, as it comes; may be nil

	finishing atomic.Bool
	done      chan struct{}
	data      []byte // the reader's own until done is closed
	truncated bool
}

var outputBuffers = sync.Pool{New: func() any { buffer := make([]byte, 64<<10); return &buffer }}

func (c *Cell) collect(pipe *os.File, limit int64, full func(), emit func([]byte)) *collector {
	_ = pipe.SetReadDeadline(time.Time{}) // that of the call before
	if !c.Alive() {
		_ = pipe.SetReadDeadline(time.Now().Add(lastWords))
	}
	collector := &collector{pipe: pipe, limit: limit, full: full, emit: emit, done: make(chan struct{})}
	go collector.read()
	return collector
}

// finish takes what is in the pipe by now and returns all that there was. The
// process may live on and write more; nobody waits for that.
func (c *collector) finish() (data []byte, truncated bool) {
	c.finishing.Store(true)
	_ = c.pipe.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
	<-c.done
	return c.data, c.truncated
}

func (c *collector) read() {
	defer close(c.done)
	raw, err := c.pipe.SyscallConn()
	if err != nil {
		return
	}
	buffer := outputBuffers.Get().(*[]byte)
	defer outputBuffers.Put(buffer)
	_ = raw.Read(func(fd uintptr) bool { return c.take(int(fd), *buffer) || c.finishing.Load() })
	// After the deadline Read does not call; what came until then is still there.
	_ = raw.Control(func(fd uintptr) { c.take(int(fd), *buffer) })
}

// take reads until the pipe is empty (false), or at its end, or over the limit.
func (c *collector) take(fd int, buffer []byte) bool {
	for !c.truncated {
		n, err := unix.Read(fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return false
		case err != nil || n == 0:
			return true
		}
		room := c.limit - int64(len(c.data))
		if int64(n) > room {
			n, c.truncated = int(room), true
			c.full()
		}
		c.keep(buffer[:n])
		if c.emit != nil && n > 0 {
			c.emit(buffer[:n])
		}
	}
	return true
}

// keep adds to the data. Its memory grows by steps of which the last has the size
// of the limit, so that a script never makes it larger than that and a quarter
// more, which is what the one before held.
func (c *collector) keep(data []byte) {
	if need := len(c.data) + len(data); need > cap(c.data) {
		grown := make([]byte, len(c.data), max(need, min(int(c.limit), max(4*cap(c.data), leastOutput))))
		copy(grown, c.data)
		c.data = grown
	}
	c.data = append(c.data, data...)
}

const leastOutput = 4 << 10
