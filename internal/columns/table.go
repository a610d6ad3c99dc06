package columns

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"
)

const (
	gap   = 2  // between two columns
	least = 10 // a column that has more is wrapped before one is left out
)

// Table is rows of cells.
type Table struct {
	Heads []string // of the columns; none: the table has no heads
	Rows  [][]string
}

// Write writes the table. If it has more columns than width, the widest are wrapped, and
// if that does not suffice, the last ones are left out, and a line below says which. 0 is
// no bound.
func (t Table) Write(w io.Writer, width int) error {
	rows := t.Rows
	if len(t.Heads) > 0 {
		rows = slices.Concat([][]string{t.Heads}, rows)
	}
	widths := natural(rows)
	if width == 0 || sum(widths) <= width {
		return t.plain(w, rows)
	}
	smallest := make([]int, len(widths))
	for i, one := range widths {
		smallest[i] = min(one, least)
	}
	shown := Fit(smallest, gap, width)
	widths = widths[:shown]
	for sum(widths) > width {
		widest := 0
		for i, one := range widths {
			if one >= widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= 1 {
			break
		}
		widths[widest]--
	}
	var text strings.Builder
	for _, row := range rows {
		writeRow(&text, row[:min(len(row), shown)], widths)
	}
	if shown < len(smallest) {
		text.WriteString(Wrap(t.leftOut(shown, len(smallest), width), width, "  ") + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (t Table) plain(w io.Writer, rows [][]string) error {
	table := tabwriter.NewWriter(w, 0, 0, gap, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

func (t Table) leftOut(shown, all, width int) string {
	if len(t.Heads) == all {
		return LeftOut(t.Heads[shown:], width)
	}
	return fmt.Sprintf("(%d of %d columns are left out: the terminal has %d)", all-shown, all, width)
}

// LeftOut says which columns of a table do not fit.
func LeftOut(heads []string, width int) string {
	return fmt.Sprintf("(left out: %s; the terminal has %d columns)", strings.Join(heads, ", "), width)
}

// writeRow writes one row in as many lines as its highest cell needs.
func writeRow(text *strings.Builder, row []string, widths []int) {
	lines := make([][]string, len(row))
	height := 1
	for i, cell := range row {
		lines[i] = wrapped(cell, widths[i], true)
		height = max(height, len(lines[i]))
	}
	for n := range height {
		var line strings.Builder
		for i := range row {
			part := ""
			if n < len(lines[i]) {
				part = lines[i][n]
			}
			line.WriteString(part + strings.Repeat(" ", max(widths[i]-ansi.StringWidth(part), 0)+gap))
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// natural returns the width of each column's widest cell.
func natural(rows [][]string) []int {
	longest := slices.MaxFunc(rows, func(a, b []string) int { return cmp.Compare(len(a), len(b)) })
	widths := make([]int, len(longest))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	return widths
}

// sum returns the width of a whole table.
func sum(widths []int) int {
	all := gap * (len(widths) - 1)
	for _, one := range widths {
		all += one
	}
	return all
}
