package hotcell_test

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	testName = regexp.MustCompile(`^(?:Test|Fuzz)[A-Z]\w+$`)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w+)\(`)
)

// Pages name the tests of their claims, each after its package: `nsjail`
// `TestACellIsClosed`. Such a test must exist. A package applies to the tests that
// follow it, up to the end of the line or of the table's cell.
func TestTheTestsThatPagesNameAreThere(t *testing.T) {
	packages := make(map[string][]string) // by test
	tested := make(map[string]bool)
	var pages []string
	for _, file := range trackedFiles(t) {
		switch {
		case strings.HasSuffix(file, "_test.go"):
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tested[path.Dir(file)] = true
			for _, match := range testFunc.FindAllStringSubmatch(string(text), -1) {
				packages[match[1]] = append(packages[match[1]], path.Dir(file))
			}
		case path.Ext(file) == ".md":
			pages = append(pages, file)
		}
	}
	found := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range regexp.MustCompile(`\n| \| `).Split(string(text), -1) {
			inPackage := ""
			for _, span := range codeSpan.FindAllStringSubmatch(part, -1) {
				switch name := span[1]; {
				case tested[name]:
					inPackage = name
				case !testName.MatchString(name):
				case len(packages[name]) == 0:
					t.Errorf("%s names %s, which no package has", page, name)
				case inPackage != "" && !slices.Contains(packages[name], inPackage):
					t.Errorf("%s says that %s is in %s; it is in %v", page, name, inPackage, packages[name])
				default:
					found++
				}
			}
		}
	}
	if found == 0 {
		t.Error("no page names a test")
	}
}
