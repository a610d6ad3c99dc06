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
