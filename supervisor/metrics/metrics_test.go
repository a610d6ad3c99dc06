package metrics

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

func TestBucketsReachTheLongestTimeThereCanBe(t *testing.T) {
	for _, longest := range []time.Duration{time.Millisecond, 10 * time.Second, time.Minute, 24 * time.Hour} {
		bounds := buckets(10*time.Microsecond, longest)
		if last := bounds[len(bounds)-1]; last != longest.Seconds() || !slices.IsSorted(bounds) || len(slices.Compact(bounds)) != len(bounds) {
			t.Errorf("%v: %v", longest, bounds)
		}
		for i := 1; i < len(bounds); i++ {
			if bounds[i] > 3.001*bounds[i-1] {
				t.Errorf("%v: from %v to %v", longest, bounds[i-1], bounds[i])
			}
		}
	}
}

// A request may end after its key was revoked.
func TestSeriesOfARevokedKeyDoNotComeBack(t *testing.T) {
	const entry = "- name: %s\n  sha256: %s\n  rights: [execute]\n"
	cfg := config.Default()
	cfg.Keys = filepath.Join(t.TempDir(), "keys.yaml")
	stay, gone := fmt.Sprintf(entry, "stays", strings.Repeat("a", 64)), fmt.Sprintf(entry, "goes", strings.Repeat("b", 64))
	write := func(text string) {
		if err := os.WriteFile(cfg.Keys, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(stay + gone)
	m := New(cfg, func() State { return State{} })
	ring, err := keys.Open(cfg, budget.Budget{Bodies: 1 << 30, Answers: 1 << 30}, slog.New(slog.DiscardHandler), m.ForgetKey)
	if err != nil {
		t.Fatal(err)
	}
	stays, goes := ring.Keys()[0], ring.Keys()[1]
	m.KeyRequest(ring, stays, 200)
	m.KeyRequest(ring, goes, 200)
	if n := series(m.keyRequests); n != 2 {
		t.Fatalf("%d series", n)
	}
	write(stay)
	ring.Reload()
	m.KeyRequest(ring, goes, 401)
	m.KeyRequest(ring, stays, 200)
	if n := series(m.keyRequests); n != 1 {
		t.Errorf("%d series, want those of the key that stays", n)
	}
}

func series(c prometheus.Collector) (n int) {
	out := make(chan prometheus.Metric)
	go func() {
		defer close(out)
		c.Collect(out)
	}()
	for range out {
		n++
	}
	return n
}
