package nsjail

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// treeV1 has a directory in each hierarchy: "memory", "pids", "cpu" and
// "cpuacct", which may be mounted together. A missing one is not in the map.
type treeV1 struct {
	byController map[string]string
}

// v1Controllers says what each layer needs.
var v1Controllers = map[string][]string{
	layerMemory: {"memory"},
	layerPids:   {"pids"},
	layerCPU:    {"cpu", "cpuacct"},
}

// Files that are read while a script runs.
const (
	v1Used        = "cpuacct.usage"
	v1Peak        = "memory.max_usage_in_bytes"
	v1OutOfMemory = "memory.oom_control"

	v1Weight = "cpu.shares" // 1024 is the usual
)

func openCgroupsV1(own ownCgroups, name string, allowMissing []string) (cgroupTree, error) {
	tree := &treeV1{byController: make(map[string]string)}
	var back undo
	defer back.run()
	for _, layer := range cgroupLayers {
		for _, controller := range v1Controllers[layer] {
			parent, ok := own.v1[controller]
			err := fmt.Errorf("no %s controller is mounted, in version 1 or 2", controller)
			if ok {
				dir := filepath.Join(parent, name)
				if err = os.Mkdir(dir, 0o755); err == nil || errors.Is(err, os.ErrExist) {
					tree.byController[controller] = dir
					back.add(func() { _ = removeDir(dir) })
					continue
				}
			}
			if !slices.Contains(allowMissing, layer) {
				return nil, fmt.Errorf("layer %s: %w (run hotcell where it may make cgroups, or name the layer in allow_missing)", layer, err)
			}
		}
	}
	back.keep()
	return tree, nil
}

func (t *treeV1) dirs() []string {
	return slices.Compact(slices.Sorted(maps.Values(t.byController)))
}

func (t *treeV1) close() error {
	var errs []error
	for _, dir := range t.dirs() {
		errs = append(errs, removeDir(dir))
	}
	return errors.Join(errs...)
}

func (t *treeV1) make(name string) (cgroup, error) {
	group := &groupV1{dirs: make(map[string]string, len(t.byController))}
	for controller, parent := range t.byController {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, errors.Join(err, group.remove())
		}
		group.dirs[controller] = dir
	}
	if dir, ok := group.dirs["cpu"]; ok {
		err := setAndCheck(filepath.Join(dir, "cpu.cfs_period_us"), strconv.Itoa(cpuPeriodUS))
		if err == nil {
			err = setAndCheck(filepath.Join(dir, "cpu.cfs_quota_us"), strconv.Itoa(cpuQuotaUS))
		}
		if err == nil {
			err = writeOnce(filepath.Join(dir, v1Weight), strconv.Itoa(weightInMaking*1024/weightOfRun))
		}
		if err != nil {
			return nil, errors.Join(err, group.remove())
		}
	}
	return group, nil
}

type groupV1 struct {
	dirs     map[string]string // by controller
	counters counters
	cpuStart time.Duration
}

func (g *groupV1) file(controller, name string) (string, bool) {
	dir, ok := g.dirs[controller]
	return filepath.Join(dir, name), ok
}

// join chooses "tasks" for a single thread: the kernel moves a thread that moves
// itself without the lock that other moves take, whose RCU grace period costs
// some 5 ms in each hierarchy after an idle moment (cgroup_procs_write_start in
// kernel/cgroup/cgroup.c).
func (g *groupV1) join(single bool) ([]*os.File, error) {
	name := "cgroup.procs"
	if single {
		name = "tasks"
	}
	return openAll(g.each(name))
}

func (g *groupV1) holds(pid int) error { return isIn(pid, g.dirs) }

// each gives a file's path in each of its directories.
func (g *groupV1) each(name string) []string {
	paths := slices.Compact(slices.Sorted(maps.Values(g.dirs)))
	for i := range paths {
		paths[i] = filepath.Join(paths[i], name)
	}
	return paths
}

func (g *groupV1) limit(memoryBytes int64, processes int) error {
	if file, ok := g.file("memory", "memory.limit_in_bytes"); ok {
		if err := g.limitMemory(file, strconv.FormatInt(wholePages(memoryBytes), 10)); err != nil {
			return err
		}
	}
	if file, ok := g.file("pids", "pids.max"); ok {
		return setAndCheck(file, strconv.Itoa(processes))
	}
	return nil
}

// limitMemory sets the limit with and without swap to the same value. The
// kernel wants the first never to be below the second, so the order depends on
// the direction; a kernel without swap accounting has no file for the first.
func (g *groupV1) limitMemory(file, value string) error {
	withSwap, _ := g.file("memory", "memory.memsw.limit_in_bytes")
	if _, err := os.Stat(withSwap); errors.Is(err, os.ErrNotExist) {
		if used, err := readWords("/proc/swaps"); err == nil && len(used) > 5 {
			return fmt.Errorf("%s: this machine swaps, and its kernel does not count swap (boot it with swapaccount=1)", withSwap)
		}
		return setAndCheck(file, value)
	}
	if writeOnce(file, value) != nil {
		if err := writeOnce(withSwap, value); err != nil {
			return err
		}
	}
	if err := setAndCheck(withSwap, value); err != nil {
		return err
	}
	return setAndCheck(file, value)
}

func (g *groupV1) begin() error {
	if file, ok := g.file("cpu", v1Weight); ok {
		if err := writeOnce(file, "1024"); err != nil {
			return err
		}
	}
	if file, ok := g.file("memory", v1Peak); ok {
		if err := writeOnce(file, "0"); err != nil {
			return err
		}
	}
	var paths []string
	for name, controller := range map[string]string{v1Used: "cpuacct", v1Peak: "memory", v1OutOfMemory: "memory"} {
		if file, ok := g.file(controller, name); ok {
			paths = append(paths, file)
		}
	}
	err := g.counters.open(paths...)
	if err == nil {
		g.cpuStart, err = g.total()
	}
	return err
}

func (g *groupV1) total() (time.Duration, error) {
	file, ok := g.file("cpuacct", v1Used)
	if !ok {
		return 0, nil
	}
	nanoseconds, err := g.counters.number(file, "")
	return time.Duration(nanoseconds), err
}

func (g *groupV1) cpuTime() (time.Duration, error) {
	total, err := g.total()
	return total - g.cpuStart, err
}

func (g *groupV1) peakMemory() (int64, error) {
	file, ok := g.file("memory", v1Peak)
	if !ok {
		return 0, nil
	}
	return g.counters.number(file, "")
}

func (g *groupV1) outOfMemory() (bool, error) {
	file, ok := g.file("memory", v1OutOfMemory)
	if !ok {
		return false, nil
	}
	kills, err := g.counters.number(file, "oom_kill")
	return kills > 0, err
}

func (g *groupV1) remove() error {
	g.counters.close()
	var errs []error
	for _, dir := range g.dirs {
		errs = append(errs, removeDir(dir))
	}
	return errors.Join(errs...)
}
