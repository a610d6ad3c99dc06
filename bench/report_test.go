package bench_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hotcell/hotcell/bench"
	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/traffic"
)

func figures(values ...bench.Value) []*bench.Result {
	var results []*bench.Result
	for _, scenario := range bench.Scenarios() {
		results = append(results, &bench.Result{Scenario: scenario.Name, About: scenario.About, Values: values})
	}
	return results
}

func TestGoalsAreJudged(t *testing.T) {
	for _, c := range []struct {
		name  string
		value float64
		met   bool
	}{
		{"median of sequential requests, of the resident process's, both over HTTP with the same pause", 1.2, true},
		{"median of sequential requests, of the resident process's, both over HTTP with the same pause", 1.21, false},
		{"processor time of a request, saturated", 3499, true},
		{"p99 at half of the saturated rate, of its median", 3.1, false},
		{"saturated throughput, of fork per request", 1.35, true},
		{"saturated throughput, of fork per request", 1.34, false},
		{"saturated throughput, of nsjail per request", 65, true},
		{"p99 of good requests among hostile ones, of that without", 2.6, false},
		{"a request that finds the pool empty, of a single fork per request", 2.5, false},
		{"PSS of a parked cell, 100 parked", 2.4, true},
		{"making a cell with 500 parked, of that with 10", 1.31, false},
		{"p99 while refill goes at full speed, of that without", 1.4, true},
		{"hostile requests without the verdict they must have", 1, false},
		{"descriptors more after the soak than before", 0, true},
	} {
		goals := bench.Judge(figures(bench.Value{Name: c.name, Value: c.value}))
		if len(goals) != 1 || goals[0].Name != c.name || goals[0].Value != c.value || goals[0].Met != c.met {
			t.Errorf("%s %v: %+v", c.name, c.value, goals)
		}
	}
	if goals := bench.Judge(figures(bench.Value{Name: "something else"})); len(goals) != 0 {
		t.Errorf("%+v", goals)
	}
}

func TestAMissedGoalIsSaid(t *testing.T) {
	report := bench.Report{Goals: bench.Judge(figures(
		bench.Value{Name: "saturated throughput, of fork per request", Value: 1.4}, bench.Value{Name: "saturated throughput, of nsjail per request", Value: 12}))}
	var out bytes.Buffer
	if err := report.Print(&out, 0); err != nil {
		t.Fatal(err)
	}
	if report.Met() || strings.Count(out.String(), "MISSED") != 1 || !strings.Contains(out.String(), "at least 65×") {
		t.Errorf("%s", &out)
	}
	report.Goals = report.Goals[:1]
	if !report.Met() {
		t.Errorf("%+v", report.Goals)
	}
}

func TestAMachineThatIsNotQuietIsSaid(t *testing.T) {
	const said = "not quiet"
	for _, c := range []struct {
		others machine.Others
		quiet  bool
	}{
		{machine.Others{Mean: 5, Stolen: 2, Most: 90, Looks: 9}, true},
		{machine.Others{Mean: 5.1, Looks: 9}, false},
		{machine.Others{Stolen: 2.1, Looks: 9}, false},
		{machine.Others{}, false}, // nobody looked
	} {
		report := bench.Report{Others: c.others, Quiet: c.others.Quiet()}
		var out bytes.Buffer
		if err := report.Markdown(&out); err != nil {
			t.Fatal(err)
		}
		if report.Quiet != c.quiet || strings.Contains(out.String(), said) == c.quiet {
			t.Errorf("%+v: %v\n%s", c.others, report.Quiet, &out)
		}
	}
}

func TestAReportFitsATerminal(t *testing.T) {
	report := bench.Report{Results: []*bench.Result{{Scenario: "sequential", About: strings.Repeat("about ", 20), Rows: []bench.Row{{Name: "a request, and then another", Load: traffic.NewTally()}}}}}
	report.Goals = bench.Judge(figures(bench.Value{Name: "saturated throughput, of fork per request", Value: 1.2}))
	for _, width := range []int{40, 0} {
		var out bytes.Buffer
		if err := report.Print(&out, width); err != nil {
			t.Fatal(err)
		}
		widest := 0
		for line := range strings.Lines(out.String()) {
			widest = max(widest, utf8.RuneCountInString(line)-1)
		}
		fits := width > 0
		if fits != (widest <= 40) || fits != strings.Contains(out.String(), "(left out: ") || fits == strings.Contains(out.String(), "late p99\n") {
			t.Errorf("%d columns for a width of %d\n%s", widest, width, &out)
		}
	}
}

func TestWhatIsWrittenHasGoalsAndTables(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	report := bench.Report{Machine: "one", Facts: []machine.Fact{{Name: "kernel", Value: "Linux"}}, Results: figures(bench.Value{Name: "PSS of a parked cell, 100 parked", Unit: "MB", Value: 2})}
	report.Goals = bench.Judge(report.Results)
	if err := report.WriteDir(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var written struct {
		Goals []map[string]any `json:"goals"`
	}
	if err := json.Unmarshal(text, &written); err != nil || len(written.Goals) != 1 {
		t.Fatalf("%v %s", err, text)
	}
	for _, field := range []string{"name", "unit", "goal", "value", "met"} {
		if _, there := written.Goals[0][field]; !there {
			t.Errorf("no %s in %v", field, written.Goals[0])
		}
	}
	table, err := os.ReadFile(filepath.Join(dir, "results.md"))
	if err != nil || !strings.Contains(string(table), "| PSS of a parked cell, 100 parked | at most 2.40 MB | 2 MB | 2 MB | met |") {
		t.Errorf("%v\n%s", err, table)
	}
}

func TestAnUnknownScenarioIsRefused(t *testing.T) {
	_, err := bench.Run(t.Context(), bench.Options{Scenarios: []string{"squential"}, Scale: 1, Soak: time.Minute, Progress: io.Discard})
	if !errors.Is(err, bench.ErrOptions) || !strings.Contains(err.Error(), `"squential"`) || !strings.Contains(err.Error(), "sequential") {
		t.Errorf("%v", err)
	}
	_, err = bench.Run(t.Context(), bench.Options{Scenarios: []string{"soak"}, URL: "http://127.0.0.1:1", Scale: 1, Soak: time.Minute, Progress: io.Discard})
	if !errors.Is(err, bench.ErrOptions) {
		t.Errorf("soak elsewhere: %v", err)
	}
}
