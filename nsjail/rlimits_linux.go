package nsjail

import (
	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/protocol"
)

// CellFiles is a cell's RLIMIT_NOFILE. The kernel has one table of open files for
// the whole machine (fs.file-max), and each process may have this many in it. It is
// the default of macOS, under which Python's libraries work.
const CellFiles = 256

// sharedTasks is RLIMIT_NPROC for cells that share one uid: the kernel counts the
// processes and threads of all of them, and of their zygote.
const sharedTasks = 4096

// cellTasks returns a cell's RLIMIT_NPROC, a second limit besides that of the cgroup.
// When all cells share hotcell's own uid, it is at most half of hotcell's limit, so
// that hotcell can still start threads when cells have used up theirs.
func (j *Jail) cellTasks() int {
	if !j.host.ids.Single {
		return max(j.profile.MaxProcesses, j.profile.Limits.Processes) + 1 // so that the cgroup refuses first, and counts it
	}
	var own unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &own) != nil || own.Cur/2 > sharedTasks {
		return sharedTasks
	}
	return int(own.Cur / 2) // #nosec G115 -- compared above
}

// SharedCounts returns what one cell can use up for all others until it ends, because
// the kernel counts it for the uid that they share (docs/shared-uid.md). It is empty
// when each cell has its own uid. pids reports whether each cell has a pids controller.
func (j *Jail) SharedCounts(pids bool) []string {
	if !j.host.ids.Single {
		return nil
	}
	counts := []string{"descriptors under way in sockets", "pages of pipes"}
	if j.profile.Mode == protocol.ModeFork { // in spawn mode exec each cell has a user namespace, which has its own counts
		counts = append(counts, "queued signals and POSIX timers")
		if !pids {
			counts = append(counts, "processes and threads")
		}
	}
	return counts
}

// ResourceLimits returns the highest limits that a cell's process may have, by their
// names in /proc/PID/limits.
func (j *Jail) ResourceLimits() map[string]int {
	return map[string]int{
		"Max open files": CellFiles, "Max processes": j.cellTasks(), "Max pending signals": 128,
		"Max locked memory": 64 << 10, "Max msgqueue size": 0, "Max core file size": 1,
	}
}
