package cgroup

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestReadsFromADiskAreLimited(t *testing.T) {
	tree := openTree(t)
	dir := t.TempDir()
	disks, err := DisksOf(dir)
	if err != nil {
		t.Skip(err)
	}
	group, err := tree.Make("cell", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := group.Remove(); err != nil {
			t.Error(err)
		}
	}()
	const perSecond = 64 << 10
	if err := group.LimitReads(ReadLimit{Disks: disks, BytesPerSecond: perSecond, ReadsPerSecond: 1000}); errors.Is(err, ErrReadsUnlimited) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	// Each is 64 KiB, of which the kernel reads ahead at least 4 KiB.
	var files []string
	for range 20 {
		files = append(files, uncached(t, dir))
	}
	began := time.Now()
	readIn(t, group, files)
	if took := time.Since(began); took < time.Second/2 {
		t.Errorf("at least %d bytes were read in %v, and %d a second are allowed", 20*4096, took, perSecond)
	}
}

func TestALimitOfReadsThatDoesNotHoldIsSaid(t *testing.T) {
	tree := openTree(t)
	group, err := tree.Make("cell", WeightLow)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := group.Remove(); err != nil {
			t.Error(err)
		}
	}()
	if err := group.LimitReads(ReadLimit{Disks: []string{"4095:1"}, BytesPerSecond: 1 << 20, ReadsPerSecond: 1000}); !errors.Is(err, ErrReadsUnlimited) {
		t.Errorf("of a disk that there is not: %v", err)
	}
}

func TestTheDiskOfAFileInMemoryIsNotKnown(t *testing.T) {
	if disks, err := DisksOf("/proc/self", "/no-such-file"); err == nil || len(disks) > 0 || !strings.Contains(err.Error(), "/proc/self") {
		t.Errorf("%v, %v", disks, err)
	}
	if _, err := os.Stat("/sys/dev/block"); err != nil {
		t.Skip(err)
	}
}
