package bench_test

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hotcell/hotcell/bench"
	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Runs the baselines and a service with a few requests. Each figure must be present,
// and every answer correct. Nothing is left: the state directory of the run is empty.
func TestARunMeasuresWhatItSays(t *testing.T) {
	testkit.NeedsJails(t)
	state, err := testkit.OpenDir("", "hotcell-bench-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(state)
	cfg := config.Default()
	cfg.Profile.Python, cfg.StateDir, cfg.Profile.PoolSize = testkit.Python(t), state, 4
	report, err := bench.Run(t.Context(), bench.Options{
		Config: cfg, Scenarios: []string{"sequential", "hostile", "compat"}, Scale: 0.1, Seed: 1, Soak: time.Second,
		Log: slog.New(slog.DiscardHandler), Progress: io.Discard,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) != 3 || len(report.Goals) != 5 {
		t.Fatalf("%d results, goals %+v", len(report.Results), report.Goals)
	}
	if report.Others.Looks != 4 {
		t.Errorf("looked %d times whether the machine is quiet: %v", report.Others.Looks, report.Others)
	}
	for _, row := range report.Results[0].Rows {
		if row.Load.Latency.Count() == 0 {
			t.Errorf("nothing of %s", row.Name)
		}
	}
	var parts []string
	for _, part := range report.Results[0].Rows[0].Load.Where.Parts() {
		parts = append(parts, part.Name)
		if part.Mean <= 0 {
			t.Errorf("%s took %v", part.Name, part.Mean)
		}
	}
	if want := []string{"parse", "queue", "hand-over", "run", "reply", "all"}; !slices.Equal(parts, want) {
		t.Errorf("the time of hotcell's requests is told by %q, want %q", parts, want)
	}
	if wrong := report.Goals[2]; wrong.Value != 0 {
		t.Errorf("%+v %q", wrong, report.Results[1].Notes)
	}
	if other := report.Goals[3]; other.Value != 0 {
		t.Errorf("%+v", other)
	}
	if left, err := os.ReadDir(state); err != nil || len(left) != 0 {
		t.Errorf("left in the state directory: %v (%v)", left, err)
	}
}
