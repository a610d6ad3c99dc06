package instance

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/cgroup"
)

// RemoveLeftovers removes what killed instances left behind: the processes and
// cgroups of their cells, and their directories. A living instance holds the lock on
// its directory. Zygotes end by themselves: their channel closes, and nsjail dies with
// the thread that started it. Directories of other names are not ours, also if they have a
// lock: jobs may be kept there.
func RemoveLeftovers(state string, log *slog.Logger) {
	named, _ := filepath.Glob(filepath.Join(state, Prefix+strings.Repeat("[0-9a-f]", nameDigits), lockFile))
	unnamed, _ := filepath.Glob(filepath.Join(state, fresh+"*", lockFile))
	for _, path := range append(named, unnamed...) {
		lock, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			dir := filepath.Dir(path)
			log.Info("removing what a dead instance left behind", "dir", dir)
			list, _ := os.ReadFile(filepath.Join(dir, cgroupsFile))
			for group := range strings.Lines(string(list)) {
				if err := cgroup.RemoveAll(strings.TrimSpace(group)); err != nil {
					log.Warn("cannot remove a dead instance's cgroup", "error", err)
				}
			}
			if err := os.RemoveAll(dir); err != nil {
				log.Warn("cannot remove a dead instance's directory", "dir", dir, "error", err)
			}
		}
		_ = lock.Close()
	}
}
