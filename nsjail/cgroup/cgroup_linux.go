// Package cgroup makes cgroups for sandboxed processes, with limits that are read
// back, in version 1 and in version 2. cgroups(7), the kernel's
// admin-guide/cgroup-v1 and admin-guide/cgroup-v2.rst.
package cgroup

import (
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

// The layers of isolation that need a controller.
const (
	LayerMemory = "cgroup-memory"
	LayerPids   = "cgroup-pids"
	LayerCPU    = "cgroup-cpu"
)

// Layers are those layers.
var Layers = []string{LayerMemory, LayerPids, LayerCPU}

// A cell may use one processor's worth of time: this much in each period, in
// microseconds, as both versions of cgroups have it.
const (
	cpuQuotaUS  = 100_000
	cpuPeriodUS = 100_000
)

// Weights of a cgroup beside others that want a processor, in version 2's unit.
// A cell that is being made for the pool gives way to cells that run a script.
const (
	weightLow  = 10
	weightFull = 100
)

// Config says how [Open] makes an instance's directories.
type Config struct {
	Name         string   // of this instance's directories
	Prefix       string   // that the names of all instances begin with
	AllowMissing []string // layers that may be missing
}

// Tree is where this instance makes cgroups: directories of its own below the
// cgroups that it was started in.
type Tree interface {
	// Make makes a cgroup for a cell, with the low weight. The caller removes it.
	Make(name string) (Group, error)
	// Dirs are the instance's own directories, for whoever cleans up after it.
	Dirs() []string
	// Close removes the instance's directories. Every group must be removed.
	Close() error
}

// Group is the cgroup of one cell, in every hierarchy.
type Group interface {
	// Join opens the files that a process of one thread (single) or of many
	// writes "0" to, to move itself in. The caller closes them.
	Join(single bool) ([]*os.File, error)
	// Holds reports whether the process is in it, in every hierarchy.
	Holds(pid int) error
	// Tracks reports whether it is in any hierarchy. Where every layer may be
	// missing and is, it is in none.
	Tracks() bool
	// Limit sets both limits and reads them back.
	Limit(memoryBytes int64, processes int) error
	// LimitReads limits reads from disks and reads that back. The error wraps
	// [ErrReadsUnlimited].
	LimitReads(ReadLimit) error
	// Hasten gives it the full weight, which a cell has that somebody waits for.
	Hasten() error
	// Begin gives it the full weight, and lets peak and CPU time count from here.
	// What follows needs it, and no further descriptor.
	Begin() error
	CPUTime() (time.Duration, error)
	PeakMemory() (int64, error)
	// OutOfMemory reports whether the kernel killed here for want of memory.
	OutOfMemory() (bool, error)
	// Remove kills what still runs in it, takes back the memory that is charged to
	// it, and removes it. It does not wait long: after an error it may be called
	// again, until it returns nil. Then nothing runs in the cgroup.
	Remove() error
}

// Open makes this instance's directories: in version 2 where it has the
// controllers, else in version 1.
func Open(cfg Config) (Tree, error) {
	own, err := readOwn()
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	if own.unified != "" && own.hasControllers() {
		return openV2(own.unified, cfg)
	}
	return openV1(own, cfg)
}

// Examine reports which version is used here and where, or why cgroups cannot be
// made.
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
				return "", fmt.Errorf("no %s controller in version 1 or 2", controller)
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

// readOwn joins /proc/self/cgroup (paths) with /proc/self/mountinfo
// (where hierarchies are mounted, and which part of them), see cgroups(7).
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

// pathByController reads a file /proc/PID/cgroup; "" is version 2.
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

// belowMount is where path of a hierarchy is, whose part root is mounted at
// point. In a cgroup namespace path may not lie below root: then point it is.
func belowMount(point, root, path string) string {
	relative, err := filepath.Rel(root, path)
	if err != nil || relative == ".." || strings.HasPrefix(relative, "../") {
		return point
	}
	return filepath.Join(point, relative)
}

// openAll opens files for writing, or none. Not by os.OpenFile, which asks the
// poller about each.
func openAll(paths []string) ([]*os.File, error) {
	var files []*os.File
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			for _, opened := range files {
				_ = opened.Close()
			}
			return nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
		files = append(files, os.NewFile(uintptr(fd), path))
	}
	return files, nil
}

// isIn says whether a process is in the cgroup dir of each of the hierarchies,
// which are named by their controllers, version 2 by "". One file tells for all
// of them, as paths that begin anywhere (cgroups(7)); how they end is an
// instance's name and its cell's, and no other cgroup's.
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

// wholePages rounds a size down as the kernel does.
func wholePages(bytes int64) int64 {
	page := int64(os.Getpagesize())
	return bytes / page * page
}
