package uids

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// InUse returns every uid and gid that a process has as one of its four uids or gids,
// with one such process. It sees the processes that /proc shows.
func InUse() map[int]int {
	used := make(map[int]int)
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is valid
	for _, dir := range dirs {
		status, err := kernfs.Fields(filepath.Join(dir, "status"))
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(dir))
		for _, value := range strings.Fields(fmt.Sprint(status["Uid"], " ", status["Gid"])) {
			if id, err := strconv.Atoi(value); err == nil {
				used[id] = pid
			}
		}
	}
	return used
}
