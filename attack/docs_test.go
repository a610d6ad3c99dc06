package attack_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/attack"
)

// rows returns the rows of the table of a Markdown text that begins with this head.
func rows(t *testing.T, text, head string) [][]string {
	t.Helper()
	_, text, ok := strings.Cut(text, head+"\n")
	if !ok {
		t.Fatalf("there is no table %q", head)
	}
	var found [][]string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		if strings.HasPrefix(line, "|---") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|\n"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		found = append(found, cells)
	}
	return found
}

// SECURITY.md lists each group once, with its number of scripts.
func TestSecurityCountsTheScripts(t *testing.T) {
	cases, err := attack.Cases()
	if err != nil {
		t.Fatal(err)
	}
	left := make(map[string]int)
	for _, c := range cases {
		left[c.Group()]++
	}
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows(t, string(text), "| group | scripts | what they try |") {
		want := 0
		for group := range strings.SplitSeq(row[0], ", ") {
			if left[group] == 0 {
				t.Errorf("there is no group %q, or it is listed twice", group)
			}
			want += left[group]
			delete(left, group)
		}
		if row[1] != strconv.Itoa(want) {
			t.Errorf("%s: the table says %s scripts, and there are %d", row[0], row[1], want)
		}
	}
	if len(left) > 0 {
		t.Errorf("these groups are not in the table: %v", left)
	}
}

// SECURITY.md lists the attacks that fall if all cells share one uid, with the
// reasons in the scripts' heads.
func TestSecurityListsWhatOneUIDCannotHold(t *testing.T) {
	cases, err := attack.Cases()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, c := range cases {
		if why := c.Tags[attack.TagSingle]; why != "" {
			want = append(want, fmt.Sprintf("| `%s` | %s |", c.Name, why))
		}
	}
	for _, row := range rows(t, string(text), "| attack | what one uid for all cells cannot hold |") {
		got = append(got, fmt.Sprintf("| %s |", strings.Join(row, " | ")))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table must be:\n%s\nand is:\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

var count = regexp.MustCompile(`(\d+) (hostile scripts|attacks\b|attack scripts)`)

// Pages give the correct number of attacks.
func TestPagesCountTheAttacks(t *testing.T) {
	cases, err := attack.Cases()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range []string{"../README.md", "../SECURITY.md", "../docs/testing.md", "../docs/design.md", "../docs/container.md", "../docs/faults.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, said := range count.FindAllStringSubmatch(string(text), -1) {
			found++
			if said[1] != strconv.Itoa(len(cases)) {
				t.Errorf("%s says %q, and there are %d", page, said[0], len(cases))
			}
		}
	}
	if found == 0 {
		t.Error("no page says how many attacks there are")
	}
}
