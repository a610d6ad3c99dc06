package bench_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/bench"
	"github.com/hotcell/hotcell/bench/capacity"
)

// The tables in docs/capacity.md are what the program computes from the run that they
// name.
func TestThePageOnCapacityIsComputed(t *testing.T) {
	runs, err := filepath.Glob("results/*/results.json")
	if err != nil || len(runs) == 0 {
		t.Fatalf("no results (%v)", err)
	}
	page, err := os.ReadFile("../docs/capacity.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		if !strings.Contains(string(page), "From "+filepath.Base(filepath.Dir(run))+"/") {
			continue
		}
		input, err := bench.ReadCapacity(run)
		if err != nil {
			t.Fatal(err)
		}
		var computed strings.Builder
		if err := capacity.Page(&computed, input); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), computed.String()) {
			t.Errorf("docs/capacity.md does not have what hotcell bench --capacity bench/%s prints:\n%s", run, &computed)
		}
		return
	}
	t.Error("docs/capacity.md names none of the runs")
}

func TestARunThatLacksAScenarioCannotBeComputedWith(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(file, []byte(`{"processors":2,"results":[{"scenario":"empty","values":[]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bench.ReadCapacity(file); err == nil || !strings.Contains(err.Error(), "throughput: saturated rate") {
		t.Errorf("%v", err)
	}
}
