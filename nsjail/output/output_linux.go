package output

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Collector reads a pipe while a script writes to it, up to a limit.
type Collector struct {
	pipe  *os.File
	log   *Log
	limit int64
	full  func()
	emit  func([]byte)

	finishing atomic.Bool
	done      chan struct{}
	data      []byte // the reader's own until done is closed
	truncated bool
}

var outputBuffers = sync.Pool{New: func() any { buffer := make([]byte, 64<<10); return &buffer }}

// Collect begins to read a pipe, and the log before it, which may be nil. It keeps at most
// limit bytes, calls full once when there are more, and emit, which may be nil, with what
// it keeps, as it comes. Both are called by the goroutine that reads.
func Collect(pipe *os.File, log *Log, limit int64, full func(), emit func([]byte)) *Collector {
	c := &Collector{pipe: pipe, log: log, limit: limit, full: full, emit: emit, done: make(chan struct{})}
	go c.read()
	return c
}

// Finish takes what is in the pipe now and returns everything that was kept, and whether
// there was more than the limit. It does not wait for the end of the process, which may
// go on writing. With last, nothing will be read after it, and what is in the log counts.
func (c *Collector) Finish(last bool) (data []byte, truncated bool) {
	var before head
	if c.log != nil {
		before, _ = c.log.head()
	}
	c.finishing.Store(true)
	_ = c.pipe.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
	<-c.done
	if last && c.log != nil {
		c.takeLog(before)
	}
	return c.data, c.truncated
}

// takeLog adds what is in the log. A cell that has answered may still print: if it is too
// fast to be read without a gap, what it prints now is left out.
func (c *Collector) takeLog(before head) {
	for range 3 {
		if c.truncated {
			return
		}
		if rest, whole := c.log.rest(before, c.data); whole {
			c.took(rest)
			return
		}
		before, _ = c.log.head()
		raw, err := c.pipe.SyscallConn()
		if err != nil {
			return
		}
		var buffer [4 << 10]byte
		_ = raw.Control(func(fd uintptr) { c.take(int(fd), buffer[:]) })
	}
}

func (c *Collector) read() {
	defer close(c.done)
	raw, err := c.pipe.SyscallConn()
	if err != nil {
		return
	}
	buffer := outputBuffers.Get().(*[]byte)
	defer outputBuffers.Put(buffer)
	_ = raw.Read(func(fd uintptr) bool { return c.take(int(fd), *buffer) || c.finishing.Load() })
	// After the deadline Read does not call the function. What came before is still there.
	_ = raw.Control(func(fd uintptr) { c.take(int(fd), *buffer) })
}

// take reads until the pipe is empty, and then returns false, or until it is over the
// limit. A pipe with a name that nobody has open is empty, and not at its end: somebody
// may open it again.
func (c *Collector) take(fd int, buffer []byte) bool {
	for !c.truncated {
		n, err := unix.Read(fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN) || err == nil && n == 0:
			return false
		case err != nil:
			return true
		}
		if c.log != nil {
			c.log.received += uint64(n) // #nosec G115 -- not negative here
		}
		c.took(buffer[:n])
	}
	return true
}

// took keeps what is within the limit.
func (c *Collector) took(data []byte) {
	if room := c.limit - int64(len(c.data)); int64(len(data)) > room {
		data, c.truncated = data[:room], true
		c.full()
	}
	c.keep(data)
	if c.emit != nil && len(data) > 0 {
		c.emit(data)
	}
}

// keep adds to the data. The buffer grows in steps of four times its size, at last to the
// size of the limit. So output needs at most the limit and, while the buffer grows, a
// quarter more.
func (c *Collector) keep(data []byte) {
	if need := len(c.data) + len(data); need > cap(c.data) {
		grown := make([]byte, len(c.data), max(need, min(int(c.limit), max(4*cap(c.data), leastOutput))))
		copy(grown, c.data)
		c.data = grown
	}
	c.data = append(c.data, data...)
}

const leastOutput = 4 << 10
