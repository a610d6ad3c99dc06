package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/kernfs"
)

// ReadLimit is what a group may read from each disk. What is in the page cache is not
// read from a disk.
type ReadLimit struct {
	Disks          []string // as "MAJOR:MINOR", whole disks
	BytesPerSecond int64
	ReadsPerSecond int64
}

// ErrReadsUnlimited is wrapped when there is no controller for disk reads that this
// process may use.
var ErrReadsUnlimited = errors.New("disk reads are not limited")

// String says how much it is.
func (l ReadLimit) String() string {
	return fmt.Sprintf("%d MiB and %d reads a second from each of %v", l.BytesPerSecond>>20, l.ReadsPerSecond, l.Disks)
}

// What a cell may read from each disk in a second. The zygote has brought its libraries into
// the page cache; a module that is imported for the first time since the machine started has
// some megabytes.
const (
	readBytesPerSecond = 64 << 20
	readsPerSecond     = 4000
)

// TryReads returns a limit for the disks that hold the paths, which it has tried on a group
// of that name. The error says why reads are not limited.
func TryReads(tree Tree, name string, paths ...string) (ReadLimit, error) {
	disks, err := DisksOf(paths...)
	limit := ReadLimit{Disks: disks, BytesPerSecond: readBytesPerSecond, ReadsPerSecond: readsPerSecond}
	if len(disks) == 0 {
		return limit, fmt.Errorf("%w: %w", ErrReadsUnlimited, err)
	}
	group, err := tree.Make(name, WeightFull)
	if err != nil {
		return limit, err
	}
	return limit, errors.Join(group.LimitReads(limit), group.Remove())
}

// DisksOf returns the whole disks that hold the paths, for [ReadLimit]. The error names
// the paths whose disk is not known, such as one on an overlay or in memory; the disks
// of the other paths are returned nevertheless.
func DisksOf(paths ...string) ([]string, error) {
	var disks []string
	var errs []error
	for _, path := range paths {
		disk, err := diskOf(path)
		switch {
		case err != nil:
			errs = append(errs, err)
		case !slices.Contains(disks, disk):
			disks = append(disks, disk)
		}
	}
	return disks, errors.Join(errs...)
}

func diskOf(path string) (string, error) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return "", &os.PathError{Op: "stat", Path: path, Err: err}
	}
	device := fmt.Sprintf("%d:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev))
	link, err := filepath.EvalSymlinks("/sys/dev/block/" + device)
	if err != nil {
		return "", fmt.Errorf("the disk of %s (device %s): %w", path, device, err)
	}
	if _, err := os.Stat(filepath.Join(link, "partition")); err == nil { // its directory is below that of the disk
		link = filepath.Dir(link)
	}
	text, err := kernfs.Read(filepath.Join(link, "dev"))
	return strings.TrimSpace(text), err
}

// LimitReads uses the blkio controller, which throttles reads of files where they happen
// (admin-guide/cgroup-v1/blkio-controller.rst).
func (g *groupV1) LimitReads(limit ReadLimit) error {
	bytes, ok := g.file("blkio", "blkio.throttle.read_bps_device")
	reads, _ := g.file("blkio", "blkio.throttle.read_iops_device")
	if !ok {
		return fmt.Errorf("%w: no blkio controller", ErrReadsUnlimited)
	}
	for _, disk := range limit.Disks {
		for file, most := range map[string]int64{bytes: limit.BytesPerSecond, reads: limit.ReadsPerSecond} {
			if err := setLine(file, fmt.Sprintf("%s %d", disk, most)); err != nil {
				return fmt.Errorf("%w: %w", ErrReadsUnlimited, err)
			}
		}
	}
	return nil
}

// LimitReads uses the io controller.
func (g *groupV2) LimitReads(limit ReadLimit) error {
	for _, disk := range limit.Disks {
		err := kernfs.Write(g.file("io.max"), fmt.Sprintf("%s rbps=%d riops=%d", disk, limit.BytesPerSecond, limit.ReadsPerSecond))
		if err == nil {
			err = hasLine(g.file("io.max"), fmt.Sprintf("%s rbps=%d wbps=max riops=%d wiops=max", disk, limit.BytesPerSecond, limit.ReadsPerSecond))
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrReadsUnlimited, err)
		}
	}
	return nil
}

// setLine writes a line and checks that the file has it then.
func setLine(file, line string) error {
	if err := kernfs.Write(file, line); err != nil {
		return err
	}
	return hasLine(file, line)
}

func hasLine(file, line string) error {
	text, err := kernfs.Read(file)
	if err == nil && !slices.Contains(strings.Split(text, "\n"), line) {
		err = fmt.Errorf("%s: wrote %q, but it reads %q", file, line, text)
	}
	return err
}
