package nsjail

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
)

// Layers that need a controller, by the name that allow_missing takes.
const (
	layerMemory = "cgroup-memory"
	layerPids   = "cgroup-pids"
	layerCPU    = "cgroup-cpu"
)

var cgroupLayers = []string{layerMemory, layerPids, layerCPU}

// A cell may use one processor's worth of time: this much in each period, in
// microseconds, as both versions of cgroups have it.
const (
	cpuQuotaUS  = 100_000
	cpuPeriodUS = 100_000
)

// How much a cell counts beside others that want a processor, in version 2's
// unit: one that is being made gives way to those that run a script.
const (
	weightInMaking = 10
	weightOfRun    = 100
)

// cgroupTree is where this instance makes cgroups: a directory of its own
// below the cgroup that it was started in.
type cgroupTree interface {
	// make makes a cgroup for a cell. The caller removes it.
	make(name string) (cgroup, error)
	// dirs are the instance's own directories, for whoever cleans up after it.
	dirs() []string
	// close removes the instance's directories; every cgroup must be gone.
	close() error
}

// cgroup is one cell's.
type cgroup interface {
	// join opens the files that a process of one thread (single) or of many
	// writes "0" to, to move itself in. The caller closes them.
	join(single bool) ([]*os.File, error)
	// holds says whether the process is in it, in every hierarchy.
	holds(pid int) error
	// limit sets both limits and reads them back.
	limit(memoryBytes int64, processes int) error
	// begin lets peak and CPU time count from here. What follows needs it, and
	// no further descriptor.
	begin() error
	cpuTime() (time.Duration, error)
	peakMemory() (int64, error)
	// outOfMemory says whether the kernel killed here for want of memory.
	outOfMemory() (bool, error)
	// remove removes it as soon as it is empty; it does not wait long.
	remove() error
}

// openCgroups makes this instance's directories named name: in version 2 where
// it has the controllers, else in version 1.
func openCgroups(name string, allowMissing []string) (cgroupTree, error) {
	own, err := readOwnCgroups()
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	if own.unified != "" && own.hasControllers() {
		return openCgroupsV2(own.unified, name)
	}
	return openCgroupsV1(own, name, allowMissing)
}

// ownCgroups tells where this process stands in each hierarchy.
type ownCgroups struct {
	unified string            // its directory in version 2, or empty
	v1      map[string]string // its directory by controller
}

func (o ownCgroups) hasControllers() bool {
	have, err := readWords(filepath.Join(o.unified, "cgroup.controllers"))
	return err == nil && slices.Contains(have, "memory") && slices.Contains(have, "pids") && slices.Contains(have, "cpu")
}

// readOwnCgroups joins /proc/self/cgroup (paths) with /proc/self/mountinfo
// (where hierarchies are mounted, and which part of them), see cgroups(7).
func readOwnCgroups() (ownCgroups, error) {
	paths, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return ownCgroups{}, err
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return ownCgroups{}, err
	}
	return parseOwnCgroups(string(paths), string(mounts)), nil
}

func parseOwnCgroups(paths, mountinfo string) ownCgroups {
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
	text, err := readSmall(file)
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

// setAndCheck writes a limit and reads it back: a limit that did not take hold
// is no limit. One write(2), whose error is the kernel's answer.
func setAndCheck(file, value string) error {
	if err := writeOnce(file, value); err != nil {
		return err
	}
	got, err := readWords(file)
	if err != nil {
		return err
	}
	if strings.Join(got, " ") != value {
		return fmt.Errorf("%s: wrote %q, reads %q", file, value, strings.Join(got, " "))
	}
	return nil
}

func writeOnce(file, value string) error {
	fd, err := unix.Open(file, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: file, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	for {
		_, err = unix.Write(fd, []byte(value))
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return &os.PathError{Op: "write " + value + " to", Path: file, Err: err}
	}
	return nil
}

func readWords(file string) ([]string, error) {
	text, err := readSmall(file)
	return strings.Fields(text), err
}

// readSmall reads a file of the kernel's. Not by os.ReadFile, which asks the
// poller about it: some thirty such files are read for each cell.
func readSmall(file string) (string, error) {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", &os.PathError{Op: "open", Path: file, Err: err}
	}
	defer func() { _ = unix.Close(fd) }()
	var text []byte
	var piece [4096]byte
	for {
		n, err := unix.Read(fd, piece[:])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return "", &os.PathError{Op: "read", Path: file, Err: err}
		case n == 0:
			return string(text), nil
		default:
			text = append(text, piece[:n]...)
		}
	}
}

// readNumber reads a file that holds one number, or the number after key in
// one of "key number" lines.
func readNumber(file, key string) (int64, error) {
	words, err := readWords(file)
	if err != nil {
		return 0, err
	}
	return parseNumber(file, words, key)
}

func parseNumber(file string, words []string, key string) (int64, error) {
	at := 0
	if key != "" {
		at = slices.Index(words, key) + 1
		if at == 0 {
			return 0, fmt.Errorf("%s: no %s", file, key)
		}
	}
	if at >= len(words) {
		return 0, fmt.Errorf("%s: empty", file)
	}
	return strconv.ParseInt(words[at], 10, 64)
}

// wholePages rounds a size down as the kernel does.
func wholePages(bytes int64) int64 {
	page := int64(os.Getpagesize())
	return bytes / page * page
}

// removeDir removes a cgroup and kills what is still in it, which after the end
// of a pid namespace is nothing. Even then the last process may have been reaped
// a moment ago and still be counted: the kernel says EBUSY meanwhile.
func removeDir(dir string) error {
	wait := 500 * time.Microsecond
	for {
		err := unix.Rmdir(dir)
		if err == nil || errors.Is(err, unix.ENOENT) {
			return nil
		}
		if !errors.Is(err, unix.EBUSY) || wait > time.Second {
			return &os.PathError{Op: "rmdir", Path: dir, Err: err}
		}
		pids, _ := readWords(filepath.Join(dir, "cgroup.procs"))
		for _, text := range pids {
			if pid, err := strconv.Atoi(text); err == nil && pid > 0 && pid != os.Getpid() {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		time.Sleep(wait)
		wait *= 2
	}
}
