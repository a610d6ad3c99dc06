package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotcell/hotcell/bench/machine"
	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/internal/columns"
)

// Report is one run. Durations are in milliseconds in JSON, unless the name says
// otherwise.
type Report struct {
	Machine string         `json:"machine"`
	Facts   []machine.Fact `json:"facts"`
	Version string         `json:"version"`
	// What capacity is computed with.
	Processors     int `json:"processors"`
	PoolSize       int `json:"pool_size"`
	RefillParallel int `json:"refill_parallel"`

	// Others is what other programs used in the pauses between scenarios. If it is much, the
	// figures do not count.
	Others machine.Others `json:"others"`
	Quiet  bool           `json:"quiet"`

	Began   time.Time `json:"began"`
	Took    float64   `json:"took_seconds"`
	Seed    uint64    `json:"seed"`
	Scale   float64   `json:"scale"`
	Results []*Result `json:"results"`
	Goals   []Goal    `json:"goals"`
}

func (r *Report) judge() { r.Goals, r.Quiet = Judge(r.Results), r.Others.Quiet() }

// Met reports whether every goal was met.
func (r *Report) Met() bool {
	return !slices.ContainsFunc(r.Goals, func(goal Goal) bool { return !goal.Met })
}

// Print writes the report for a terminal that has so many columns; 0: as wide as it is.
func (r *Report) Print(w io.Writer, width int) error {
	var out strings.Builder
	for _, part := range r.sections() {
		fmt.Fprintf(&out, "\n%s\n", columns.Wrap(part.head, width, "  "))
		if len(part.rows) > 0 {
			_ = columns.Table{Heads: part.rows[0], Rows: part.rows[1:]}.Write(&out, width) // a builder takes everything
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// Markdown writes the report as Markdown.
func (r *Report) Markdown(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "# hotcell bench, %s\n", r.Began.UTC().Format("2006-01-02 15:04 UTC"))
	for _, part := range r.sections() {
		fmt.Fprintf(&out, "\n## %s\n\n", part.head)
		for i, row := range part.rows {
			fmt.Fprintf(&out, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				fmt.Fprintf(&out, "|---|%s\n", strings.Repeat("---:|", len(row)-1))
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// section is a heading and the table below it, whose first row has the columns' heads.
type section struct {
	head string
	rows [][]string
}

func (r *Report) sections() (all []section) {
	add := func(head string, rows ...[]string) {
		if len(rows) != 1 { // else there is nothing below the heads
			all = append(all, section{head, rows})
		}
	}
	facts := [][]string{{"fact", "value"}}
	for _, fact := range r.Facts {
		facts = append(facts, []string{fact.Name, fact.Value})
	}
	add("Machine", append(facts, []string{"other programs used", r.Others.String()})...)
	if !r.Quiet {
		add("The machine was not quiet: these figures do not count")
	}
	goals := [][]string{{"goal", "wanted", "aim", "measured", ""}}
	for _, goal := range r.Goals {
		goals = append(goals, goal.cells())
	}
	add("Goals", goals...)
	for _, result := range r.Results {
		var rows [][]string
		for _, one := range result.Rows {
			rows = append(rows, one.cells())
		}
		if len(rows) > 0 {
			rows = append([][]string{{"", "n", "rate", "p50", "p90", "p99", "p99.9", "max", "late p99"}}, rows...)
		}
		add(result.Scenario+": "+result.About, rows...)
		add(result.Scenario+": where the time went, means in ms", append([][]string{append([]string{""}, partNames...)}, result.breakdowns()...)...)
		figures := [][]string{{"figure", "value"}}
		for _, value := range result.Values {
			figures = append(figures, []string{value.Name, quantity(value.Value, value.Unit)})
		}
		add(result.Scenario+": figures", figures...)
		for _, note := range result.Notes {
			add("Note: " + note)
		}
	}
	return all
}

var partNames = []string{"parse", "queue", "hand-over", "run", "reply", "all"}

func (r *Result) breakdowns() [][]string {
	var rows [][]string
	for _, row := range r.Rows {
		cells := []string{row.Name}
		for _, part := range row.Load.Where.Parts() {
			cells = append(cells, fmt.Sprintf("%.2f", traffic.Milliseconds(part.Mean)))
		}
		if len(cells) > 1 {
			rows = append(rows, cells)
		}
	}
	return rows
}

func (g Goal) cells() []string {
	wanted, aim, verdict := "at most ", "", "met"
	if g.AtLeast {
		wanted = "at least "
	}
	if g.Aim != 0 {
		aim = quantity(g.Aim, g.Unit)
	}
	if !g.Met {
		verdict = "MISSED"
	}
	return []string{g.Name, wanted + quantity(g.Goal, g.Unit), aim, quantity(g.Value, g.Unit), verdict}
}

func (r Row) cells() []string {
	h := r.Load.Latency
	cells := []string{r.Name, fmt.Sprint(h.Count()), fmt.Sprintf("%.1f/s", r.Load.Rate())}
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999, 1} {
		cells = append(cells, latency(h, q))
	}
	late := ""
	if r.Load.Late.Quantile(1) > traffic.Shortest { // else it was no open loop
		late = latency(r.Load.Late, 0.99)
	}
	return append(cells, late)
}

// latency returns a quantile, or a dash if there are too few requests for it: at
// least one must lie beyond it, except for the maximum.
func latency(h *traffic.Histogram, q float64) string {
	if h.Count() == 0 || q < 1 && q > 0.99 && float64(h.Count())*(1-q) < 1 {
		return "–"
	}
	return fmt.Sprintf("%.2f ms", traffic.Milliseconds(h.Quantile(q)))
}

func quantity(value float64, unit string) string {
	text := fmt.Sprintf("%.2f", value)
	if value >= 100 || value == float64(int(value)) {
		text = fmt.Sprintf("%.0f", value)
	}
	switch unit {
	case "":
		return text
	case "×", "/s":
		return text + unit
	}
	return text + " " + unit
}

// WriteFile writes the raw figures and the goals as JSON.
func (r *Report) WriteFile(path string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// WriteDir writes results.json, from which tools/plots draws, and results.md.
func (r *Report) WriteDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	table, err := os.Create(filepath.Join(dir, "results.md"))
	if err != nil {
		return err
	}
	return errors.Join(r.WriteFile(filepath.Join(dir, "results.json")), r.Markdown(table), table.Close())
}
