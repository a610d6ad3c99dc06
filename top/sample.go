package top

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Sample is what a server said at one moment. Values that are no numbers are
// not in it.
type Sample struct {
	At     time.Time
	series map[string]map[string]series // by metric, and by a key of the labels
}

// series is one line of values, or one histogram.
type series struct {
	labels map[string]string // cleaned: they may be shown
	value  float64           // of a histogram: how many observations
	counts []bucket          // of a histogram: cumulative, by bound
}

type bucket struct {
	bound float64
	count float64
}

// Parse reads Prometheus' text format.
func Parse(text io.Reader, at time.Time) (*Sample, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("that is no metrics: %s", clean(err.Error(), 200))
	}
	s := &Sample{At: at, series: make(map[string]map[string]series)}
	ours := false
	for name, family := range families {
		ours = ours || strings.HasPrefix(name, "hotcell_")
		s.series[name] = make(map[string]series)
		for _, metric := range family.GetMetric() {
			if one, key, ok := read(metric); ok {
				s.series[name][key] = one
			}
		}
	}
	if !ours {
		return nil, errors.New("these are metrics of something else: none begins with hotcell_")
	}
	return s, nil
}

func read(metric *dto.Metric) (one series, key string, ok bool) {
	one.labels = make(map[string]string)
	var parts []string
	for _, label := range metric.GetLabel() {
		parts = append(parts, fmt.Sprintf("%q=%q", label.GetName(), label.GetValue()))
		one.labels[label.GetName()] = clean(label.GetValue(), 40)
	}
	slices.Sort(parts)
	switch {
	case metric.Gauge != nil:
		one.value = metric.Gauge.GetValue()
	case metric.Counter != nil:
		one.value = metric.Counter.GetValue()
	case metric.Untyped != nil:
		one.value = metric.Untyped.GetValue()
	case metric.Histogram != nil:
		one.value = float64(metric.Histogram.GetSampleCount())
		for _, b := range metric.Histogram.GetBucket() {
			if !math.IsNaN(b.GetUpperBound()) {
				one.counts = append(one.counts, bucket{b.GetUpperBound(), float64(b.GetCumulativeCount())})
			}
		}
	default:
		return one, "", false
	}
	return one, strings.Join(parts, ","), finite(one.value)
}

func finite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// value is that of the first series of name with these labels, as pairs; nil
// where there is none.
func (s *Sample) value(name string, labels ...string) *float64 {
	for _, one := range s.series[name] {
		if one.has(labels) {
			return &one.value
		}
	}
	return nil
}

func (one series) has(labels []string) bool {
	for pair := range slices.Chunk(labels, 2) {
		if one.labels[pair[0]] != pair[1] {
			return false
		}
	}
	return true
}

// increase is by how much each series of name grew since before. One that
// shrank began anew, so all that it has is new. Without before, or where the
// server is another process by now, everything is.
func (s *Sample) increase(before *Sample, name string) []series {
	var grown []series
	for key, now := range s.series[name] {
		if before != nil && !s.restartedSince(before) {
			if then, ok := before.series[name][key]; ok && then.value <= now.value {
				now = now.less(then)
			}
		}
		grown = append(grown, now)
	}
	return grown
}

// less is one without what it was then. It shares nothing with one.
func (one series) less(then series) series {
	one.value -= then.value
	one.counts = slices.Clone(one.counts)
	for i, now := range one.counts {
		j := slices.IndexFunc(then.counts, func(b bucket) bool { return b.bound == now.bound })
		if j >= 0 {
			one.counts[i].count = max(now.count-then.counts[j].count, 0)
		}
	}
	return one
}

const metricStart = "process_start_time_seconds"

func (s *Sample) restartedSince(before *Sample) bool {
	now, then := s.value(metricStart), before.value(metricStart)
	return now != nil && then != nil && *now != *then
}

// clean is text that does nothing to a terminal: characters that do not print,
// among them escapes and what turns the direction of writing, become a ?.
func clean(text string, longest int) string {
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
