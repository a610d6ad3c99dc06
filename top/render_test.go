package top_test

import (
	"fmt"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"

	"github.com/hotcell/hotcell/top"
)

// crowded returns a view with more lines than the screen in every part.
func crowded(t *testing.T) *top.View {
	t.Helper()
	var text strings.Builder
	for i := range 40 {
		fmt.Fprintf(&text, "hotcell_cells{profile=\"profile-with-a-long-name-%d\",state=\"ready\"} %d\n", i, i)
		fmt.Fprintf(&text, "hotcell_isolation_layer_held{profile=\"profile-with-a-long-name-%d\",layer=\"a layer with a long name\"} 0\n", i)
	}
	return top.NewView("http://127.0.0.1:8080", nil, sample(t, 0, text.String()))
}

func TestAViewFitsTheScreen(t *testing.T) {
	v := crowded(t)
	for _, screen := range []struct{ width, height int }{{80, 24}, {200, 60}, {20, 5}, {1, 1}} {
		for _, color := range []bool{false, true} {
			text := top.Render(v, top.Look{Width: screen.width, Height: screen.height, Color: color, History: make([]float64, 500), Notice: strings.Repeat("n", 300), Footer: "q leaves"})
			lines := strings.Split(text, "\n")
			if len(lines) > screen.height {
				t.Errorf("%v: %d lines", screen, len(lines))
			}
			for _, line := range lines {
				if lipgloss.Width(line) > screen.width {
					t.Errorf("%v: %d columns: %q", screen, lipgloss.Width(line), line)
				}
			}
			if strings.Contains(text, "\x1b[") != color && screen.width > 10 {
				t.Errorf("%v: colour %v: %q", screen, color, text)
			}
			if screen.width > 10 && !strings.Contains(lines[len(lines)-1], "q leaves") {
				t.Errorf("%v: how to leave is not told: %q", screen, lines[len(lines)-1])
			}
		}
	}
}

func TestANarrowViewSaysWhatItLeavesOut(t *testing.T) {
	v := crowded(t)
	text := top.Render(v, top.Look{Width: 60})
	for _, want := range []string{"(left out: miss/s, zygote; the terminal has 60 columns)\n", "\nREFUSED "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	lines := strings.Split(top.Render(v, top.Look{Width: 60, Height: 20, Footer: "q leaves"}), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "q leaves  (") || !strings.HasSuffix(last, " lines do not fit)") {
		t.Errorf("%q", last)
	}
	if wide := top.Render(v, top.Look{}); strings.Contains(wide, "left out") || !strings.Contains(wide, "zygote\n") || strings.Contains(wide, "\nREFUSED") {
		t.Errorf("%s", wide)
	}
}

func TestJobsAreShownIfThereIsAStoreOfThem(t *testing.T) {
	for text, want := range map[string]string{
		"hotcell_job_redeliveries_total 0\n": "",
		"hotcell_jobs_queued 12\nhotcell_jobs_claimed 4\nhotcell_jobs_oldest_seconds 600\nhotcell_job_redeliveries_total 2\nhotcell_webhooks_pending 1\n" +
			"hotcell_webhook_attempts_total{outcome=\"retried\"} 7\nhotcell_webhook_attempts_total{outcome=\"given_up\"} 3\n": "jobs queued 12  run 4  oldest 10m  redelivered 2  webhooks pending 1  retried 7  given up 3\n",
	} {
		got := top.Render(top.NewView("", nil, sample(t, 0, text)), top.Look{})
		if want == "" && strings.Contains(got, "jobs") || !strings.Contains(got, want) {
			t.Errorf("%s\nwant %q", got, want)
		}
	}
}

func TestASparklineHasTheNewestValues(t *testing.T) {
	history := []float64{9, 9, 9, 0, 1, 8}
	text := top.Render(crowded(t), top.Look{Width: 51, Height: 24, History: append(history, 0, 0, 4, 8)})
	if !strings.Contains(text, "  ▁▂█▁▁▅█\n") {
		t.Errorf("%s", text)
	}
}
