package cgroup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// RemoveAll kills what runs in a cgroup and in those below it, and removes them.
func RemoveAll(dir string) error {
	var dirs []string
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return nil
	})
	var errs []error
	for _, below := range slices.Backward(dirs) { // the deepest first
		errs = append(errs, removeDir(below, emptyOf(below)))
	}
	return errors.Join(errs...)
}

// removeTries is how often removeDir tries. The pauses begin with half a millisecond and
// double: 0.25 s in total.
const removeTries = 9

// removeDir kills what still runs in a cgroup, takes back its memory and removes it.
// Nothing runs in it after the end of a pid namespace, but a process that was reaped a
// moment ago may still be counted: then the kernel answers EBUSY.
func removeDir(dir string, empty func(dir string) error) error {
	var emptied error
	for try := range removeTries {
		if empty != nil {
			emptied = empty(dir)
		}
		err := unix.Rmdir(dir)
		if err == nil || errors.Is(err, unix.ENOENT) {
			return nil
		}
		if !errors.Is(err, unix.EBUSY) || try == removeTries-1 {
			return errors.Join(&os.PathError{Op: "rmdir", Path: dir, Err: err}, emptied)
		}
		pids, _ := kernfs.Words(filepath.Join(dir, "cgroup.procs"))
		for _, text := range pids {
			if pid, err := strconv.Atoi(text); err == nil && pid > 0 && pid != os.Getpid() {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		time.Sleep(500 * time.Microsecond << try)
	}
	return nil
}

// Why memory is taken back before a cgroup is removed: a page of the page cache belongs
// to the memory cgroup that read it first. It keeps that cgroup in the kernel after its
// rmdir, about 100 KiB each (admin-guide/cgroup-v1/memory.rst, 4.2). Kernel memory, such
// as the names of files that a script did not find, goes to the parent.

// leftBytes is what may stay in use. The kernel charges 64 pages at once for each
// processor (MEMCG_CHARGE_BATCH), and such a rest does not keep a cgroup.
var leftBytes = 1<<20 + int64(runtime.NumCPU()*64*os.Getpagesize())

// emptyOf returns the function that takes back a directory's memory, or nil.
func emptyOf(dir string) func(string) error {
	for file, empty := range map[string]func(string) error{"memory.force_empty": emptyV1, "memory.events": emptyV2} {
		if unix.Access(filepath.Join(dir, file), unix.F_OK) == nil {
			return empty
		}
	}
	return nil
}

// emptyTries is how often a cgroup is asked for its memory, with pauses of emptyPause:
// what processors hold for it goes back in the background, and a page that was used a
// moment ago is not taken back at the first try.
const (
	emptyTries = 5
	emptyPause = 2 * time.Millisecond
)

// emptyV1 takes back what is charged to a cgroup of version 1. It lowers the limit to
// what the kernel itself needs: that gives back what processors hold, succeeds at once
// if nothing else is charged, and otherwise takes back the rest. The counters in
// memory.stat do not show whether there is a page of a file, since they are up to two
// seconds old. memory.force_empty takes milliseconds: it tries sixteen times to take
// back what the kernel needs.
func emptyV1(dir string) error {
	used, err := kernfs.Number(filepath.Join(dir, "memory.usage_in_bytes"), "")
	if errors.Is(err, unix.ENOENT) { // it has been removed
		return nil
	}
	if err == nil && used <= leftBytes {
		for range emptyTries {
			kernel, err := kernfs.Number(filepath.Join(dir, "memory.kmem.usage_in_bytes"), "")
			if err != nil {
				break
			}
			err = kernfs.Write(filepath.Join(dir, "memory.limit_in_bytes"), strconv.FormatInt(kernel, 10))
			if err == nil {
				return nil
			}
			time.Sleep(emptyPause)
		}
	}
	return kernfs.Write(filepath.Join(dir, "memory.force_empty"), "0")
}

// emptyV2 does the same in version 2, which does not show what the kernel itself needs.
// memory.reclaim exists since Linux 5.19; before that, a memory.high of 0 makes the
// kernel take back what it can.
func emptyV2(dir string) error {
	for range emptyTries {
		used, err := kernfs.Words(filepath.Join(dir, "memory.current"))
		if errors.Is(err, unix.ENOENT) || err == nil && used[0] == "0" {
			return nil
		}
		if err != nil {
			return err
		}
		err = kernfs.Write(filepath.Join(dir, "memory.reclaim"), used[0])
		if errors.Is(err, unix.ENOENT) {
			return kernfs.Write(filepath.Join(dir, "memory.high"), "0")
		}
		if errors.Is(err, unix.EAGAIN) { // there was less to take back
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
