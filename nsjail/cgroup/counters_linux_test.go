package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A session that ends just when it comes to rest opens and closes them at once.
func TestCountersMayBeClosedWhileTheyAreOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpuacct.usage")
	if err := os.WriteFile(path, []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		var c counters
		var both sync.WaitGroup
		both.Go(func() {
			if err := c.open(path); err != nil && !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		})
		both.Go(c.close)
		both.Wait()
		c.close()
		if err := c.open(path); !errors.Is(err, os.ErrClosed) {
			t.Fatalf("opened again after the end: %v", err)
		}
	}
}

// A cell that no hierarchy counts has used an unknown amount, and not nothing.
func TestWhatNothingCountsIsNotNought(t *testing.T) {
	group := &groupV1{}
	if err := group.Begin(); err != nil {
		t.Fatal(err)
	}
	if used, err := group.CPUTime(); !errors.Is(err, ErrUncounted) {
		t.Errorf("CPU time %v, %v", used, err)
	}
	if peak, err := group.PeakMemory(); !errors.Is(err, ErrUncounted) {
		t.Errorf("peak memory %d, %v", peak, err)
	}
	if killed, err := group.OutOfMemory(); killed || err != nil {
		t.Errorf("out of memory %v, %v", killed, err)
	}
}
