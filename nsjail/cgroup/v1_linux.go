package cgroup

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// treeV1 has a directory in each hierarchy: "memory", "pids", "cpu", "cpuacct"
// and "blkio", which may be mounted together. A missing one is not in the map.
type treeV1 struct {
	byController map[string]string
}

// v1Controllers has the controllers that each layer needs.
var v1Controllers = map[string][]string{
	LayerMemory: {"memory"},
	LayerPids:   {"pids"},
	LayerCPU:    {"cpu", "cpuacct"},
}

// Files that are read while a script runs.
const (
	v1Used        = "cpuacct.usage"
	v1Peak        = "memory.max_usage_in_bytes"
	v1OutOfMemory = "memory.oom_control"

	v1Weight  = "cpu.shares"
	v1Quota   = "cpu.cfs_quota_us"
	v1Refused = "pids.events"
	v1Tasks   = "tasks"

	v1Processes = "pids.current"
	v1Usage     = "memory.usage_in_bytes"
)

func openV1(own ownCgroups, cfg Config) (Tree, error) {
	tree := &treeV1{byController: make(map[string]string)}
	opened := false
	defer func() {
		if !opened {
			_ = tree.Close()
		}
	}()
	var missing []string
	var reason error // of the first
	for _, layer := range Layers {
		for _, controller := range v1Controllers[layer] {
			parent, ok := own.v1[controller]
			err := fmt.Errorf("version 1 and version 2 have no %s controller mounted", controller)
			if ok {
				dir := filepath.Join(parent, cfg.Name)
				if err = os.Mkdir(dir, 0o755); err == nil || errors.Is(err, os.ErrExist) {
					tree.byController[controller] = dir
					continue
				}
			}
			if slices.Contains(cfg.AllowMissing, layer) || slices.Contains(missing, layer) {
				continue
			}
			if len(missing) == 0 {
				reason = err
			}
			missing = append(missing, layer)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("layer %s: %w (run hotcell in a delegated cgroup, or, to serve without, allow_missing=%s)",
			missing[0], reason, strings.Join(slices.Concat(cfg.AllowMissing, missing), ","))
	}
	if parent, ok := own.v1["blkio"]; ok { // no layer needs it
		dir := filepath.Join(parent, cfg.Name)
		if err := os.Mkdir(dir, 0o755); err == nil || errors.Is(err, os.ErrExist) {
			tree.byController["blkio"] = dir
		}
	}
	opened = true
	return tree, nil
}

func (t *treeV1) Dirs() []string {
	return slices.Compact(slices.Sorted(maps.Values(t.byController)))
}

func (t *treeV1) Close() error {
	var errs []error
	for _, dir := range t.Dirs() {
		errs = append(errs, removeDir(dir, nil))
	}
	return errors.Join(errs...)
}

func (t *treeV1) Make(name string, weight Weight) (Group, error) {
	group := &groupV1{dirs: make(map[string]string, len(t.byController)), counters: new(counters)}
	for controller, parent := range t.byController {
		dir := filepath.Join(parent, name)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return nil, errors.Join(err, group.Remove())
		}
		group.dirs[controller] = dir
	}
	if dir, ok := group.dirs["cpu"]; ok {
		err := kernfs.Set(filepath.Join(dir, "cpu.cfs_period_us"), strconv.Itoa(cpuPeriodUS))
		if err == nil {
			err = kernfs.Set(filepath.Join(dir, v1Quota), strconv.Itoa(cpuQuotaUS))
		}
		if err == nil {
			err = group.Weigh(weight)
		}
		if err != nil {
			return nil, errors.Join(err, group.Remove())
		}
	}
	return group, nil
}

type groupV1 struct {
	dirs     map[string]string // by controller
	counters *counters
	weight   Weight // 0: not known
	cpuStart time.Duration
}

func (g *groupV1) file(controller, name string) (string, bool) {
	dir, ok := g.dirs[controller]
	return filepath.Join(dir, name), ok
}

// Join opens "tasks" for a single thread. The kernel moves a thread that moves itself
// without the lock that other moves take: the RCU grace period of that lock takes about
// 5 ms in each hierarchy after an idle moment (cgroup_procs_write_start in
// kernel/cgroup/cgroup.c).
func (g *groupV1) Join(single bool) ([]int, func(), error) {
	if !single {
		return openAll(g.each("cgroup.procs"))
	}
	paths := g.each(v1Tasks)
	if fds, ok := g.counters.opened(paths); ok {
		return fds, func() {}, nil
	}
	return openAll(paths)
}

func (g *groupV1) Holds(pid int) error { return isIn(pid, g.dirs) }

func (g *groupV1) Tracks() bool { return len(g.dirs) > 0 }

// each returns a file's path in each of its directories.
func (g *groupV1) each(name string) []string {
	paths := slices.Compact(slices.Sorted(maps.Values(g.dirs)))
	for i := range paths {
		paths[i] = filepath.Join(paths[i], name)
	}
	return paths
}

func (g *groupV1) Limit(memoryBytes int64, processes int) error {
	if file, ok := g.file("memory", "memory.limit_in_bytes"); ok {
		if err := g.limitMemory(file, strconv.FormatInt(wholePages(memoryBytes), 10)); err != nil {
			return err
		}
	}
	if file, ok := g.file("pids", "pids.max"); ok {
		return kernfs.Set(file, strconv.Itoa(processes))
	}
	return nil
}

// limitMemory sets the limits with and without swap to the same value. The kernel
// refuses a limit with swap that is below the one without, so the order depends on
// whether the limits rise or fall. A kernel without swap accounting has no file for the
// limit with swap.
func (g *groupV1) limitMemory(file, value string) error {
	withSwap, _ := g.file("memory", "memory.memsw.limit_in_bytes")
	if _, err := os.Stat(withSwap); errors.Is(err, os.ErrNotExist) {
		if used, err := kernfs.Words("/proc/swaps"); err == nil && len(used) > 5 {
			return fmt.Errorf("%s: this machine swaps, and its kernel does not count swap: boot it with swapaccount=1", withSwap)
		}
		return kernfs.Set(file, value)
	}
	if kernfs.Write(file, value) != nil {
		if err := kernfs.Write(withSwap, value); err != nil {
			return err
		}
	}
	if err := kernfs.Set(withSwap, value); err != nil {
		return err
	}
	return kernfs.Set(file, value)
}

// v1Shares converts a weight to the unit of version 1, in which the usual weight is 1024.
func v1Shares(weight Weight) string { return strconv.Itoa(int(weight * 1024 / WeightFull)) }

func (g *groupV1) Weigh(weight Weight) error {
	file, ok := g.file("cpu", v1Weight)
	if !ok || weight == g.weight {
		return nil
	}
	g.weight = 0
	err := g.counters.write(file, v1Shares(weight))
	if err == nil {
		g.weight = weight
	}
	return err
}

func (g *groupV1) Begin() error {
	if file, ok := g.file("memory", v1Peak); ok {
		if err := g.counters.open(unix.O_RDWR, file); err != nil {
			return err
		}
		if err := g.counters.write(file, "0"); err != nil {
			return err
		}
	}
	for name, controller := range map[string]string{v1Used: "cpuacct", v1OutOfMemory: "memory"} {
		if file, ok := g.file(controller, name); ok {
			if err := g.counters.open(unix.O_RDONLY, file); err != nil {
				return err
			}
		}
	}
	var err error
	g.cpuStart, err = g.total()
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

func (g *groupV1) CPUTime() (time.Duration, error) {
	if _, ok := g.file("cpuacct", v1Used); !ok {
		return 0, ErrUncounted
	}
	total, err := g.total()
	return total - g.cpuStart, err
}

func (g *groupV1) PeakMemory() (int64, error) {
	file, ok := g.file("memory", v1Peak)
	if !ok {
		return 0, ErrUncounted
	}
	return g.counters.number(file, "")
}

func (g *groupV1) OutOfMemory() (bool, error) {
	file, ok := g.file("memory", v1OutOfMemory)
	if !ok {
		return false, nil
	}
	kills, err := g.counters.number(file, "oom_kill")
	return kills > 0, err
}

func (g *groupV1) Refused() int64 {
	file, _ := g.file("pids", v1Refused)
	count, _ := kernfs.Number(file, "max")
	return count
}

func (g *groupV1) Processes() int64 {
	file, _ := g.file("pids", v1Processes)
	count, _ := kernfs.Number(file, "")
	return count
}

func (g *groupV1) Remove() error {
	g.counters.close()
	var errs []error
	for controller, dir := range g.dirs {
		var empty func(string) error
		if controller == "memory" {
			empty = emptyV1
		}
		errs = append(errs, removeDir(dir, empty))
	}
	return errors.Join(errs...)
}
