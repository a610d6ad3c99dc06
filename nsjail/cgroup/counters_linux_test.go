package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
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
			if err := c.open(unix.O_RDONLY, path); err != nil && !errors.Is(err, os.ErrClosed) {
				t.Error(err)
			}
		})
		both.Go(c.close)
		both.Wait()
		c.close()
		if err := c.open(unix.O_RDONLY, path); !errors.Is(err, os.ErrClosed) {
			t.Fatalf("opened again after the end: %v", err)
		}
	}
}

// A cell that no hierarchy counts has used an unknown amount, and not nothing.
func TestWhatNothingCountsIsNotNought(t *testing.T) {
	group := &groupV1{counters: new(counters)}
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

// shortGroup begins when the errors are used up.
type shortGroup struct {
	Group
	errs []error
}

func (g *shortGroup) Begin() error {
	if len(g.errs) == 0 {
		return nil
	}
	err := g.errs[0]
	g.errs = g.errs[1:]
	return err
}

// While descriptors are short, the CPU time of a call must not count for the rest after it.
func TestCountingBeginsWhenItCan(t *testing.T) {
	short := &os.PathError{Op: "open", Path: "cpu.shares", Err: unix.EMFILE}
	group := &shortGroup{errs: []error{short, short}}
	if err := BeginSoon(t.Context(), group, nil); err != nil || len(group.errs) != 0 {
		t.Errorf("%v; it was tried %d times too few", err, len(group.errs))
	}
	over := make(chan struct{})
	close(over)
	for range 10 {
		if err := BeginSoon(t.Context(), &shortGroup{errs: []error{short, unix.EIO}}, over); err != nil {
			t.Errorf("it goes on after the end: %v", err)
		}
	}
	if err := BeginSoon(t.Context(), &shortGroup{errs: []error{unix.ENODEV}}, nil); !errors.Is(err, unix.ENODEV) {
		t.Errorf("what does not pass: %v", err)
	}
}
