package seccomp

import (
	"os"
	"strings"
	"testing"
)

// docs/syscalls.md shows amd64's table, which has the most calls.
func TestTheTableInTheDocumentationIsTheFilters(t *testing.T) {
	const file, mark = "../../docs/syscalls.md", "<!-- What follows is written by go test ./nsjail/seccomp -update. -->\n\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prose, table, found := strings.Cut(string(text), mark)
	if !found {
		t.Fatalf("%s has no line %q", file, mark)
	}
	if *update {
		if err := os.WriteFile(file, []byte(prose+mark+documentation()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != documentation() {
		t.Errorf("%s is not what the table gives; run go test ./nsjail/seccomp -update", file)
	}
}
