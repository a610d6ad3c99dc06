package traffic_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/hotcell/hotcell/bench/traffic"
)

// near allows for the three digits that a histogram keeps.
func near(got, want time.Duration) bool {
	return got >= want-want/500 && got <= want+want/500
}

func TestQuantilesOfLatencies(t *testing.T) {
	h := traffic.NewHistogram()
	if h.Quantile(0.5) != 0 || h.Mean() != 0 {
		t.Error("of nothing")
	}
	for i := 1000; i > 0; i-- {
		h.Record(time.Duration(i) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 500, 0.99: 990, 0.999: 999, 1: 1000} {
		if got := h.Quantile(q); !near(got, want*time.Millisecond) {
			t.Errorf("%v: %v, want %dms", q, got, want)
		}
	}
}

func TestMergedHistogramsAreAsOneThatSawAll(t *testing.T) {
	one, two, all := traffic.NewHistogram(), traffic.NewHistogram(), traffic.NewHistogram()
	for i := range 5000 {
		latency := time.Duration(i*i) * time.Microsecond
		all.Record(latency)
		if i%3 == 0 {
			one.Record(latency)
		} else {
			two.Record(latency)
		}
	}
	one.Merge(two)
	if one.Count() != all.Count() || one.Mean() != all.Mean() {
		t.Errorf("%d with mean %v, want %d with %v", one.Count(), one.Mean(), all.Count(), all.Mean())
	}
	for _, q := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.999, 1} {
		if one.Quantile(q) != all.Quantile(q) {
			t.Errorf("%v: %v, want %v", q, one.Quantile(q), all.Quantile(q))
		}
	}
}

func TestLatenciesOutsideOfTheRangeAreKept(t *testing.T) {
	h := traffic.NewHistogram()
	h.Record(-time.Second)
	h.Record(time.Hour)
	if h.Count() != 2 || h.Quantile(0) > time.Microsecond || !near(h.Quantile(1), 5*time.Minute) {
		t.Errorf("%d: %v to %v", h.Count(), h.Quantile(0), h.Quantile(1))
	}
}

// HdrHistogram's own tools can read the JSON.
func TestAHistogramInJSONCanBeReadAgain(t *testing.T) {
	h := traffic.NewHistogram()
	h.Record(3 * time.Millisecond)
	h.Record(7 * time.Millisecond)
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var written struct {
		Count int64   `json:"count"`
		Max   float64 `json:"max_ms"`
		HDR   string  `json:"hdr"`
	}
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	read, err := hdrhistogram.Decode([]byte(written.HDR))
	if err != nil || read.TotalCount() != 2 || written.Count != 2 || written.Max < 6.99 || written.Max > 7.01 {
		t.Errorf("%v %s", err, text)
	}
}
