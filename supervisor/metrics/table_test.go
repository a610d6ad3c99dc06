package metrics

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table in docs/observability.md anew")

func TestTheDocumentationShowsTheTable(t *testing.T) {
	const file, begin, end = "../../docs/observability.md", "<!-- metrics: written by go test ./supervisor/metrics -update -->\n", "<!-- metrics: end -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	shown, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s does not have the lines %q and %q", file, begin, end)
	}
	table := "| metric | kind | meaning |\n|---|---|---|\n"
	for _, m := range Table {
		name := m.Name
		if len(m.Labels) > 0 {
			name += "{" + strings.Join(m.Labels, ",") + "}"
		}
		table += fmt.Sprintf("| `%s` | %s | %s |\n", name, m.Kind, m.Help)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != table {
		t.Errorf("%s does not show the table as it is: run go test ./supervisor/metrics -update", file)
	}
}
