package nsjail

import (
	"errors"
	"fmt"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
)

// What a cell may read from each disk in a second. The zygote has brought its
// libraries into the page cache; a module that is imported for the first time since
// the machine started has some megabytes.
const (
	readBytesPerSecond = 64 << 20
	readsPerSecond     = 4000
)

// tryReadLimit finds the disks that hold the jail's files, and tries the limit on a
// cgroup that it then removes. The error says why reads are not limited.
func (j *Jail) tryReadLimit() error {
	var paths []string
	for _, shown := range environment.Files(j.env.Mounts) {
		paths = append(paths, shown.Source)
	}
	disks, err := cgroup.DisksOf(paths...)
	if len(disks) == 0 {
		return fmt.Errorf("%w: %w", cgroup.ErrReadsUnlimited, err)
	}
	j.reads = cgroup.ReadLimit{Disks: disks, BytesPerSecond: readBytesPerSecond, ReadsPerSecond: readsPerSecond}
	group, err := j.host.cgroup.Make(fmt.Sprintf("reads-%d", j.generation))
	if err != nil {
		return err
	}
	return errors.Join(group.LimitReads(j.reads), group.Remove())
}

// ReadsLimited returns how fast a cell may read from disks, as a text. The error says
// why reads are not limited.
func (j *Jail) ReadsLimited() (string, error) {
	return fmt.Sprintf("%d MiB and %d reads a second from each of %v", readBytesPerSecond>>20, readsPerSecond, j.reads.Disks), j.unlimited
}
