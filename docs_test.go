package hotcell_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// document has the parts of openapi.yaml that pages must show.
type document struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas map[string]struct {
			Enum       []string
			Properties map[string]any
		}
	}
}

func contract(t *testing.T) (d document) {
	t.Helper()
	for _, file := range trackedFiles(t) {
		if path.Base(file) != "openapi.yaml" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.Paths) == 0 {
		t.Fatal("there is no openapi.yaml with paths")
	}
	return d
}

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
		case strings.HasPrefix(file, "bench/results/"): // performance.md links to them
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

func TestThePageAboutRequestsHasEveryRouteFieldAndLimit(t *testing.T) {
	const page = "docs/requests.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	d := contract(t)
	var want []string
	for route, methods := range d.Paths {
		for method := range methods {
			if method != "parameters" && route != "/v1/execute" { // it has no row of its own
				want = append(want, strings.ToUpper(method)+" "+route)
			}
		}
	}
	for _, schema := range []string{"Execution", "Limits", "Answer"} {
		if len(d.Components.Schemas[schema].Properties) == 0 {
			t.Errorf("openapi.yaml has no fields for %s", schema)
		}
		for field := range d.Components.Schemas[schema].Properties {
			want = append(want, field)
		}
	}
	for _, code := range want {
		if !strings.Contains(string(text), "`"+code+"`") {
			t.Errorf("%s does not have `%s`", page, code)
		}
	}
}

// docs/architecture.md has a table with one row for each package, and no row for a
// package that does not exist.
func TestTheArchitectureHasEveryPackage(t *testing.T) {
	const page = "docs/architecture.md"
	var packages []string
	for _, file := range trackedFiles(t) {
		dir := path.Dir(file)
		if path.Ext(file) == ".go" && !strings.HasSuffix(file, "_test.go") && dir != "." && !slices.Contains(packages, dir) {
			packages = append(packages, dir)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n## Packages\n")
	if !found {
		t.Fatalf("%s has no section about packages", page)
	}
	table, _, _ = strings.Cut(table, "\n## ")
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([^|]+)` \\|").FindAllStringSubmatch(table, -1) {
		named = append(named, strings.Split(row[1], "`, `")...)
	}
	for _, name := range packages {
		if n := len(slices.DeleteFunc(slices.Clone(named), func(s string) bool { return s != name })); n != 1 {
			t.Errorf("%s has %d rows about package %s, want one", page, n, name)
		}
	}
	for _, name := range named {
		if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
			t.Errorf("%s names %s: %v", page, name, err)
		}
	}
}
