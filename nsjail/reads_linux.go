package nsjail

import (
	"fmt"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
)

// tryReadLimit tries the limit on the disks that hold the jail's files. The error says why
// reads are not limited.
func (j *Jail) tryReadLimit() (cgroup.ReadLimit, error) {
	var paths []string
	for _, shown := range environment.Files(j.env.Mounts) {
		paths = append(paths, shown.Source)
	}
	return cgroup.TryReads(j.host.cgroup, fmt.Sprintf("reads-%d", j.generation), paths...)
}

// ReadsLimited returns how fast a cell may read from disks, as a text. The error says
// why reads are not limited.
func (j *Jail) ReadsLimited() (string, error) { return j.reads.String(), j.unlimited }
