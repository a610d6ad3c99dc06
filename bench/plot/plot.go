// Package plot draws charts as SVG: lines, points, areas, on linear or
// logarithmic axes. It is small because the libraries for it bring fonts and
// PDF along, which the program would carry.
package plot

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Chart is one picture.
type Chart struct {
	Title    string
	Subtitle string // below the title, small: where it was measured
	X, Y     Axis
	Series   []Series
	Marks    []Mark
}

// Axis is a scale with its label. Min and Max widen it beyond the data, if they
// are set; a logarithmic one leaves out what is not above 0.
type Axis struct {
	Label    string
	Log      bool
	Min, Max float64
}

// Series is a line through points.
type Series struct {
	Name  string
	X, Y  []float64
	Dots  bool // the points are seen, too
	Fill  bool // down to the axis
	Steps bool // each value holds until the next
}

// Mark is a vertical line with a word.
type Mark struct {
	X    float64
	Text string
}

const (
	width, height            = 860.0, 460.0
	left, right, top, bottom = 74.0, 20.0, 64.0, 54.0
	legendRow                = 17.0
)

// Colours that differ also for those who see fewer, on white and on dark.
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#777777"}

// SVG is the picture.
func (c Chart) SVG() []byte {
	x, y := c.scales()
	var out strings.Builder
	full := height + legendRow*float64(len(c.Series))
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="system-ui, sans-serif" font-size="12" fill="#333">`+"\n", width, full)
	fmt.Fprintf(&out, `<rect width="%.0f" height="%.0f" fill="#fff"/>`+"\n", width, full)
	text(&out, left, 24, `font-size="17" font-weight="600"`, c.Title)
	text(&out, left, 44, `font-size="11" fill="#666"`, c.Subtitle)
	c.drawAxes(&out, x, y)
	for i, series := range c.Series {
		series.draw(&out, x, y, colours[i%len(colours)])
	}
	for _, mark := range c.Marks {
		at := x.place(mark.X)
		fmt.Fprintf(&out, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#999" stroke-dasharray="4 3"/>`+"\n", at, at, top, height-bottom)
		text(&out, at-4, top+12, `text-anchor="end" fill="#666"`, mark.Text)
	}
	for i, series := range c.Series {
		row := height + legendRow*float64(i)
		fmt.Fprintf(&out, `<rect x="%.1f" y="%.1f" width="14" height="4" fill="%s"/>`+"\n", left, row-6, colours[i%len(colours)])
		text(&out, left+22, row, "", series.Name)
	}
	out.WriteString("</svg>\n")
	return []byte(out.String())
}

func text(out *strings.Builder, x, y float64, style, words string) {
	if style != "" {
		style = " " + style
	}
	fmt.Fprintf(out, `<text x="%.1f" y="%.1f"%s>%s</text>`+"\n", x, y, style, html.EscapeString(words))
}

func (c Chart) drawAxes(out *strings.Builder, x, y scale) {
	for _, tick := range y.ticks() {
		at := y.place(tick)
		fmt.Fprintf(out, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#e4e4e4"/>`+"\n", left, width-right, at, at)
		text(out, left-8, at+4, `text-anchor="end"`, number(tick))
	}
	for _, tick := range x.ticks() {
		at := x.place(tick)
		fmt.Fprintf(out, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="#e4e4e4"/>`+"\n", at, at, top, height-bottom)
		text(out, at, height-bottom+18, `text-anchor="middle"`, number(tick))
	}
	fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="none" stroke="#999"/>`+"\n", left, top, width-left-right, height-top-bottom)
	text(out, (left+width-right)/2, height-bottom+36, `text-anchor="middle"`, c.X.Label)
	middle := (top + height - bottom) / 2
	text(out, 18, middle, fmt.Sprintf(`text-anchor="middle" transform="rotate(-90 18 %.1f)"`, middle), c.Y.Label)
}

func (s Series) draw(out *strings.Builder, x, y scale, colour string) {
	var path strings.Builder
	var first, last, before float64
	for i := range s.X {
		if !x.holds(s.X[i]) || !y.holds(s.Y[i]) {
			continue
		}
		px, py := x.place(s.X[i]), y.place(s.Y[i])
		switch {
		case path.Len() == 0:
			fmt.Fprintf(&path, "M%.1f %.1f", px, py)
			first = px
		case s.Steps:
			fmt.Fprintf(&path, "L%.1f %.1fL%.1f %.1f", px, before, px, py)
		default:
			fmt.Fprintf(&path, "L%.1f %.1f", px, py)
		}
		if s.Dots {
			fmt.Fprintf(out, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>`+"\n", px, py, colour)
		}
		last, before = px, py
	}
	if path.Len() == 0 {
		return
	}
	if s.Fill {
		fmt.Fprintf(out, `<path d="%sL%.1f %.1fL%.1f %.1fZ" fill="%s" fill-opacity="0.15"/>`+"\n", path.String(), last, height-bottom, first, height-bottom, colour)
	}
	fmt.Fprintf(out, `<path d="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", path.String(), colour)
}

// scales are what the data need.
func (c Chart) scales() (x, y scale) {
	x = newScale(c.X, left, width-right)
	y = newScale(c.Y, height-bottom, top)
	for _, series := range c.Series {
		for i := range series.X {
			x.widen(series.X[i])
			y.widen(series.Y[i])
		}
	}
	for _, mark := range c.Marks {
		x.widen(mark.X)
	}
	x.round()
	y.round()
	return x, y
}

func number(value float64) string {
	if value >= 1e6 {
		return fmt.Sprintf("%gM", value/1e6)
	}
	return fmt.Sprintf("%g", math.Round(value*1e6)/1e6)
}
