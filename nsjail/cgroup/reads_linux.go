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

// ReadLimit bounds what a group may read from each of some disks. What is in the
// page cache is not read from a disk.
type ReadLimit struct {
	Disks          []string // as "MAJOR:MINOR", whole disks
	BytesPerSecond int64
	ReadsPerSecond int64
}

// ErrReadsUnlimited says that there is no controller for disk reads, or none that
// this process may use.
var ErrReadsUnlimited = errors.New("disk reads are not limited")

// DisksOf gives the whole disks that paths lie on, for [ReadLimit]. The error
// names a path whose disk is not known, such as one on an overlay or in memory;
// the disks of the other paths are there all the same.
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
	if _, err := os.Stat(filepath.Join(link, "partition")); err == nil { // its directory lies in the disk's
		link = filepath.Dir(link)
	}
	text, err := kernfs.Read(filepath.Join(link, "dev"))
	return strings.TrimSpace(text), err
}

// LimitReads limits it by the blkio controller, whose throttling counts the reads
// of files where they happen (admin-guide/cgroup-v1/blkio-controller.rst).
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

// LimitReads limits it by the io controller.
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

// setLine writes a line, and finds it when it reads the file back.
func setLine(file, line string) error {
	if err := kernfs.Write(file, line); err != nil {
		return err
	}
	return hasLine(file, line)
}

func hasLine(file, line string) error {
	text, err := kernfs.Read(file)
	if err == nil && !slices.Contains(strings.Split(text, "\n"), line) {
		err = fmt.Errorf("%s: wrote %q, reads %q", file, line, text)
	}
	return err
}
