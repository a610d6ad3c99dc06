package top

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotcell/hotcell/client/metrics"
	"github.com/hotcell/hotcell/internal/columns"
)

// Look says how to draw a view.
type Look struct {
	Width, Height int       // 0: no bound
	Color         bool      // bold and colours
	History       []float64 // requests per second, the newest last, for the sparkline
	Notice        string    // a line that stands out, such as an error
	Footer        string
}

const nothing = "–" // for unknown values

// Render returns a view as text. It says what does not fit: columns and lines by their
// names and number, and "…" ends a line that is cut.
func Render(v *View, look Look) string {
	d := drawing{look: look}
	d.header(v)
	d.profiles(v)
	d.latency(v)
	d.rates(v)
	if look.Footer != "" {
		d.line(d.dim(look.Footer))
	}
	return d.fitted()
}

type drawing struct {
	look  Look
	lines []string
}

func (d *drawing) line(text string) { d.lines = append(d.lines, strings.TrimRight(text, " ")) }

func (d *drawing) style(text string, style lipgloss.Style) string {
	if !d.look.Color {
		return text
	}
	return style.Render(text)
}

func (d *drawing) title(text string) string { return d.style(text, lipgloss.NewStyle().Bold(true)) }
func (d *drawing) dim(text string) string   { return d.style(text, lipgloss.NewStyle().Faint(true)) }
func (d *drawing) bad(text string) string {
	return d.style(text, lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Color("1")))
}
func (d *drawing) warn(text string) string {
	return d.style(text, lipgloss.NewStyle().Foreground(lipgloss.Color("3")))
}
func (d *drawing) good(text string) string {
	return d.style(text, lipgloss.NewStyle().Foreground(lipgloss.Color("2")))
}

func (d *drawing) header(v *View) {
	d.line(d.title("hotcell "+v.Version) + "  " + v.URL + "  up " + span(v.UptimeS) + "  " + d.dim(v.At.UTC().Format(time.TimeOnly)+" UTC"))
	switch {
	case d.look.Notice != "":
		d.line(d.bad(d.look.Notice))
	case v.Restarted:
		d.line(d.warn("the server was started anew: figures are since then"))
	default:
		d.line("")
	}
	waiting := "waiting " + of(v.Waiting, v.WaitingLimit)
	if v.Waiting != nil && *v.Waiting > 0 {
		waiting = d.warn(waiting)
	}
	if v.BatchRunning != nil && v.BatchWaiting != nil && *v.BatchRunning+*v.BatchWaiting > 0 {
		waiting += fmt.Sprintf("  batches run %s, wait %s", count(v.BatchRunning), count(v.BatchWaiting))
	}
	d.flow("running "+of(v.Running, v.RunningLimit), waiting,
		"sessions "+of(v.Sessions, v.SessionsLimit), "terminals "+of(v.Terminals, v.TerminalLimit),
		"memory "+size(v.MemoryBytes), "fds "+count(v.Descriptors))
	if v.JobsQueued != nil { // there is a store of jobs
		d.flow("jobs queued "+count(v.JobsQueued), "run "+count(v.JobsClaimed), "oldest "+span(v.OldestJobS), "redelivered "+count(v.JobsRedelivered),
			"webhooks pending "+count(v.WebhooksPending), "retried "+count(v.WebhooksRetried), "given up "+count(v.WebhooksGivenUp))
	}
	spark := ""
	if d.look.Width > 50 {
		spark = "  " + d.good(sparkline(d.look.History, d.look.Width-44))
	}
	d.line(d.title("requests "+padLeft(rate(v.Requests), 7)+"/s") + d.dim("  over the last "+span(v.WindowS)) + spark)
	d.line("")
}

// flow draws parts in as few lines as they fit into.
func (d *drawing) flow(parts ...string) {
	line := parts[0]
	for _, part := range parts[1:] {
		if d.look.Width > 0 && lipgloss.Width(line+"  "+part) > d.look.Width {
			d.line(line)
			line = part
			continue
		}
		line += "  " + part
	}
	d.line(line)
}

// row draws the first cells of a table: as many as the screen has room for. Each is as wide
// as its column already.
func (d *drawing) row(cells ...string) (shown int) {
	widths := make([]int, len(cells))
	for i, cell := range cells {
		widths[i] = lipgloss.Width(cell)
	}
	shown = columns.Fit(widths, 0, d.look.Width)
	d.line(strings.Join(cells[:shown], ""))
	return shown
}

func (d *drawing) profiles(v *View) {
	const zygoteWidth = 10 // most have less
	heads := []string{"ready", "target", "making", "claimed", "hit/s", "miss/s", "zygote"}
	cells := []string{d.title(padRight("PROFILE", 16)), d.title(padLeft(heads[0], 7))}
	for _, head := range heads[1:6] {
		cells = append(cells, d.title(padLeft(head, 8)))
	}
	shown := d.row(append(cells, d.title("  "+padRight(heads[6], zygoteWidth)))...)
	for _, p := range v.Profiles {
		ready := padLeft(count(p.Ready), 7)
		switch {
		case p.Ready == nil || p.Target == nil:
		case *p.Ready == 0:
			ready = d.bad(ready)
		case *p.Ready < *p.Target:
			ready = d.warn(ready)
		default:
			ready = d.good(ready)
		}
		zygote := "#" + count(p.Generation)
		if p.ZygoteAgeS != nil {
			zygote += " " + span(p.ZygoteAgeS)
		}
		cells := []string{padRight(metrics.Printable(p.Name, 15), 16), ready, padLeft(count(p.Target), 8), padLeft(count(p.Making), 8),
			padLeft(count(p.Claimed), 8), padLeft(rate(p.Hits), 8), padLeft(rate(p.Misses), 8), "  " + zygote}
		d.line(strings.Join(cells[:shown], ""))
		if p.FailingNow != nil && *p.FailingNow > 0 {
			d.line(d.bad(fmt.Sprintf("  cells cannot be made: %s failures in a row, %s ever", count(p.FailingNow), count(p.RefillFailures))))
		}
		if len(p.LayersMissing) > 0 {
			d.line(d.bad("  isolation is missing: " + strings.Join(p.LayersMissing, ", ")))
		}
	}
	if shown <= len(heads) {
		d.line(d.dim(columns.LeftOut(heads[shown-1:], d.look.Width)))
	}
	d.line("")
}

func (d *drawing) latency(v *View) {
	d.line(d.title(fmt.Sprintf("%-16s%7s%9s%9s%9s", "STEP", "/s", "p50", "p90", "p99")))
	for _, l := range v.Latency {
		d.line(padRight(l.Step, 16) + padLeft(rate(l.PerSecond), 7) + padLeft(took(l.P50), 9) + padLeft(took(l.P90), 9) + padLeft(took(l.P99), 9))
	}
	d.line("")
}

// rates draws verdicts and refusals: side by side, if there is room.
func (d *drawing) rates(v *View) {
	const half, both = 38, 76
	verdicts, refusals := d.rateTable("VERDICT", v.Verdicts, 16), d.rateTable("REFUSED", v.Refusals, 20)
	if d.look.Width > 0 && d.look.Width < both {
		for _, line := range slices.Concat(verdicts, []string{""}, refusals) {
			d.line(line)
		}
		return
	}
	for i := range max(len(verdicts), len(refusals)) {
		left, right := "", ""
		if i < len(verdicts) {
			left = verdicts[i]
		}
		if i < len(refusals) {
			right = refusals[i]
		}
		d.line(padRight(left, half) + right)
	}
}

// rateTable returns the lines of a table whose first column has this width.
func (d *drawing) rateTable(head string, list []Rate, width int) []string {
	lines := []string{d.title(padRight(head, width) + fmt.Sprintf("%8s%10s", "/s", "ever"))}
	for _, r := range list {
		lines = append(lines, padRight(metrics.Printable(r.Name, width-1), width)+padLeft(rate(r.PerSecond), 8)+padLeft(count(&r.Total), 10))
	}
	if len(list) == 0 {
		lines = append(lines, d.dim("none yet"))
	}
	return lines
}

func (d *drawing) fitted() string {
	lines := d.lines
	if h := d.look.Height; h > 0 && len(lines) > h {
		footer := lines[len(lines)-1] + d.dim(fmt.Sprintf("  (%d lines do not fit)", len(lines)-h))
		lines = append(lines[:h-1:h-1], footer)
	}
	if w := d.look.Width; w > 0 {
		for i, line := range lines {
			lines[i] = ansi.Truncate(line, w, "…")
		}
	}
	return strings.Join(lines, "\n")
}

// padRight and padLeft count columns; styles have no width.
func padRight(text string, width int) string {
	return text + strings.Repeat(" ", max(width-lipgloss.Width(text), 0))
}

func padLeft(text string, width int) string {
	return strings.Repeat(" ", max(width-lipgloss.Width(text), 0)) + text
}

func of(value, limit *float64) string { return count(value) + "/" + count(limit) }

func count(value *float64) string {
	switch {
	case value == nil:
		return nothing
	case math.Abs(*value) >= 1e9:
		return fmt.Sprintf("%.3g", *value)
	}
	return fmt.Sprintf("%.0f", *value)
}

func rate(value *float64) string {
	switch {
	case value == nil:
		return nothing
	case *value >= 1e6:
		return fmt.Sprintf("%.2g", *value)
	case *value >= 100 || *value == 0:
		return fmt.Sprintf("%.0f", *value)
	}
	return fmt.Sprintf("%.1f", *value)
}

// took formats the duration of a step, which may be microseconds.
func took(seconds *float64) string {
	switch {
	case seconds == nil:
		return nothing
	case *seconds < 0.001:
		return fmt.Sprintf("%.0f µs", *seconds*1e6)
	case *seconds < 1:
		return fmt.Sprintf("%.3g ms", *seconds*1e3)
	}
	return fmt.Sprintf("%.3g s", *seconds)
}

// span formats a length of time.
func span(seconds *float64) string {
	switch {
	case seconds == nil:
		return nothing
	case *seconds < 90:
		return fmt.Sprintf("%.2gs", *seconds)
	case *seconds < 5400:
		return fmt.Sprintf("%.0fm", *seconds/60)
	case *seconds < 48*3600:
		return fmt.Sprintf("%.0fh", *seconds/3600)
	}
	return fmt.Sprintf("%.0fd", *seconds/86400)
}

func size(bytes *float64) string {
	if bytes == nil {
		return nothing
	}
	return fmt.Sprintf("%.0f MiB", *bytes/(1<<20))
}

// sparkline draws a column for each value, and the newest ones if not all fit.
func sparkline(values []float64, width int) string {
	const ramp = "▁▂▃▄▅▆▇█"
	if width <= 0 {
		return ""
	}
	values = values[max(len(values)-width, 0):]
	top := 0.0
	for _, value := range values {
		top = max(top, value)
	}
	levels := []rune(ramp)
	var line strings.Builder
	for _, value := range values {
		level := 0
		if top > 0 && value > 0 {
			level = min(int(value/top*float64(len(levels))), len(levels)-1)
		}
		line.WriteRune(levels[level])
	}
	return line.String()
}
