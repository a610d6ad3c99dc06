package cgroup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// counters are the files of a cgroup that are open. Those that are read while a script runs
// are open from its begin on: without free descriptors hotcell can still enforce the
// limits of a running script and return how it ended.
type counters struct {
	// A session's cell may be removed while its rest is only beginning.
	mu     sync.Mutex
	files  map[string]int // descriptors, by path
	closed bool
}

// open opens files with these flags, without those that are open, as in a session since
// its first call, and those that the kernel does not have.
func (c *counters) open(flags int, paths ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return os.ErrClosed
	}
	for _, path := range paths {
		if _, ok := c.files[path]; ok {
			continue
		}
		fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.ENOENT) {
			continue
		}
		if err != nil {
			return &os.PathError{Op: "open", Path: path, Err: err}
		}
		if c.files == nil {
			c.files = make(map[string]int)
		}
		c.files[path] = fd
	}
	return nil
}

// number is like [kernfs.Number] for a file that is open.
func (c *counters) number(path, key string) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fd, ok := c.files[path]
	if !ok {
		return 0, &os.PathError{Op: "read", Path: path, Err: os.ErrNotExist}
	}
	var text [4096]byte
	n, err := unix.Pread(fd, text[:], 0) // the kernel writes it anew for each read from 0
	if err != nil {
		return 0, &os.PathError{Op: "read", Path: path, Err: err}
	}
	return kernfs.ParseNumber(filepath.Base(path), strings.Fields(string(text[:n])), key)
}

// write is [kernfs.Write]. It needs no descriptor if the file is open.
func (c *counters) write(path, value string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	fd, ok := c.files[path]
	if !ok {
		return kernfs.Write(path, value)
	}
	if _, err := unix.Pwrite(fd, []byte(value), 0); err != nil {
		return &os.PathError{Op: "write " + value + " to", Path: path, Err: err}
	}
	return nil
}

// opened returns the descriptors of files, or false if any is not open.
func (c *counters) opened(paths []string) ([]int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var fds []int
	for _, path := range paths {
		fd, ok := c.files[path]
		if !ok {
			return nil, false
		}
		fds = append(fds, fd)
	}
	return fds, true
}

// close closes them for good. It may be called more than once.
func (c *counters) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, fd := range c.files {
		_ = unix.Close(fd)
	}
	c.files = nil
}

// beginAgain is the pause between two tries to begin.
const beginAgain = 25 * time.Millisecond

// BeginSoon begins to count in a group. While descriptors or memory are short it tries
// again, until ctx ends or over is closed: what came before must not count.
func BeginSoon(ctx context.Context, g Group, over <-chan struct{}) error {
	for {
		err := g.Begin()
		if !kernfs.Short(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-over:
			return nil
		case <-time.After(beginAgain):
		}
	}
}
