package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// counters are the files of a cgroup that are read while a script runs. They are open
// from its begin on: without free descriptors hotcell can still enforce the limits of a
// running script and return how it ended.
type counters struct {
	files map[string]*os.File // by path; set once, by open
}

// open opens all of them, without those that the kernel does not have. In a session they
// are open since the first call.
func (c *counters) open(paths ...string) error {
	if c.files != nil {
		return nil
	}
	c.files = make(map[string]*os.File, len(paths))
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		switch {
		case err == nil:
			c.files[path] = os.NewFile(uintptr(fd), path)
		case !errors.Is(err, unix.ENOENT):
			c.close()
			c.files = nil
			return &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
	return nil
}

// number is like [kernfs.Number].
func (c *counters) number(path, key string) (int64, error) {
	file, ok := c.files[path]
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

func (c *counters) close() {
	for _, file := range c.files {
		_ = file.Close()
	}
}
