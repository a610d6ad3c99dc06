// Package columns fits what commands print into the width of a terminal. What does not go
// to a terminal is never changed.
//
//   - columns.go: how wide a terminal is, and text that is wrapped
//   - table.go: tables
package columns

import (
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// usual is for terminals that do not say how wide they are.
const usual = 80

// Of returns how many columns lines that are written to w may have: 0, which is no bound,
// unless w is a terminal. The variable COLUMNS decides over the terminal's own size.
func Of(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
		return columns
	}
	return usual
}

// A line may end after each of these pieces of text.
var pieces = regexp.MustCompile(`[,;-]*[^ ,;-]+[,;-]* *|.[ ,;-]*`)

// Wrap returns text in lines of at most width columns, or as it is if width is 0. Lines
// after the first begin with indent. Words that are longer, such as addresses, stay whole.
func Wrap(text string, width int, indent string) string {
	if width == 0 {
		return text
	}
	return strings.Join(wrapped(text, width-len(indent), false), "\n"+indent)
}

// wrapped returns text in lines. cut says whether words that are too long are cut.
func wrapped(text string, limit int, cut bool) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		now := ""
		end := func() {
			lines = append(lines, strings.TrimRight(now, " "))
			now = ""
		}
		for _, piece := range pieces.FindAllString(line, -1) {
			if now != "" && ansi.StringWidth(now+strings.TrimRight(piece, " ")) > limit {
				end()
			}
			for cut && ansi.StringWidth(strings.TrimRight(piece, " ")) > limit {
				now = ansi.Truncate(piece, limit, "")
				if now == "" { // not even one character fits
					now = string([]rune(piece)[:1])
				}
				piece = piece[len(now):]
				end()
			}
			now += piece
		}
		end()
	}
	return lines
}

// Fit returns how many of the first columns fit, at least one, if a gap is between two of
// them: all if width is 0.
func Fit(widths []int, gap, width int) int {
	sum := -gap
	for i, one := range widths {
		if sum += gap + one; width > 0 && i > 0 && sum > width {
			return i
		}
	}
	return len(widths)
}
