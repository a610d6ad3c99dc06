package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// Goal is a figure that was promised: Value is to be at most Goal.
type Goal struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Goal  float64 `json:"goal"`
	Value float64 `json:"value"`
	Met   bool    `json:"met"`
}

// Report is one run. Durations are in nanoseconds in JSON.
type Report struct {
	Machine    string    `json:"machine"`
	Began      time.Time `json:"began"`
	Sequential Latencies `json:"sequential,omitempty"`
	OneNsjail  Latencies `json:"one_nsjail_a_request,omitempty"`
	ParkedPSS  int64     `json:"parked_pss_bytes,omitempty"`
	Fairness   Fairness  `json:"fairness,omitzero"`
	Goals      []Goal    `json:"goals"`
}

// Judge compares the figures with the goals.
func (r *Report) Judge() {
	r.Goals = nil
	if len(r.Sequential) > 0 {
		r.add("median of sequential requests", "ms", 3, milliseconds(r.Sequential.Quantile(0.5)))
	}
	if r.ParkedPSS > 0 {
		r.add("PSS of a parked cell", "MB", 6, float64(r.ParkedPSS)/1e6)
	}
	if len(r.Fairness.Beside) > 0 {
		r.add("median of a quiet key beside a crowd, of the crowd's own", "%", 25,
			100*float64(r.Fairness.Beside.Quantile(0.5))/float64(max(1, r.Fairness.Greedy.Quantile(0.5))))
	}
}

func (r *Report) add(name, unit string, goal, value float64) {
	r.Goals = append(r.Goals, Goal{Name: name, Unit: unit, Goal: goal, Value: value, Met: value <= goal})
}

// Met says whether every goal was.
func (r *Report) Met() bool {
	for _, goal := range r.Goals {
		if !goal.Met {
			return false
		}
	}
	return true
}

// Print writes the report as a table that a person reads.
func (r *Report) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%s\n\n", r.Machine)
	fmt.Fprintln(table, "the seed's pandas request\tn\tp50\tp90\tp99\tmax\t")
	row := func(name string, l Latencies) {
		fmt.Fprintf(table, "%s\t%d\t%.2f ms\t%.2f ms\t%.2f ms\t%.2f ms\t\n", name, len(l),
			milliseconds(l.Quantile(0.5)), milliseconds(l.Quantile(0.9)), milliseconds(l.Quantile(0.99)), milliseconds(l.Quantile(1)))
	}
	row("hotcell, sequential, warm pool", r.Sequential)
	if len(r.OneNsjail) > 0 {
		row("one nsjail a request", r.OneNsjail)
		fmt.Fprintf(table, "hotcell is faster by, at the median\t\t%.0f×\t\t\t\t\n",
			float64(r.OneNsjail.Quantile(0.5))/float64(max(1, r.Sequential.Quantile(0.5))))
	}
	if f := r.Fairness; len(f.Beside) > 0 {
		row("a quiet key, alone", f.Alone)
		row(fmt.Sprintf("the same, beside a key with %d requests", f.Crowd), f.Beside)
		row("those requests", f.Greedy)
	}
	fmt.Fprintln(table)
	fmt.Fprintln(table, "goal\tat most\tmeasured\t\t")
	for _, goal := range r.Goals {
		verdict := "met"
		if !goal.Met {
			verdict = "MISSED"
		}
		fmt.Fprintf(table, "%s\t%.1f %s\t%.2f %s\t%s\t\n", goal.Name, goal.Goal, goal.Unit, goal.Value, goal.Unit, verdict)
	}
	return table.Flush()
}

// WriteFile writes the raw figures and the goals as JSON.
func (r *Report) WriteFile(path string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// Machine names what the figures come from: processors, kernel, system.
func Machine() string {
	model := "unknown processor"
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return fmt.Sprintf("%d × %s, Linux %s, %s", runtime.NumCPU(), model, strings.TrimSpace(string(kernel)), runtime.Version())
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
