package config_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

var update = flag.Bool("update", false, "write docs/settings.md anew")

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
	ofMachine := map[string]bool{"max_running": true, "max_waiting": true, "refill_parallel": true}
	defaults := config.Default()
	table := "| setting | | default | values | meaning |\n|---|---|---|---|---|\n"
	for _, s := range config.Settings {
		scope, value := "", s.Value(&defaults)
		if s.PerProfile {
			scope = "*profile*"
		}
		switch {
		case ofMachine[s.Key]:
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
