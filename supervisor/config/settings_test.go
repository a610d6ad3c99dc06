package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

var update = flag.Bool("update", false, "write docs/settings.md and examples/hotcell.yaml anew")

func TestTheDocumentationShowsEverySetting(t *testing.T) {
	const file, mark = "../../docs/settings.md", "<!-- What follows is written by go test ./supervisor/config -update. -->\n\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, shown, found := strings.Cut(string(text), mark)
	if !found {
		t.Fatalf("%s does not have the line %q", file, mark)
	}
	if *update {
		if err := os.WriteFile(file, []byte(prose+mark+settingsTable()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != settingsTable() {
		t.Errorf("%s does not show the settings as they are: run go test ./supervisor/config -update", file)
	}
}

func settingsTable() string {
	defaults := config.Default()
	table := "| setting | | default | values | meaning |\n|---|---|---|---|---|\n"
	for _, s := range config.Settings {
		scope, value := "", s.Value(&defaults)
		if s.PerProfile {
			scope = "*profile*"
		}
		switch {
		case s.ByProcessors():
			value = "by processors"
		case value != "":
			value = "`" + value + "`"
		}
		help := s.Help
		if strings.HasPrefix(s.Key, "limits.") {
			help = s.Group + ": " + help
		}
		table += fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", s.Key, scope, value, s.Allowed(), help)
	}
	return table
}

// The example has every setting with its default: without the marks, it changes nothing.
func TestTheExampleHasEverySettingWithItsDefault(t *testing.T) {
	const file = "../../examples/hotcell.yaml"
	if *update {
		if err := os.WriteFile(file, []byte(config.Example()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	shown, err := os.ReadFile(file)
	if err != nil || string(shown) != config.Example() {
		t.Fatalf("%s does not show the settings as they are (%v): run go test ./supervisor/config -update", file, err)
	}
	var lines []string
	for line := range strings.Lines(string(shown)) {
		if text, ok := strings.CutPrefix(line, "# "); ok {
			line = text
		}
		lines = append(lines, line)
	}
	c, err := config.Load(map[string]string{"config": configFile(t, strings.Join(lines, ""))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defaults := config.Default()
	for _, s := range config.Settings {
		if !strings.HasPrefix(c.Origin(s.Key), "/") {
			t.Errorf("the example does not have %s: %s", s.Key, c.Origin(s.Key))
		}
		if got, want := s.Value(&c), s.Value(&defaults); got != want && !s.ByProcessors() {
			t.Errorf("%s: %q, want %q", s.Key, got, want)
		}
	}
	if len(c.Profiles) != 1 {
		t.Errorf("profiles: %+v", c.Profiles)
	}
}
