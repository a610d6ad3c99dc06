package metrics_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client/metrics"
)

func parse(t *testing.T, text string) *metrics.Sample {
	t.Helper()
	sample, err := metrics.Parse(strings.NewReader(text), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return sample
}

func TestAValueIsFoundByItsLabels(t *testing.T) {
	s := parse(t, `hotcell_cells{profile="a",state="ready"} 3
hotcell_cells{profile="b",state="ready"} 4
hotcell_cells{profile="b",state="making"} NaN
`)
	for _, c := range []struct {
		labels []string
		want   float64 // 0: there is none
	}{
		{[]string{"profile", "a"}, 3},
		{[]string{"profile", "b", "state", "ready"}, 4},
		{[]string{"profile", "b", "state", "making"}, 0},
		{[]string{"profile", "c"}, 0},
	} {
		value := s.Value("hotcell_cells", c.labels...)
		if (value == nil) != (c.want == 0) || value != nil && *value != c.want {
			t.Errorf("%q: %v, want %v", c.labels, value, c.want)
		}
	}
}

func TestAnIncreaseIsOfTheTimeBetweenTwoSamples(t *testing.T) {
	const counter, start = "hotcell_claims_total ", "process_start_time_seconds "
	for _, c := range []struct {
		name, before, now string
		want              float64
	}{
		{"it grew", counter + "10\n", counter + "30\n", 20},
		{"it shrank, so it was set back", counter + "30\n", counter + "10\n", 10},
		{"the process is another one", start + "1\n" + counter + "10\n", start + "2\n" + counter + "30\n", 30},
	} {
		if grown := parse(t, c.now).Increase(parse(t, c.before), "hotcell_claims_total"); len(grown) != 1 || grown[0].Value != c.want {
			t.Errorf("%s: %+v, want %v", c.name, grown, c.want)
		}
	}
}

func TestQuantilesAndSumsOfAHistogram(t *testing.T) {
	const text = `# TYPE hotcell_run_duration_seconds histogram
hotcell_run_duration_seconds_bucket{le="1"} 0
hotcell_run_duration_seconds_bucket{le="2"} 100
hotcell_run_duration_seconds_bucket{le="+Inf"} 100
hotcell_run_duration_seconds_sum 150
hotcell_run_duration_seconds_count 100
`
	grown := parse(t, text).Increase(nil, "hotcell_run_duration_seconds")
	if len(grown) != 1 || grown[0].Value != 100 || grown[0].Sum != 150 {
		t.Fatalf("%+v", grown)
	}
	for i, want := range []float64{1.5, 1.99} {
		if q := metrics.Quantiles(grown, 0.5, 0.99)[i]; q == nil || math.Abs(*q-want) > 1e-9 {
			t.Errorf("%v, want %v", q, want)
		}
	}
}

func TestTextThatIsNotHotcellsMetricsIsRefused(t *testing.T) {
	for name, text := range map[string]string{"a page": "<html>", "another program's": "go_goroutines 5\n", "nothing": ""} {
		if _, err := metrics.Parse(strings.NewReader(text), time.Now()); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestNothingFromAServerControlsATerminal(t *testing.T) {
	s := parse(t, "hotcell_build_info{version=\"\x1b[2J\u202e\"} 1\n")
	for one := range s.All("hotcell_build_info") {
		if one.Labels["version"] != "?[2J?" {
			t.Errorf("%q", one.Labels["version"])
		}
	}
	_, err := metrics.Parse(strings.NewReader("hotcell_x{a=\"\x1b[2J"), time.Now())
	if err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%q", err)
	}
}
