package instance_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hotcell/hotcell/nsjail/instance"
)

func TestOnlyDirectoriesOfDeadInstancesAreRemoved(t *testing.T) {
	state := t.TempDir()
	living, err := instance.Take(state)
	if err != nil {
		t.Fatal(err)
	}
	defer living.Drop()
	for _, dir := range []string{"hotcell-0123456789ab", ".new-12", "jobs", "hotcell-jobs", "other"} {
		if err := os.Mkdir(filepath.Join(state, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(state, dir, "lock"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	instance.RemoveLeftovers(state, slog.New(slog.DiscardHandler))
	var left []string
	entries, err := os.ReadDir(state)
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	want := []string{living.Name, "hotcell-jobs", "jobs", "other"}
	slices.Sort(want)
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("%v is left, want %v: %v", left, want, err)
	}
}
