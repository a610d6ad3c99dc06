package bench_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/bench"
)

func TestQuantilesOfLatencies(t *testing.T) {
	var l bench.Latencies
	if l.Quantile(0.5) != 0 {
		t.Error("of nothing")
	}
	for i := 100; i > 0; i-- {
		l = append(l, time.Duration(i))
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 51, 0.99: 100, 1: 100} {
		if got := l.Quantile(q); got != want {
			t.Errorf("%v: %d, want %d", q, got, want)
		}
	}
}

func TestAMissedGoalIsSaid(t *testing.T) {
	report := bench.Report{Sequential: bench.Latencies{2 * time.Millisecond}, ParkedPSS: 7e6}
	report.Judge()
	var out bytes.Buffer
	if err := report.Print(&out); err != nil {
		t.Fatal(err)
	}
	if report.Met() || strings.Count(out.String(), "MISSED") != 1 {
		t.Errorf("%s", &out)
	}
}
