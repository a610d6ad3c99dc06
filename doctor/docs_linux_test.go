package doctor

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
)

func TestTroubleshootingHasEveryCheck(t *testing.T) {
	const page, file = "../docs/troubleshooting.md", "examine_linux.go"
	names := slices.Concat(Layers(), nsjail.Shortcuts, []string{nsjail.ShortcutSnapshot})
	for _, m := range maxima {
		names = append(names, m.name)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	examined := regexp.MustCompile(`(?:note\([^,]+, |Layer: )"([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(examined) == 0 {
		t.Errorf("%s names no check", file)
	}
	for _, match := range examined {
		names = append(names, match[1])
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## What the doctor finds\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for _, name := range names {
		if !regexp.MustCompile("`(?:all-cells )?" + name + "`").MatchString(table) {
			t.Errorf("%s does not have the check %s", page, name)
		}
	}
}
