package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// treeV2 has the layout that version 2 requires: a cgroup that has processes cannot have
// controllers for its children (cgroups(7)).
//
//	<the cgroup that hotcell was started in>
//	└─ <instance>            controllers for the cells
//	   ├─ supervisor         hotcell itself, moved there, and its zygotes
//	   ├─ cell-1
//	   └─ …
type treeV2 struct {
	start   string // the cgroup in which hotcell was started
	dir     string // the instance's own
	enabled bool   // this instance enabled the controllers in start
	second  bool   // this process has another instance, and is in its leaf
}

const leaf = "supervisor"

const enableControllers, disableControllers = "+memory +pids +cpu", "-memory -pids -cpu"

func openV2(start string, cfg Config) (Tree, error) {
	second := filepath.Base(start) == leaf && strings.HasPrefix(filepath.Base(filepath.Dir(start)), cfg.Prefix)
	if second { // beside the first: the process stays in its leaf
		start = filepath.Dir(filepath.Dir(start))
	}
	tree := &treeV2{start: start, dir: filepath.Join(start, cfg.Name), second: second}
	if err := os.Mkdir(tree.dir, 0o755); err != nil {
		return nil, fmt.Errorf("cgroup v2: %w (run hotcell in a delegated cgroup, for example with systemd-run --user --scope -p Delegate=yes)", err)
	}
	opened := false
	defer func() {
		if !opened {
			_ = tree.Close()
		}
	}()
	if !second {
		if err := os.Mkdir(tree.supervisor(), 0o755); err != nil {
			return nil, fmt.Errorf("cgroup v2: %w", err)
		}
		if err := kernfs.Write(filepath.Join(tree.supervisor(), "cgroup.procs"), "0"); err != nil {
			return nil, fmt.Errorf("cgroup v2: move hotcell into a leaf: %w", err)
		}
	}
	have, err := kernfs.Words(filepath.Join(start, "cgroup.subtree_control"))
	if err != nil {
		return nil, fmt.Errorf("cgroup v2: %w", err)
	}
	if !slices.Contains(have, "memory") || !slices.Contains(have, "pids") || !slices.Contains(have, "cpu") {
		err := kernfs.Write(filepath.Join(start, "cgroup.subtree_control"), enableControllers)
		if errors.Is(err, unix.EBUSY) {
			return nil, fmt.Errorf("cgroup v2: other processes share hotcell's cgroup %s; start hotcell in one of its own (systemd-run --scope -p Delegate=yes): %w", start, err)
		}
		if err != nil {
			return nil, fmt.Errorf("cgroup v2: %w", err)
		}
		tree.enabled = true
	}
	if err := kernfs.Write(filepath.Join(tree.dir, "cgroup.subtree_control"), enableControllers); err != nil {
		return nil, fmt.Errorf("cgroup v2: %w", err)
	}
	// No layer needs it, and a user's manager may not delegate it.
	if !slices.Contains(have, "io") && tree.enabled {
		_ = kernfs.Write(filepath.Join(start, "cgroup.subtree_control"), "+io")
	}
	_ = kernfs.Write(filepath.Join(tree.dir, "cgroup.subtree_control"), "+io")
	opened = true
	return tree, nil
}

func (t *treeV2) supervisor() string { return filepath.Join(t.dir, leaf) }

func (t *treeV2) Dirs() []string { return []string{t.dir} }

// Close moves hotcell back to the cgroup in which it was started. A cgroup with
// controllers for its children takes no processes, so the controllers are disabled
// first. If another program enabled them, or the move is refused, the leaf stays.
func (t *treeV2) Close() error {
	_ = kernfs.Write(filepath.Join(t.dir, "cgroup.subtree_control"), disableControllers)
	_ = kernfs.Write(filepath.Join(t.dir, "cgroup.subtree_control"), "-io")
	if t.second {
		return removeDir(t.dir, nil)
	}
	if t.enabled {
		_ = kernfs.Write(filepath.Join(t.start, "cgroup.subtree_control"), disableControllers)
		_ = kernfs.Write(filepath.Join(t.start, "cgroup.subtree_control"), "-io")
	}
	if err := kernfs.Write(filepath.Join(t.start, "cgroup.procs"), "0"); err != nil {
		return fmt.Errorf("leave the cgroup %s: %w", t.dir, err)
	}
	return errors.Join(removeDir(t.supervisor(), nil), removeDir(t.dir, nil))
}

func (t *treeV2) Make(name string, weight Weight) (Group, error) {
	group := &groupV2{dir: filepath.Join(t.dir, name), weight: weight}
	if err := os.Mkdir(group.dir, 0o755); err != nil {
		return nil, err
	}
	for _, setting := range []struct{ file, value string }{
		{"memory.oom.group", "1"},
		{"cpu.max", strconv.Itoa(cpuQuotaUS) + " " + strconv.Itoa(cpuPeriodUS)},
		{"cpu.weight", strconv.Itoa(int(weight))},
	} {
		if err := kernfs.Set(group.file(setting.file), setting.value); err != nil {
			return nil, errors.Join(err, group.Remove())
		}
	}
	// A kernel without swap does not have this file.
	err := kernfs.Set(group.file("memory.swap.max"), "0")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(err, group.Remove())
	}
	return group, nil
}

type groupV2 struct {
	dir       string
	counters  counters
	weight    Weight // 0: not known
	cpuStart  time.Duration
	peakStart int64
}

func (g *groupV2) file(name string) string { return filepath.Join(g.dir, name) }

func (g *groupV2) Join(bool) ([]int, func(), error) {
	return openAll([]string{g.file("cgroup.procs")})
}

func (g *groupV2) Holds(pid int) error { return isIn(pid, map[string]string{"": g.dir}) }

func (g *groupV2) Tracks() bool { return true }

func (g *groupV2) Limit(memoryBytes int64, processes int) error {
	if err := kernfs.Set(g.file("memory.max"), strconv.FormatInt(wholePages(memoryBytes), 10)); err != nil {
		return err
	}
	return kernfs.Set(g.file("pids.max"), strconv.Itoa(processes))
}

func (g *groupV2) Weigh(weight Weight) error {
	if weight == g.weight {
		return nil
	}
	g.weight = 0
	err := kernfs.Write(g.file("cpu.weight"), strconv.Itoa(int(weight)))
	if err == nil {
		g.weight = weight
	}
	return err
}

// Begin notes the counters. memory.peak cannot be reset before Linux 6.12, and then only
// for one descriptor, so PeakMemory compares with the noted value.
func (g *groupV2) Begin() error {
	err := g.counters.open(unix.O_RDONLY, g.file("cpu.stat"), g.file("memory.peak"), g.file("memory.current"), g.file("memory.events"))
	if err != nil {
		return err
	}
	if g.peakStart, err = g.counters.number(g.file("memory.peak"), ""); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	g.cpuStart, err = g.total()
	return err
}

func (g *groupV2) total() (time.Duration, error) {
	microseconds, err := g.counters.number(g.file("cpu.stat"), "usage_usec")
	return time.Duration(microseconds) * time.Microsecond, err
}

func (g *groupV2) CPUTime() (time.Duration, error) {
	total, err := g.total()
	return total - g.cpuStart, err
}

// PeakMemory returns the peak since Begin. If the start of the cell used more than the
// script, or before Linux 5.19, it returns what is in use now.
func (g *groupV2) PeakMemory() (int64, error) {
	peak, err := g.counters.number(g.file("memory.peak"), "")
	if err == nil && peak > g.peakStart {
		return peak, nil
	}
	return g.counters.number(g.file("memory.current"), "")
}

func (g *groupV2) OutOfMemory() (bool, error) {
	kills, err := g.counters.number(g.file("memory.events"), "oom_kill")
	return kills > 0, err
}

func (g *groupV2) Refused() int64 {
	count, _ := kernfs.Number(g.file("pids.events"), "max")
	return count
}

func (g *groupV2) Processes() int64 {
	count, _ := kernfs.Number(g.file("pids.current"), "")
	return count
}

func (g *groupV2) Remove() error {
	g.counters.close()
	return removeDir(g.dir, emptyV2)
}
