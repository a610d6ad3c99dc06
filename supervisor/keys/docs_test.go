package keys_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// Configurations and keys files that the documentation shows are read as hotcell
// reads them.
func TestDocumentedFilesAreRead(t *testing.T) {
	const root = "../.."
	t.Chdir(root) // paths in a configuration are relative
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	fence := regexp.MustCompile("(?ms)^```yaml (config|keys)\n(.*?)^```$")
	read := map[string]int{}
	for _, page := range append(pages, "README.md", "SECURITY.md", "CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			kind, content := block[1], block[2]
			file := filepath.Join(t.TempDir(), "shown.yaml")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := config.Default()
			if kind == "config" {
				_, err = config.Load(map[string]string{"config": file}, nil)
			} else {
				cfg.Keys = file
				_, err = keys.Open(cfg, budget.Budget{}, slog.New(slog.DiscardHandler), func(string) {})
			}
			if err != nil {
				t.Errorf("%s: a %s that it shows is refused: %v\n%s", page, kind, err, strings.TrimSpace(content))
			}
			read[kind]++
		}
	}
	if read["config"] == 0 || read["keys"] == 0 {
		t.Errorf("read %v", read)
	}
}
