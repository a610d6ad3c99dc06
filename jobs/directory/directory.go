// Package directory is about the directory of the engine of jobs in this process, which one
// process may use.
package directory

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrInUse is why a directory is not locked.
var ErrInUse = errors.New("another process uses the directory")

// Default returns where jobs are kept if no setting says otherwise: in the directory
// that systemd gives to a service, or where such data is kept by custom.
func Default() string {
	if given := os.Getenv("STATE_DIRECTORY"); given != "" {
		return filepath.Join(given, "jobs")
	}
	if os.Geteuid() == 0 {
		return "/var/lib/hotcell/jobs"
	}
	state := os.Getenv("XDG_STATE_HOME")
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "hotcell", "jobs")
}

// Kept reports whether a directory has jobs, or had some.
func Kept(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "jetstream"))
	return err == nil
}

// Lock makes the directory this process's own. The kernel unlocks it when the process
// ends, however it ends.
func Lock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { // #nosec G115 -- a descriptor
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = ErrInUse
		}
		return nil, errors.Join(fmt.Errorf("lock %s: %w", file.Name(), err), file.Close())
	}
	return file, nil
}
