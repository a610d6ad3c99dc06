package cgroup

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// Cgroups of version 1 are used again: the kernel takes longer to make and remove one in
// each hierarchy than for everything else that a cell needs of it. What a cell could
// leave to the next one, and what becomes of it:
//
//   - a process: pids.current must be 0, and the cell must have been in every hierarchy.
//   - charged memory, such as files in the page cache: at most cleanBytes.
//   - that it was killed for want of memory, or refused a process: these counters cannot
//     be set back, so such a cgroup is removed.
//   - its peak of memory, its CPU time: Begin sets the one back and notes the other.
//   - CPU time that it used up in this period: writing the quota grants it anew, and ends
//     throttling (tg_set_cfs_bandwidth in kernel/sched/core.c).
//   - reads from disks that still wait: they hold pages, which are charged to it.
//   - limits: only hotcell writes them, and here only if they differ.
//
// In version 2 the peak of memory cannot be set back before Linux 6.12, so cgroups are
// made and removed there.

// idleMost is how many cgroups wait for their next cell. Further ones are removed.
const idleMost = 64

// cleanBytes may be charged to a cgroup that is used again: as much as processors hold for
// a cgroup, 64 pages in advance (see leftBytes) and some that are free but wait on a list
// of the processor's, or for an RCU grace period. The kernel's own counters are as inexact.
var cleanBytes = min(1<<20, int64(runtime.NumCPU()*96*os.Getpagesize()))

// A cgroup that is used again keeps the files open that every cell needs: opening and
// closing one takes some 8 µs, reading or writing 1. The cells of a pool that are handed out
// again and again come to have such cgroups, as a cgroup that is new keeps none.

// keptFiles are kept, besides tasks in each hierarchy.
var keptFiles = []struct {
	controller, name string
	flags            int
}{
	{"cpu", v1Quota, unix.O_RDWR}, {"cpu", v1Weight, unix.O_RDWR}, {"cpuacct", v1Used, unix.O_RDONLY},
	{"memory", v1Peak, unix.O_RDWR}, {"memory", v1Usage, unix.O_RDONLY}, {"memory", v1OutOfMemory, unix.O_RDONLY},
	{"pids", v1Processes, unix.O_RDONLY}, {"pids", v1Refused, unix.O_RDONLY},
}

// keptTasks is in how many hierarchies there are tasks.
const keptTasks = 5

// Kept returns how many descriptors are kept open at most if this process may have limit
// of them: with fewer than some thousand, none.
func Kept(limit uint64) int { return keepers(limit) * (len(keptFiles) + keptTasks) }

// keepers returns how many cgroups keep their files open.
func keepers(limit uint64) int {
	if limit < 4096 {
		return 0
	}
	return min(16*runtime.NumCPU(), int(min(limit, 1<<30))/16/(len(keptFiles)+keptTasks)) // #nosec G115 -- bounded
}

// reusing makes cgroups of version 1 out of those that other cells had.
type reusing struct {
	*treeV1
	most int // that keep their files open

	mu      sync.Mutex
	idle    []*lentV1 // the one that has waited longest first
	keeping int       // how many keep their files open
	closed  bool
}

// reuse returns a tree that uses cgroups again, if the old one has every controller.
func reuse(tree Tree) Tree {
	v1 := tree.(*treeV1)
	for _, layer := range Layers {
		for _, controller := range v1Controllers[layer] {
			if v1.byController[controller] == "" {
				return tree
			}
		}
	}
	var limit unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	return &reusing{treeV1: v1, most: keepers(limit.Cur)}
}

// WhyNotAgain returns why each cell has a new cgroup, or an empty string.
func WhyNotAgain(tree Tree) string {
	switch tree.(type) {
	case *reusing:
		return ""
	case *treeV2:
		return "the peak of memory cannot be set back in cgroups of version 2"
	}
	return "a controller is missing"
}

func (t *reusing) Make(name string, weight Weight) (Group, error) {
	if again := t.lend(); again != nil {
		err := again.counters.write(again.path("cpu", v1Quota), strconv.Itoa(cpuQuotaUS))
		if err == nil {
			err = again.groupV1.Weigh(weight)
		}
		if err == nil {
			return again, nil
		}
		if err := again.Remove(); err != nil {
			return nil, err
		}
	}
	made, err := t.treeV1.Make(name, weight)
	if err != nil {
		return nil, err
	}
	return &lentV1{groupV1: made.(*groupV1), tree: t}, nil
}

// lend returns a cgroup that waits, or nil: one that keeps its files if there is any.
func (t *reusing) lend() *lentV1 {
	t.mu.Lock()
	if len(t.idle) == 0 {
		t.mu.Unlock()
		return nil
	}
	at := max(0, slices.IndexFunc(t.idle, func(g *lentV1) bool { return g.keeps }))
	lent := t.idle[at]
	t.idle = slices.Delete(t.idle, at, at+1)
	again := &lentV1{groupV1: &groupV1{dirs: lent.dirs, counters: lent.counters, weight: lent.weight}, tree: t, limits: lent.limits, keeps: lent.keeps}
	begin := !again.keeps && t.keeping < t.most
	if begin {
		t.keeping++
		again.keeps = true
	}
	t.mu.Unlock()
	if !lent.keeps {
		again.counters = new(counters)
	}
	if begin && again.keep() != nil {
		again.keepNone()
		again.counters = new(counters)
	}
	return again
}

// Idle returns how many directories of a tree are cgroups that wait for their next cell.
func Idle(tree Tree) int {
	t, ok := tree.(*reusing)
	if !ok {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	count := 0
	for _, lent := range t.idle {
		count += len(slices.Compact(slices.Sorted(maps.Values(lent.dirs))))
	}
	return count
}

// Close also removes the cgroups that wait.
func (t *reusing) Close() error {
	t.mu.Lock()
	idle := t.idle
	t.idle, t.closed = nil, true
	t.mu.Unlock()
	var errs []error
	for _, lent := range idle {
		errs = append(errs, lent.groupV1.Remove())
	}
	return errors.Join(append(errs, t.treeV1.Close())...)
}

// takeBack keeps the cgroup for another cell.
func (t *reusing) takeBack(lent *lentV1) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.idle) >= idleMost {
		return false
	}
	t.idle = append(t.idle, lent)
	return true
}

// limits are those that were written and read back.
type limits struct {
	memoryBytes int64
	processes   int
	reads       ReadLimit
}

// lentV1 is a cgroup in the hands of one cell. Once the cell has given it back, it no
// longer reaches the cgroup.
type lentV1 struct {
	*groupV1
	tree *reusing

	mu      sync.Mutex // held by what touches the cgroup
	back    bool
	entered bool // the cell was in every hierarchy
	keeps   bool // it keeps its files open
	limits  limits
}

// path returns where a file is. Its hierarchy must exist.
func (g *lentV1) path(controller, name string) string { return filepath.Join(g.dirs[controller], name) }

// keep opens the files that it keeps.
func (g *lentV1) keep() error {
	err := g.counters.open(unix.O_WRONLY, g.each(v1Tasks)...)
	for _, file := range keptFiles {
		if err == nil {
			err = g.counters.open(file.flags, g.path(file.controller, file.name))
		}
	}
	return err
}

// keepNone closes the files that it keeps. Another cgroup may then keep its own.
func (g *lentV1) keepNone() {
	g.counters.close()
	g.tree.mu.Lock()
	defer g.tree.mu.Unlock()
	if g.keeps {
		g.keeps = false
		g.tree.keeping--
	}
}

// with runs what touches the cgroup, unless it was given back.
func with[T any](g *lentV1, touch func() (T, error)) (T, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.back {
		var none T
		return none, os.ErrClosed
	}
	return touch()
}

func without(touch func() error) func() (struct{}, error) {
	return func() (struct{}, error) { return struct{}{}, touch() }
}

func (g *lentV1) Join(single bool) (fds []int, done func(), err error) {
	_, err = with(g, without(func() error {
		fds, done, err = g.groupV1.Join(single)
		return err
	}))
	return fds, done, err
}

func (g *lentV1) Holds(pid int) error {
	_, err := with(g, without(func() error {
		err := g.groupV1.Holds(pid)
		g.entered = err == nil
		return err
	}))
	return err
}

func (g *lentV1) Limit(memoryBytes int64, processes int) error {
	_, err := with(g, without(func() error {
		if g.limits.memoryBytes == memoryBytes && g.limits.processes == processes {
			return nil
		}
		g.limits.memoryBytes = 0 // unless all of it succeeds
		err := g.groupV1.Limit(memoryBytes, processes)
		if err == nil {
			g.limits.memoryBytes, g.limits.processes = memoryBytes, processes
		}
		return err
	}))
	return err
}

func (g *lentV1) LimitReads(limit ReadLimit) error {
	_, err := with(g, without(func() error {
		had := g.limits.reads
		if slices.Equal(had.Disks, limit.Disks) && had.BytesPerSecond == limit.BytesPerSecond && had.ReadsPerSecond == limit.ReadsPerSecond {
			return nil
		}
		err := g.groupV1.LimitReads(limit)
		if err == nil {
			g.limits.reads = limit
		}
		return err
	}))
	return err
}

func (g *lentV1) Weigh(weight Weight) error {
	_, err := with(g, without(func() error { return g.groupV1.Weigh(weight) }))
	return err
}

func (g *lentV1) Begin() error {
	_, err := with(g, without(g.groupV1.Begin))
	return err
}

func (g *lentV1) CPUTime() (time.Duration, error)     { return with(g, g.groupV1.CPUTime) }
func (g *lentV1) PeakMemory() (int64, error)          { return with(g, g.groupV1.PeakMemory) }
func (g *lentV1) OutOfMemory() (killed bool, _ error) { return with(g, g.groupV1.OutOfMemory) }

func (g *lentV1) Refused() int64 {
	count, _ := with(g, func() (int64, error) { return g.groupV1.Refused(), nil })
	return count
}

func (g *lentV1) Processes() int64 {
	count, _ := with(g, func() (int64, error) { return g.groupV1.Processes(), nil })
	return count
}

// Remove gives the cgroup back if nothing of the cell is in it, and otherwise removes it.
func (g *lentV1) Remove() error {
	if g.back {
		return nil
	}
	if g.entered && g.isClean() {
		g.mu.Lock()
		if !g.keeps {
			g.counters.close()
		}
		g.back = g.tree.takeBack(g)
		g.mu.Unlock()
		if g.back {
			return nil
		}
	}
	g.entered = false // nothing gives it back once its limits were lowered
	g.keepNone()
	return g.groupV1.Remove()
}

// cleanTries is how often isClean looks, with pauses that begin with cleanPause and
// double: a process that has just ended may still be counted, and its memory goes back
// in the background.
const (
	cleanTries = 5
	cleanPause = 250 * time.Microsecond
)

func (g *lentV1) isClean() bool {
	for try := range cleanTries {
		if try > 0 {
			time.Sleep(cleanPause << try)
		}
		if g.count("pids", v1Processes, "") == 0 && g.count("memory", v1Usage, "") <= cleanBytes {
			return g.count("memory", v1OutOfMemory, "oom_kill") == 0 && g.count("pids", v1Refused, "max") == 0
		}
	}
	return false
}

// count returns what a file of the kernel shows, and more than anything else if it cannot
// be read.
func (g *lentV1) count(controller, name, key string) int64 {
	path := g.path(controller, name)
	n, err := g.counters.number(path, key)
	if errors.Is(err, os.ErrNotExist) { // it is not open
		n, err = kernfs.Number(path, key)
	}
	if err != nil {
		return noLimit
	}
	return n
}
