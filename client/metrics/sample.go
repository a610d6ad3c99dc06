package metrics

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Sample is what a server said at one moment.
type Sample struct {
	At     time.Time
	series map[string]map[string]Series // by metric, and by a key of the labels
}

// Series is one value of a metric, or one histogram.
type Series struct {
	Labels map[string]string // printable, at most 40 characters each
	Value  float64           // of a histogram: the number of observations
	Sum    float64           // of a histogram: of all observations; otherwise 0

	buckets []bucket // of a histogram: cumulative, by bound
}

type bucket struct {
	bound float64
	count float64
}

// Parse reads Prometheus' text format. It is an error if no metric is hotcell's.
func Parse(text io.Reader, at time.Time) (*Sample, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("the text is not in Prometheus' format: %s", Printable(err.Error(), 200))
	}
	s := &Sample{At: at, series: make(map[string]map[string]Series)}
	ours := false
	for name, family := range families {
		ours = ours || strings.HasPrefix(name, "hotcell_")
		s.series[name] = make(map[string]Series)
		for _, metric := range family.GetMetric() {
			if one, key, ok := read(metric); ok {
				s.series[name][key] = one
			}
		}
	}
	if !ours {
		return nil, errors.New("these metrics are of another program: no name begins with hotcell_")
	}
	return s, nil
}

func read(metric *dto.Metric) (one Series, key string, ok bool) {
	one.Labels = make(map[string]string)
	var parts []string
	for _, label := range metric.GetLabel() {
		parts = append(parts, fmt.Sprintf("%q=%q", label.GetName(), label.GetValue()))
		one.Labels[label.GetName()] = Printable(label.GetValue(), 40)
	}
	slices.Sort(parts)
	switch {
	case metric.Gauge != nil:
		one.Value = metric.Gauge.GetValue()
	case metric.Counter != nil:
		one.Value = metric.Counter.GetValue()
	case metric.Untyped != nil:
		one.Value = metric.Untyped.GetValue()
	case metric.Histogram != nil:
		one.Value, one.Sum = float64(metric.Histogram.GetSampleCount()), metric.Histogram.GetSampleSum()
		for _, b := range metric.Histogram.GetBucket() {
			if !math.IsNaN(b.GetUpperBound()) {
				one.buckets = append(one.buckets, bucket{b.GetUpperBound(), float64(b.GetCumulativeCount())})
			}
		}
	default:
		return one, "", false
	}
	return one, strings.Join(parts, ","), finite(one.Value) && finite(one.Sum)
}

func finite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// All returns the series of a metric, in no order.
func (s *Sample) All(name string) iter.Seq[Series] { return maps.Values(s.series[name]) }

// Value returns the value of the first series of a metric that has these labels,
// given as names and values in turn; nil if there is none.
func (s *Sample) Value(name string, labels ...string) *float64 {
	for one := range s.All(name) {
		if one.Has(labels...) {
			return &one.Value
		}
	}
	return nil
}

// Has reports whether the series has these labels, given as names and values in
// turn.
func (one Series) Has(labels ...string) bool {
	for pair := range slices.Chunk(labels, 2) {
		if one.Labels[pair[0]] != pair[1] {
			return false
		}
	}
	return true
}

// Increase returns the series of a metric with what they grew by since before. A
// series that shrank has started again, so all of it is new. So is everything if
// before is nil or the server's process is another one by now.
func (s *Sample) Increase(before *Sample, name string) []Series {
	var grown []Series
	for key, now := range s.series[name] {
		if before != nil && !s.RestartedSince(before) {
			if then, ok := before.series[name][key]; ok && then.Value <= now.Value {
				now = now.less(then)
			}
		}
		grown = append(grown, now)
	}
	return grown
}

// less returns one without what it was then. The two share nothing.
func (one Series) less(then Series) Series {
	one.Value -= then.Value
	one.Sum -= then.Sum
	one.buckets = slices.Clone(one.buckets)
	for i, now := range one.buckets {
		j := slices.IndexFunc(then.buckets, func(b bucket) bool { return b.bound == now.bound })
		if j >= 0 {
			one.buckets[i].count = max(now.count-then.buckets[j].count, 0)
		}
	}
	return one
}

// StartTime is the metric with the time at which the process started, in seconds
// of Unix time.
const StartTime = "process_start_time_seconds"

// RestartedSince reports whether the server's process is not the one of before.
func (s *Sample) RestartedSince(before *Sample) bool {
	now, then := s.Value(StartTime), before.Value(StartTime)
	return now != nil && then != nil && *now != *then
}

// Printable returns text that cannot control a terminal: a ? stands for each
// character that does not print, such as escapes and what changes the direction of
// writing. It has at most longest characters.
func Printable(text string, longest int) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}
