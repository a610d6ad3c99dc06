package snapshot

import (
	"fmt"
	"runtime"

	"github.com/hotcell/hotcell/nsjail/cgroup"
)

// Result is what a snapshot came to. Its memory cannot be reclaimed without swap while a
// process of the jail lives.
type Result struct {
	Bytes     int64 // of memory that the zygote and its cells share
	HugePages int   // that the kernel gave for it
	Regions   int   // parts of the zygote's memory that moved
	HotPages  int   // that each cell gets before it writes them
}

// String describes it; a snapshot of nothing is "".
func (r Result) String() string {
	if r.Bytes == 0 {
		return ""
	}
	return fmt.Sprintf("%d MiB in %d huge pages; each cell gets %d pages beforehand", r.Bytes>>20, r.HugePages, r.HotPages)
}

// trials is how many cells run the warm-up script before a snapshot. The first one differs,
// because the zygote has not forked before; what all others write cells get beforehand.
const trials = 4

// spare is how much memory must be left beside a snapshot. Without it the kernel might kill
// cells to make room, and what cells gain is not worth that.
const spare = 64 << 20

// Take moves the memory of a zygote into a file that its cells map. try runs the warm-up
// script in a cell, and calls look with its process before it ends. exchange sends the
// zygote SNAPSHOT, with the file if there is one, and waits for the answer. After an error
// the zygote must not be used.
func Take(zygote int, try func(look func(cell int) error) error, exchange func(*File) error) (Result, error) {
	plan, err := Read(zygote)
	if err != nil {
		return Result{}, err
	}
	written := make([][]uint64, trials)
	for i := range written {
		err := try(func(cell int) (err error) {
			written[i], err = Written(cell, plan)
			return err
		})
		if err != nil {
			return Result{}, fmt.Errorf("run the warm-up script in a cell: %w", err)
		}
	}
	if err := exchange(nil); err != nil {
		return Result{}, err
	}
	if plan, err = Read(zygote); err != nil { // now that it only waits
		return Result{}, err
	}
	if left := cgroup.MemoryLeft(); int64(plan.Bytes)+spare > left { // #nosec G115 -- at most maxBytes
		return Result{}, fmt.Errorf("it takes %d MiB of memory, and %d MiB are left of the machine's or of a limit of hotcell's cgroup, of which cells must have %d MiB", plan.Bytes>>20, left>>20, spare>>20)
	}
	file, err := New(plan, written[1:]...)
	if err != nil {
		return Result{}, err
	}
	defer file.Close()
	if err := exchange(file); err != nil {
		return Result{}, err
	}
	return Result{Bytes: file.Bytes(), HugePages: file.HugePages(), Regions: len(plan.Regions), HotPages: file.HotPages()}, file.Seal()
}

// WhyNot returns why this machine can take no snapshots, or "".
func WhyNot() string {
	if runtime.GOARCH != "amd64" {
		return "its machine code has never been run on " + runtime.GOARCH
	}
	if err := available(); err != nil {
		return err.Error()
	}
	return ""
}
