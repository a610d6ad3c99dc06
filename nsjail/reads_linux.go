package nsjail

import (
	"errors"
	"fmt"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
)

// What a cell may read from each disk in a second. Its libraries are in the page
// cache, where the zygote has brought them; a module that is imported for the first
// time since the machine's start is some megabytes.
const (
	readBytesPerSecond = 64 << 20
	readsPerSecond     = 4000
)

// tryReadLimit finds the disks that the jail's files are on, and tries the limit on
// a cgroup that is removed again. The error says why reads are not limited.
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

// ReadsLimited says how fast a cell may read from disks, or in the error why that
// is not limited.
func (j *Jail) ReadsLimited() (string, error) {
	return fmt.Sprintf("%d MiB and %d reads a second from each of %v", readBytesPerSecond>>20, readsPerSecond, j.reads.Disks), j.unlimited
}
