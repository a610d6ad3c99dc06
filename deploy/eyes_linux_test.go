package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shown is what HOTCELL_PICTURE saves of a panel.
type shown struct {
	Panel panel               `json:"panel"`
	Lines map[string][]series `json:"lines"` // by refId
}

func TestPrometheusFindsWhatDashboardAndRulesUse(t *testing.T) {
	h := startHotcell(t)
	p := startPrometheus(t, h.address, h.metricsKey)
	begin := time.Now()
	load := startLoad(t, h)
	eventually(t, "the rules have something to go by", func() error {
		return recorded(p, begin)
	})
	t.Run("NoAlertFiresWhileAllIsWell", func(t *testing.T) {
		if firing := alerts(t, p, "firing"); len(firing) > 0 {
			t.Errorf("firing: %v", firing)
		}
	})
	if os.Getenv("HOTCELL_PICTURE") != "" {
		time.Sleep(20 * time.Second) // so that more is visible
	}
	load.burst()
	t.Run("KilledZygotesAreFlappingZygotes", func(t *testing.T) {
		killZygotes(t, h, p)
		eventually(t, "the alert fires", func() error {
			if firing := alerts(t, p, "firing"); !slices.Contains(firing, "HotcellZygoteFlapping") {
				return fmt.Errorf("firing: %v", firing)
			}
			return nil
		})
	})
	if os.Getenv("HOTCELL_PICTURE") != "" {
		time.Sleep(20 * time.Second)
	}
	load.stop()
	load.mu.Lock()
	t.Logf("answers: %v", load.seen)
	load.mu.Unlock()
	time.Sleep(2 * time.Second) // so that the last events are scraped, too
	end := time.Now()
	t.Run("NoPanelIsEmpty", func(t *testing.T) { noPanelIsEmpty(t, p, begin, end) })
	t.Run("EveryVariableHasValues", func(t *testing.T) {
		for _, v := range readDashboard(t).Templating.List {
			metric, _, _ := strings.Cut(strings.TrimPrefix(v.Definition, "label_values("), ",")
			if v.Type == "query" && !has(t, p, metric, begin, end, v.Name) {
				t.Errorf("%s: no values of %s", v.Name, v.Definition)
			}
		}
	})
	t.Run("RulesAskForMetricsThatThereAre", func(t *testing.T) {
		rules, err := p.rules()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			if r.Health != "ok" {
				t.Errorf("%s: %s %s", r.Name, r.Health, r.LastError)
			}
			for _, metric := range slices.Compact(metricName.FindAllString(r.Query, -1)) {
				if !has(t, p, metric, begin, end) {
					t.Errorf("%s asks for %s, which there is not", r.Name, metric)
				}
			}
		}
	})
	t.Run("SaturationIsSeen", func(t *testing.T) {
		if !has(t, p, `instance_code:hotcell_refusals:rate5m{code=~"saturated|rate_limited"} > 0`, begin, end) {
			t.Errorf("nothing was refused, of %v", load.seen)
		}
	})
}

var metricName = regexp.MustCompile(`\b(?:[a-z_]+:)?hotcell_[a-z_]+(?::[a-z0-9]+)?\b|\bup\b`)

// recorded checks that every recording rule has recorded something.
func recorded(p *prometheus, begin time.Time) error {
	rules, err := p.rules()
	if err == nil && len(rules) == 0 {
		err = fmt.Errorf("no rules")
	}
	for _, r := range rules {
		if err != nil || r.Type != "recording" {
			continue
		}
		var lines []series
		if lines, err = p.during(r.Name, begin, time.Now()); err == nil && len(lines) == 0 {
			err = fmt.Errorf("nothing of %s", r.Name)
		}
	}
	return err
}

// alerts returns the names of the alerts in a state.
func alerts(t *testing.T, p *prometheus, state string) []string {
	t.Helper()
	rules, err := p.rules()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range rules {
		if r.State == state {
			names = append(names, r.Name)
		}
	}
	return names
}

// killZygotes kills a jail with its zygote four times, each time when it is ready
// again. The fourth makes up for the extrapolation of increase, which may find fewer
// than there were.
func killZygotes(t *testing.T, h *hotcell, p *prometheus) {
	t.Helper()
	for died := 1; died <= 4; died++ {
		eventually(t, "there is a jail to kill", func() error {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", h.Process.Pid, h.Process.Pid))
			children := strings.Fields(string(text))
			for _, tid := range threads(h.Process.Pid) {
				text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", h.Process.Pid, tid))
				children = append(children, strings.Fields(string(text))...)
			}
			if len(children) == 0 {
				return fmt.Errorf("hotcell has no children: %v", err)
			}
			for _, child := range children {
				pid, err := strconv.Atoi(child)
				if err != nil {
					return err
				}
				_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended just now
			}
			return nil
		})
		query := fmt.Sprintf(`hotcell_zygote_replacements_total{reason="died"} >= %d`, died)
		eventually(t, "Prometheus knows of it, and hotcell is ready", func() error {
			if !has(t, p, query, time.Now().Add(-5*time.Second), time.Now()) {
				return fmt.Errorf("nothing of %s", query)
			}
			return get("http://"+h.address+"/readyz", nil)
		})
	}
}

func threads(pid int) []string {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	var tids []string
	for _, entry := range entries {
		tids = append(tids, entry.Name())
	}
	return tids
}

// has reports whether a query returned a number, and its series have the labels.
func has(t *testing.T, p *prometheus, query string, begin, end time.Time, labels ...string) bool {
	t.Helper()
	lines, err := p.during(query, begin, end)
	if err != nil {
		t.Errorf("%s: %v", query, err)
	}
	for _, line := range lines {
		for _, label := range labels {
			if line.Metric[label] == "" {
				t.Errorf("%s: no label %s in %v", query, label, line.Metric)
			}
		}
	}
	return slices.ContainsFunc(lines, func(line series) bool { return slices.ContainsFunc(line.Values, isNumber) })
}

func isNumber(value [2]any) bool {
	text, _ := value[1].(string)
	number, err := strconv.ParseFloat(text, 64)
	return err == nil && !math.IsNaN(number) && !math.IsInf(number, 0)
}

var legendLabel = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)

func noPanelIsEmpty(t *testing.T, p *prometheus, begin, end time.Time) {
	d := readDashboard(t)
	var picture []shown
	for _, one := range d.Panels {
		kept := shown{Panel: one, Lines: make(map[string][]series)}
		for _, target := range one.Targets {
			query := asked(target.Expr)
			var labels []string
			for _, match := range legendLabel.FindAllStringSubmatch(target.LegendFormat, -1) {
				labels = append(labels, match[1])
			}
			if !has(t, p, query, begin, end, labels...) {
				t.Errorf("%q shows nothing of %s", one.Title, query)
			}
			lines, err := p.during(query, begin, end)
			if err != nil {
				t.Fatal(err)
			}
			kept.Lines[target.RefID] = lines
		}
		picture = append(picture, kept)
	}
	for _, annotation := range d.Annotations.List {
		if _, err := p.during(asked(annotation.Expr), begin, end); annotation.Expr != "" && err != nil {
			t.Errorf("annotation %q: %v", annotation.Name, err)
		}
	}
	// The panels together must show that something happened.
	if moving := maps.Keys(moves(picture)); len(slices.Collect(moving)) < 20 {
		t.Errorf("too little changed in the panels: %v", slices.Sorted(maps.Keys(moves(picture))))
	}
	if file := os.Getenv("HOTCELL_PICTURE"); file != "" {
		text, err := json.Marshal(picture)
		if err == nil {
			err = os.WriteFile(file, text, 0o644)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// moves returns the titles of panels in which some value changed.
func moves(picture []shown) map[string]bool {
	found := make(map[string]bool)
	for _, one := range picture {
		for _, lines := range one.Lines {
			for _, line := range lines {
				for _, value := range line.Values {
					if value[1] != line.Values[0][1] {
						found[one.Panel.Title] = true
					}
				}
			}
		}
	}
	return found
}
