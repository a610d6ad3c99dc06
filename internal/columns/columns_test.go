package columns_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotcell/hotcell/internal/columns"
)

var keys = columns.Table{
	Heads: []string{"NAME", "RIGHTS", "SHARE", "RATE", "PROFILES"},
	Rows: [][]string{
		{"reports", "execute,sessions,admin", "1", "12.5", "all"},
		{"größer", "execute", "2", "any", "default,science,notebook"},
	},
}

func TestATableFitsItsWidth(t *testing.T) {
	for _, c := range []struct {
		name  string
		table columns.Table
		width int
		want  string
	}{
		{"without a bound", keys, 0, `
NAME     RIGHTS                  SHARE  RATE  PROFILES
reports  execute,sessions,admin  1      12.5  all
größer   execute                 2      any   default,science,notebook
`},
		{"as wide as it is", keys, 70, `
NAME     RIGHTS                  SHARE  RATE  PROFILES
reports  execute,sessions,admin  1      12.5  all
größer   execute                 2      any   default,science,notebook
`},
		{"cells are wrapped", keys, 54, `
NAME     RIGHTS           SHARE  RATE  PROFILES
reports  execute,         1      12.5  all
         sessions,admin
größer   execute          2      any   default,
                                       science,
                                       notebook
`},
		{"columns are left out", keys, 27, `
NAME     RIGHTS       SHARE
reports  execute,     1
         sessions,
         admin
größer   execute      2
(left out: RATE,
  PROFILES; the terminal
  has 27 columns)
`},
		{"no heads", columns.Table{Rows: [][]string{{"ok", "kernel", "6.18, which has all that hotcell needs"}, {"", "", "→ nothing to do"}}}, 36, `
ok  kernel  6.18, which has all that
            hotcell needs
            → nothing to do
`},
		{"no heads, and not even the first columns fit", columns.Table{Rows: [][]string{{"a-long-first-cell", "a-long-second-cell"}}}, 10, `
a-long-
first-cell
(1 of 2
  columns
  are left
  out: the
  terminal
  has 10)
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			if err := c.table.Write(&out, c.width); err != nil || "\n"+out.String() != c.want {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
}

func TestNoWidthIsTooSmall(t *testing.T) {
	for width := 1; width < 80; width++ {
		var out strings.Builder
		if err := keys.Write(&out, width); err != nil {
			t.Fatal(err)
		}
		table, _, _ := strings.Cut(out.String(), "(left") // whose words stay whole
		for line := range strings.Lines(table) {
			if found := ansi.StringWidth(strings.TrimSuffix(line, "\n")); found > width {
				t.Fatalf("%d columns for a width of %d: %q", found, width, line)
			}
		}
		_ = columns.Wrap("a line of text, with a-very-long-word", width, "    ")
	}
}

func TestTextIsWrappedBetweenWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"the address is https://host/a/long/path.md, as always", "the address\n  is\n  https://host/a/long/path.md,\n  as always"},
		{"a --flag and a,b,c;d", "a --flag\n  and a,b,c;d"},
		{"    an example\n\nand text", "    an\n  example\n  \n  and text"},
	} {
		if got := columns.Wrap(c.text, 13, "  "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestWhatIsNoTerminalHasNoBound(t *testing.T) {
	t.Setenv("COLUMNS", "20")
	if width := columns.Of(new(strings.Builder)); width != 0 {
		t.Errorf("%d", width)
	}
	if text := strings.Repeat("word ", 100); columns.Wrap(text, 0, "  ") != text {
		t.Error("text without a bound is wrapped")
	}
}
