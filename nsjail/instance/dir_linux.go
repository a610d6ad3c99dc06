package instance

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/pyworker"
)

// Files in an instance's directory.
const (
	lockFile    = "lock"    // locked with flock(2) while the instance lives
	cgroupsFile = "cgroups" // its cgroup directories, one a line
	workerDir   = "worker"  // the Python package that runs in jails
)

// Prefix begins the name of each instance, which its directory and its cgroups have;
// nameDigits hexadecimal digits follow.
const (
	Prefix     = "hotcell-"
	nameDigits = 12
)

// fresh begins the name of a directory that is not filled yet.
const fresh = ".new-"

// Dir is the directory of this instance.
type Dir struct {
	Name string // of the instance
	Path string
	lock *os.File
}

// Take makes a directory below state. It locks the directory before others can see it
// under its name, so that none takes it for that of a dead instance. The caller drops it.
func Take(state string) (*Dir, error) {
	made, err := os.MkdirTemp(state, fresh)
	if err != nil {
		return nil, err
	}
	name := Prefix + randomName()
	d := &Dir{Name: name, Path: filepath.Join(state, name)}
	if err := d.fill(made); err != nil { // otherwise half of it would stay on a full disk
		_ = os.RemoveAll(made)
		_ = d.lock.Close() // nil is fine
		return nil, err
	}
	return d, nil
}

func (d *Dir) fill(made string) (err error) {
	if err := os.Chmod(made, 0o755); err != nil {
		return err
	}
	if d.lock, err = os.OpenFile(filepath.Join(made, lockFile), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	if err := unix.Flock(int(d.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	if err := writeWorker(filepath.Join(made, workerDir)); err != nil {
		return err
	}
	if err := environment.WriteFigures(filepath.Join(made, workerDir)); err != nil {
		return err
	}
	return os.Rename(made, d.Path)
}

// Worker returns where the Python package for jails is.
func (d *Dir) Worker() string { return filepath.Join(d.Path, workerDir) }

// NoteCgroups keeps the instance's cgroup directories for the one that cleans up after it.
func (d *Dir) NoteCgroups(dirs []string) error {
	return os.WriteFile(filepath.Join(d.Path, cgroupsFile), []byte(strings.Join(dirs, "\n")), 0o644)
}

// Drop removes the directory, and the last instance its parent. The empty directories on
// which the nsjail program mounts roots, /tmp/nsjail.UID.root and .tmp, stay: all nsjails
// of a user share them, and one that starts just now would fail.
func (d *Dir) Drop() {
	_ = os.RemoveAll(d.Path)
	_ = d.lock.Close()
	state := filepath.Dir(d.Path)
	if state == DefaultState() {
		_ = os.Remove(state) // which fails while there are others
	}
}

// writeWorker writes the embedded Python package below dir. Everybody can read it.
func writeWorker(dir string) error {
	target := filepath.Join(dir, "pyworker")
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	names, err := fs.Glob(pyworker.Files, "*.py")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := pyworker.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// DefaultState returns the state directory of this user.
func DefaultState() string {
	if os.Geteuid() == 0 {
		return "/run/hotcell"
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "hotcell")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-%d", os.Geteuid()))
}

func randomName() string {
	var raw [nameDigits / 2]byte
	_, _ = rand.Read(raw[:]) // never fails, crypto/rand
	return hex.EncodeToString(raw[:])
}
