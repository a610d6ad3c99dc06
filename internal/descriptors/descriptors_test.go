package descriptors

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFilesOfCellsCgroupsDoNotCountUntilTheyAreRemoved(t *testing.T) {
	cell := filepath.Join(t.TempDir(), "cell-7")
	if err := os.Mkdir(cell, 0o700); err != nil {
		t.Fatal(err)
	}
	before := Count(os.Getpid())
	kept := filepath.Join(cell, "cgroup.events")
	for path, want := range map[string]int{kept: 0, filepath.Join(t.TempDir(), "other"): 1} {
		had := Count(os.Getpid())
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if got := Count(os.Getpid()) - had; got != want {
			t.Errorf("%s: %d more descriptors, want %d", path, got, want)
		}
	}
	if err := os.RemoveAll(cell); err != nil {
		t.Fatal(err)
	}
	if got := Count(os.Getpid()) - before; got != 2 {
		t.Errorf("%d more descriptors, want 2", got)
	}
}
