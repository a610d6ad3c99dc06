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

// counters are the files of a cgroup that are read while a script runs. They are open
// from its begin on: without free descriptors hotcell can still enforce the limits of a
// running script and return how it ended.
type counters struct {
	// A session's cell may be removed while its rest is only beginning.
	mu     sync.Mutex
	files  map[string]*os.File // by path; set once, by open
	closed bool
}

// open opens all of them, without those that the kernel does not have. In a session they
// are open since the first call.
func (c *counters) open(paths ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return os.ErrClosed
	case c.files != nil:
		return nil
	}
	c.files = make(map[string]*os.File, len(paths))
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		switch {
		case err == nil:
			c.files[path] = os.NewFile(uintptr(fd), path)
		case !errors.Is(err, unix.ENOENT):
			c.closeFiles()
			c.files = nil
			return &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
	return nil
}

// number is like [kernfs.Number].
func (c *counters) number(path, key string) (int64, error) {
	c.mu.Lock()
	file, ok := c.files[path]
	c.mu.Unlock()
	if !ok {
		return 0, &os.PathError{Op: "read", Path: path, Err: os.ErrNotExist}
	}
	var text [4096]byte
	n, err := file.ReadAt(text[:], 0) // the kernel writes it anew for each read from 0
	if n == 0 {
		return 0, err
	}
	return kernfs.ParseNumber(filepath.Base(path), strings.Fields(string(text[:n])), key)
}

// close closes them for good. It may be called more than once.
func (c *counters) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.closeFiles()
}

func (c *counters) closeFiles() {
	for _, file := range c.files {
		_ = file.Close()
	}
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
