package traffic

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Histogram holds latencies with three significant digits, from a microsecond to five
// minutes. A latency outside counts as the nearest of these. It must not be used by
// several goroutines at once.
type Histogram struct{ hdr *hdrhistogram.Histogram }

const (
	// Shortest is what all shorter latencies count as.
	Shortest = time.Microsecond
	longest  = 5 * time.Minute
)

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(Shortest.Microseconds(), longest.Microseconds(), 3)}
}

// Record adds one latency.
func (h *Histogram) Record(d time.Duration) {
	_ = h.hdr.RecordValue(min(max(d, Shortest), longest).Microseconds()) // within its range, so it cannot fail
}

// Merge adds all latencies of another histogram.
func (h *Histogram) Merge(other *Histogram) { h.hdr.Merge(other.hdr) }

// Count returns the number of latencies.
func (h *Histogram) Count() int64 { return h.hdr.TotalCount() }

// Quantile returns the latency that the share q of all, from 0 to 1, do not exceed; 0
// if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	return time.Duration(h.hdr.ValueAtQuantile(100*q)) * time.Microsecond
}

// Mean returns the mean latency; 0 if there are none.
func (h *Histogram) Mean() time.Duration {
	return time.Duration(h.hdr.Mean() * float64(time.Microsecond))
}

// MarshalJSON writes the usual quantiles, and the histogram in HdrHistogram's
// compressed encoding, which its tools read and merge.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	hdr, err := h.hdr.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return nil, fmt.Errorf("encode a histogram: %w", err)
	}
	return json.Marshal(map[string]any{
		"count": h.Count(), "mean_ms": Milliseconds(h.Mean()), "p50_ms": Milliseconds(h.Quantile(0.5)),
		"p90_ms": Milliseconds(h.Quantile(0.9)), "p99_ms": Milliseconds(h.Quantile(0.99)),
		"p999_ms": Milliseconds(h.Quantile(0.999)), "max_ms": Milliseconds(h.Quantile(1)), "hdr": string(hdr),
	})
}

// Milliseconds converts a duration to the unit of reports.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
