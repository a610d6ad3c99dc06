package nsjail

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// removeLeftovers ends and removes what instances left that were killed: their
// cells' processes and cgroups, and their directories. A living instance holds
// the lock on its directory. (Zygotes go by themselves: their channel closes,
// and nsjail dies with the thread that started it.)
func removeLeftovers(state string, log *slog.Logger) {
	locks, _ := filepath.Glob(filepath.Join(state, "*", lockFile))
	for _, path := range locks {
		lock, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			dir := filepath.Dir(path)
			log.Info("removing what a dead instance left behind", "dir", dir)
			list, _ := os.ReadFile(filepath.Join(dir, cgroupsFile))
			for group := range strings.Lines(string(list)) {
				removeCgroups(strings.TrimSpace(group), log)
			}
			if err := os.RemoveAll(dir); err != nil {
				log.Warn("cannot remove a dead instance's directory", "dir", dir, "error", err)
			}
		}
		_ = lock.Close()
	}
}

// removeCgroups kills what runs below dir and removes dir with all below it.
func removeCgroups(dir string, log *slog.Logger) {
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	for i := len(dirs) - 1; i >= 0; i-- { // the deepest first
		if err := removeDir(dirs[i]); err != nil {
			log.Warn("cannot remove a dead instance's cgroup", "error", err)
		}
	}
}
