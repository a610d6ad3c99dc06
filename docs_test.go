package hotcell_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var markdownLink = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)

// linked returns the files that a page links to, as paths from the root.
func linked(t *testing.T, page string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]bool)
	for _, link := range markdownLink.FindAllStringSubmatch(string(text), -1) {
		files[path.Join(path.Dir(page), link[1])] = true
	}
	return files
}

func TestEveryPageIsInTheIndex(t *testing.T) {
	const index = "docs/README.md"
	links := linked(t, index)
	for _, file := range trackedFiles(t) {
		switch {
		case path.Ext(file) != ".md", file == index, file == "README.md":
		case strings.HasPrefix(file, "bench/results/"): // performance.md links to it
		case !links[file]:
			t.Errorf("%s is not in %s", file, index)
		}
	}
	if !linked(t, "README.md")[index] {
		t.Errorf("README.md does not lead to %s", index)
	}
}

func TestTheReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	const most = 100
	if lines := strings.Count(string(text), "\n"); lines > most {
		t.Errorf("README.md has %d lines, at most %d; what a visitor does not need belongs into docs", lines, most)
	}
}
