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

// Layers of isolation, each of which needs a controller.
const (
	LayerMemory = "cgroup-memory"
	LayerPids   = "cgroup-pids"
	LayerCPU    = "cgroup-cpu"
)

// Layers has all of them.
var Layers = []string{LayerMemory, LayerPids, LayerCPU}

// A cell may use as much CPU time as one processor has: the quota in each period, in
// microseconds, which both versions of cgroups use.
const (
	cpuQuotaUS  = 100_000
	cpuPeriodUS = 100_000
)

// Weight is that of a cgroup against others that want a processor, in the unit of
// version 2.
type Weight int

// A cell that is being made for the pool yields to cells that run a script, and those
// of work that stays behind to all others that run one.
const (
	WeightLow    Weight = 10
	WeightBehind Weight = 25
	WeightFull   Weight = 100
)

// Config says how [Open] makes an instance's directories.
type Config struct {
	Name         string   // of this instance's directories
	Prefix       string   // of the names of all instances
	AllowMissing []string // layers that may be missing
	Again        bool     // use cgroups again where nothing of a cell can stay in them
}

// Tree is where this instance makes cgroups: in directories of its own, below the
// cgroups in which it was started.
type Tree interface {
	// Make makes a cgroup for a cell. The caller removes it.
	Make(name string, weight Weight) (Group, error)
	// Dirs returns the instance's own directories, for the instance that cleans up
	// after this one.
	Dirs() []string
	// Close removes the instance's directories. All groups must have been removed.
	Close() error
}

// ErrUncounted says that a cell is in no cgroup that counts what was asked for.
var ErrUncounted = errors.New("no cgroup counts this")

// Group is the cgroup of one cell, in every hierarchy.
type Group interface {
	// Join returns descriptors of the files to which a process writes "0" to move itself
	// into the group. single reports whether the process has one thread. The caller calls
	// done when it no longer needs them.
	Join(single bool) (fds []int, done func(), err error)
	// Holds returns an error if the process is not in it, in every hierarchy.
	Holds(pid int) error
	// Tracks reports whether it is in any hierarchy. It is in none when all layers are
	// missing and may be.
	Tracks() bool
	// Limit sets both limits and reads them back.
	Limit(memoryBytes int64, processes int) error
	// LimitReads limits reads from disks and reads that back. The error wraps
	// [ErrReadsUnlimited].
	LimitReads(ReadLimit) error
	// Weigh gives it this weight, if it has another: the kernel takes some 50 µs to change it.
	// It must not be called by several goroutines at once.
	Weigh(Weight) error
	// Begin begins to count CPU time and peak memory. The methods that follow must be
	// called after it; they need no new descriptors.
	Begin() error
	// The error is [ErrUncounted] if no hierarchy of it counts this.
	CPUTime() (time.Duration, error)
	PeakMemory() (int64, error)
	// OutOfMemory reports whether the kernel killed a process of it when its memory ran
	// out.
	OutOfMemory() (bool, error)
	// Refused returns how often the kernel refused it a process or thread because it
	// had as many as it may have; 0 also where that is not known. See [WasRefused].
	Refused() int64
	// Processes returns how many processes and threads it has; 0 also where that is not known.
	Processes() int64
	// Remove kills what still runs in it, takes back the memory that is charged to it,
	// and removes it. It does not wait long: after an error it may be called again.
	// Nothing runs in the cgroup when it has returned nil.
	Remove() error
}

// Open makes this instance's directories, in version 2 if that has the controllers,
// otherwise in version 1. The caller closes the tree.
func Open(cfg Config) (Tree, error) {
	if err := checkPolicy(); err != nil {
		return nil, err
	}
	own, err := readOwn()
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	if own.unified != "" && own.hasControllers() {
		return openV2(own.unified, cfg)
	}
	tree, err := openV1(own, cfg)
	if err == nil && cfg.Again {
		tree = reuse(tree)
	}
	return tree, err
}

// Examine returns which version of cgroups this process uses, and where. The error says
// why it cannot make cgroups.
func Examine() (string, error) {
	own, err := readOwn()
	if err != nil {
		return "", err
	}
	if own.unified != "" && own.hasControllers() {
		return "version 2, at " + own.unified, unix.Access(own.unified, unix.W_OK)
	}
	for _, layer := range Layers {
		for _, controller := range v1Controllers[layer] {
			dir, ok := own.v1[controller]
			if !ok {
				return "", fmt.Errorf("version 1 and version 2 have no %s controller", controller)
			}
			if err := unix.Access(dir, unix.W_OK); err != nil {
				return "", fmt.Errorf("%s: %w", strconv.Quote(dir), err)
			}
		}
	}
	return "version 1, memory at " + own.v1["memory"], nil
}

// ownCgroups are the cgroups of this process.
type ownCgroups struct {
	unified string            // its directory in version 2, or empty
	v1      map[string]string // its directory by controller
}

func (o ownCgroups) hasControllers() bool {
	have, err := kernfs.Words(filepath.Join(o.unified, "cgroup.controllers"))
	return err == nil && slices.Contains(have, "memory") && slices.Contains(have, "pids") && slices.Contains(have, "cpu")
}

// readOwn combines /proc/self/cgroup, which has paths, with /proc/self/mountinfo, which
// has where hierarchies are mounted and which part of them (cgroups(7)).
func readOwn() (ownCgroups, error) {
	paths, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return ownCgroups{}, err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ownCgroups{}, err
	}
	return parseOwn(string(paths), string(mounts)), nil
}

func parseOwn(paths, mountinfo string) ownCgroups {
	byController := pathByController(paths)
	own := ownCgroups{v1: make(map[string]string)}
	for line := range strings.Lines(mountinfo) {
		before, after, ok := strings.Cut(strings.TrimSpace(line), " - ")
		head, tail := strings.Fields(before), strings.Fields(after)
		if !ok || len(head) < 5 || len(tail) < 3 {
			continue
		}
		root, point := head[3], head[4]
		switch tail[0] {
		case "cgroup2":
			if path, ok := byController[""]; ok {
				own.unified = belowMount(point, root, path)
			}
		case "cgroup":
			for option := range strings.SplitSeq(tail[2], ",") {
				if path, ok := byController[option]; ok && option != "" {
					own.v1[option] = belowMount(point, root, path)
				}
			}
		}
	}
	return own
}

// pathByController returns the paths in the text of /proc/PID/cgroup. The key "" is
// version 2.
func pathByController(text string) map[string]string {
	paths := make(map[string]string)
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			paths[controller] = fields[2]
		}
	}
	return paths
}

// belowMount returns where the path of a hierarchy is when its part root is mounted at
// point. In a cgroup namespace the path may lie outside root: then it is point.
func belowMount(point, root, path string) string {
	relative, err := filepath.Rel(root, path)
	if err != nil || relative == ".." || strings.HasPrefix(relative, "../") {
		return point
	}
	return filepath.Join(point, relative)
}

// openAll opens all files for writing, or none. done closes them.
func openAll(paths []string) (fds []int, done func(), err error) {
	done = func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			done()
			return nil, nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
		fds = append(fds, fd)
	}
	return fds, done, nil
}

// isIn returns an error if a process is not in the given directory of each hierarchy.
// The keys of dirs are controllers, or "" for version 2. /proc/PID/cgroup has a path for
// each hierarchy, whose beginning depends on namespaces (cgroups(7)). Its end is the
// name of the instance and of the cell, which no other cgroup has.
func isIn(pid int, dirs map[string]string) error {
	file := fmt.Sprintf("/proc/%d/cgroup", pid)
	text, err := kernfs.Read(file)
	if err != nil {
		return err
	}
	paths := pathByController(text)
	for controller, dir := range dirs {
		wanted := "/" + filepath.Base(filepath.Dir(dir)) + "/" + filepath.Base(dir)
		if !strings.HasSuffix(paths[controller], wanted) {
			return fmt.Errorf("%s: process %d is in %q instead of %s", file, pid, paths[controller], dir)
		}
	}
	return nil
}

// wholePages rounds a size down to whole pages, as the kernel does.
func wholePages(bytes int64) int64 {
	page := int64(os.Getpagesize())
	return bytes / page * page
}
