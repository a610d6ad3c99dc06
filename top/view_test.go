package top_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client/metrics"
	"github.com/hotcell/hotcell/top"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// sample returns the metrics that many seconds after noon.
func sample(t *testing.T, seconds int, text string) *metrics.Sample {
	t.Helper()
	s, err := metrics.Parse(strings.NewReader(text), noon.Add(time.Duration(seconds)*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func same(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	switch {
	case math.IsNaN(want) && got != nil:
		t.Errorf("%s is %v, and cannot be known", what, *got)
	case !math.IsNaN(want) && (got == nil || math.Abs(*got-want) > 1e-9*max(1, want)):
		t.Errorf("%s is %v, want %v", what, show(got), want)
	}
}

func show(value *float64) any {
	if value == nil {
		return "unknown"
	}
	return *value
}

var unknown = math.NaN()

func TestRatesAreOfWhatGrewSinceTheSampleBefore(t *testing.T) {
	const started = "process_start_time_seconds 1767268790\n" // ten seconds before noon
	const again = "process_start_time_seconds 1767268801\n"
	counter := `hotcell_execute_requests_total{status="ok",code=""} `
	for _, c := range []struct {
		name        string
		before, now string // before empty: there is none
		restarted   bool
		window      float64
		rate        float64
	}{
		{"it grew", started + counter + "10\n", started + counter + "30\n", false, 4, 5},
		{"it stood still", started + counter + "10\n", started + counter + "10\n", false, 4, 0},
		{"there is none before: since the server began", "", started + counter + "28\n", false, 14, 2},
		{"there is none before, nor a beginning", "", counter + "28\n", false, unknown, unknown},
		{"the server was started anew", started + counter + "10\n", again + counter + "30\n", true, 3, 10},
		{"it shrank, so it was set back", counter + "100\n", counter + "8\n", false, 4, 2},
		{"it is new", started + "hotcell_running 1\n", started + counter + "8\n", false, 4, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before *metrics.Sample
			if c.before != "" {
				before = sample(t, 0, c.before)
			}
			v := top.NewView("", before, sample(t, 4, c.now))
			same(t, "the window", v.WindowS, c.window)
			same(t, "the rate", v.Requests, c.rate)
			if len(v.Verdicts) != 1 {
				t.Fatalf("verdicts: %+v", v.Verdicts)
			}
			same(t, "the verdict's rate", v.Verdicts[0].PerSecond, c.rate)
			if v.Restarted != c.restarted {
				t.Errorf("restarted: %v", v.Restarted)
			}
		})
	}
}

func histogram(le ...string) string {
	var text strings.Builder
	text.WriteString("# TYPE hotcell_run_duration_seconds histogram\n")
	last := "0"
	for i := 0; i < len(le); i += 2 {
		text.WriteString(`hotcell_run_duration_seconds_bucket{profile="default",le="` + le[i] + `"} ` + le[i+1] + "\n")
		last = le[i+1]
	}
	return text.String() + `hotcell_run_duration_seconds_count{profile="default"} ` + last + "\n"
}

func TestQuantilesAreOfTheWindowAlone(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, now   string
		p50, p90, p99 float64
	}{
		{"all in one bucket", histogram("1", "0", "2", "0", "+Inf", "0"), histogram("1", "0", "2", "100", "+Inf", "100"), 1.5, 1.9, 1.99},
		{"what was before does not count", histogram("1", "1000", "2", "1000", "+Inf", "1000"), histogram("1", "1000", "2", "1010", "+Inf", "1010"), 1.5, 1.9, 1.99},
		{"over the last bound", histogram("1", "0", "+Inf", "0"), histogram("1", "5", "+Inf", "50"), 1, 1, 1},
		{"nothing was observed", histogram("1", "7", "+Inf", "7"), histogram("1", "7", "+Inf", "7"), unknown, unknown, unknown},
		{"never was anything", histogram("1", "0", "+Inf", "0"), histogram("1", "0", "+Inf", "0"), unknown, unknown, unknown},
		{"no buckets", "hotcell_running 1\n", histogram(), unknown, unknown, unknown},
		{"only the endless one", histogram("+Inf", "0"), histogram("+Inf", "3"), unknown, unknown, unknown},
		{"it was set back", histogram("1", "90", "2", "90", "+Inf", "90"), histogram("1", "0", "2", "10", "+Inf", "10"), 1.5, 1.9, 1.99},
		{"buckets that shrink", histogram("1", "0", "2", "0", "+Inf", "0"), histogram("1", "10", "2", "4", "+Inf", "10"), 0.5, 0.9, 0.99},
		{"a metric that is not there", "hotcell_running 1\n", "hotcell_running 1\n", unknown, unknown, unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := top.NewView("", sample(t, 0, c.before), sample(t, 1, c.now))
			run := v.Latency[2]
			if run.Step != "run" {
				t.Fatalf("%+v", v.Latency)
			}
			same(t, "p50", run.P50, c.p50)
			same(t, "p90", run.P90, c.p90)
			same(t, "p99", run.P99, c.p99)
		})
	}
}

func TestTheQueueIsThatOfRequestsWhichGotACell(t *testing.T) {
	v := top.NewView("", nil, sample(t, 0, `# TYPE hotcell_queue_duration_seconds histogram
hotcell_queue_duration_seconds_bucket{outcome="served",le="1"} 10
hotcell_queue_duration_seconds_bucket{outcome="served",le="+Inf"} 10
hotcell_queue_duration_seconds_count{outcome="served"} 10
hotcell_queue_duration_seconds_bucket{outcome="refused",le="1"} 0
hotcell_queue_duration_seconds_bucket{outcome="refused",le="+Inf"} 1000
hotcell_queue_duration_seconds_count{outcome="refused"} 1000
`))
	if queue := v.Latency[0]; queue.Step != "queue" || queue.P99 == nil || *queue.P99 >= 1 {
		t.Errorf("%+v", queue)
	}
}

func TestAProfileHasWhatIsToldOfIt(t *testing.T) {
	const metrics = `
hotcell_cells{profile="b",state="ready"} 3
hotcell_cells{profile="a",state="ready"} NaN
hotcell_cells{profile="a",state="making"} 2
hotcell_pool_target{profile="a"} 8
hotcell_zygote_generation{profile="a"} 5
hotcell_zygote_replacements_total{profile="a",reason="old"} 3
hotcell_zygote_replacements_total{profile="a",reason="died"} 1
hotcell_refill_consecutive_failures{profile="a"} 6
hotcell_isolation_layer_held{profile="a",layer="seccomp"} 0
hotcell_isolation_layer_held{profile="a",layer="own-uid"} 1
hotcell_isolation_layer_held{profile="a",layer="disk-limit"} 0
`
	v := top.NewView("", nil, sample(t, 0, metrics))
	if len(v.Profiles) != 2 || v.Profiles[0].Name != "a" || v.Profiles[1].Name != "b" {
		t.Fatalf("%+v", v.Profiles)
	}
	a := v.Profiles[0]
	same(t, "ready", a.Ready, unknown)
	same(t, "making", a.Making, 2)
	same(t, "target", a.Target, 8)
	same(t, "claimed", a.Claimed, unknown)
	same(t, "generation", a.Generation, 5)
	same(t, "replaced", a.Replaced, 4)
	if missing := strings.Join(a.LayersMissing, " "); missing != "disk-limit seccomp" {
		t.Errorf("missing: %s", missing)
	}
	text := top.Render(v, top.Look{Width: 80, Height: 24})
	for _, part := range []string{"6 failures in a row", "isolation is missing: disk-limit, seccomp", "#5"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	if _, err := json.Marshal(v); err != nil { // JSON has no NaN
		t.Error(err)
	}
}

func TestNothingFromAServerSteersTheTerminal(t *testing.T) {
	hostile := "\x1b]0;x\x07\x1b[2J\u009b2J\u202e\u200b\x7f\r" + strings.Repeat("w", 500)
	text := "hotcell_build_info{version=\"" + hostile + "\"} 1\n" +
		"hotcell_cells{profile=\"" + hostile + "\",state=\"ready\"} 1\n" +
		"hotcell_isolation_layer_held{profile=\"" + hostile + "\",layer=\"" + hostile + "\"} 0\n" +
		"hotcell_execute_requests_total{status=\"" + hostile + "\",code=\"\"} 1\n" +
		"hotcell_execute_requests_total{status=\"refused\",code=\"" + hostile + "\"} 1e308\n"
	v := top.NewView("", nil, sample(t, 0, text))
	shown := top.Render(v, top.Look{Width: 80, Height: 24})
	if i := strings.IndexFunc(shown, func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x200b }); i >= 0 {
		t.Errorf("%q", shown[i:])
	}
	if !strings.Contains(shown, "?]0;x?") {
		t.Errorf("nothing of it is there:\n%s", shown)
	}
}

func FuzzAnySampleCanBeShown(f *testing.F) {
	f.Add("hotcell_running NaN\n", histogram("1", "2", "+Inf", "3"))
	f.Add("hotcell_cells{profile=\"a\",state=\"ready\"} -Inf\n", "hotcell_cells{profile=\"\u202e\"} 1e999\n")
	f.Fuzz(func(t *testing.T, before, now string) {
		first, _ := metrics.Parse(strings.NewReader(before), noon)
		second, err := metrics.Parse(strings.NewReader(now), noon.Add(time.Second))
		if err != nil {
			return
		}
		v := top.NewView("", first, second)
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
		if text := top.Render(v, top.Look{Width: 40, Height: 10}); strings.Contains(text, "\x1b") || strings.Count(text, "\n") >= 10 {
			t.Errorf("%q", text)
		}
	})
}
