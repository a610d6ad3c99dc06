package secrets_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/secrets"
)

const (
	one     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	another = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// write writes the file of secrets, and returns its path.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "secrets.yaml")
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(path, keys string, log *bytes.Buffer) (*secrets.File, error) {
	return secrets.Open(config.Config{WebhookSecrets: path, Keys: keys}, slog.New(slog.NewTextHandler(log, nil)))
}

func TestAKeyUsesItsOwnSecretsOnly(t *testing.T) {
	file, err := open(write(t, "", "- {name: ci, secret: "+one+", keys: [reports, ops]}\n- {name: other, secret: ["+one+", "+another+"], keys: [ops]}\n"), "keys.yaml", new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ owner, name, found, refusal string }{
		{"reports", "ci", "ci", ""},
		{"reports", "", "ci", ""},
		{"reports", "other", "", `unknown secret "other"; you may use ["ci"]`},
		{"reports", "none", "", `unknown secret "none"; you may use ["ci"]`},
		{"ops", "other", "other", ""},
		{"ops", "", "", `must be one of ["ci" "other"]`},
		{"stranger", "ci", "", "there is no secret that you may use"},
		{"", "ci", "", "there is no secret that you may use"},
	}
	for _, c := range cases {
		found, _, err := file.Find(c.owner, c.name)
		if found != c.found || (err == nil) != (c.refusal == "") || err != nil && !strings.Contains(err.Error(), c.refusal) {
			t.Errorf("%q, %q: %q, %v", c.owner, c.name, found, err)
		}
	}
}

func TestWithoutKeysEverybodyUsesEverySecret(t *testing.T) {
	file, err := open(write(t, "", "- {name: ci, secret: "+one+"}"), "", new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if found, _, err := file.Find("", ""); found != "ci" || err != nil {
		t.Errorf("%q, %v", found, err)
	}
}

func TestWithoutAFileThereIsNoSecret(t *testing.T) {
	file, err := open("", "", new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := file.Find("", "ci"); err == nil || !strings.Contains(err.Error(), "webhook_secrets is empty") {
		t.Error(err)
	}
}

func TestAChangedFileIsUsedAtOnceAndABrokenOneNever(t *testing.T) {
	log := new(bytes.Buffer)
	path := write(t, "", "- {name: ci, secret: "+one+"}")
	file, err := open(path, "", log)
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) bool { _, _, err := file.Find("", name); return err == nil }
	write(t, path, "- {name: new, secret: "+one+"}")
	if find("ci") || !find("new") {
		t.Error("the change was not seen")
	}
	write(t, path, "- {name: broken, secret: 1}")
	if find("broken") || !find("new") || strings.Count(log.String(), "previous secrets stay in use") != 1 {
		t.Errorf("a broken file: %s", log)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	find("new") // which is told once
	if !find("new") || strings.Count(log.String(), "previous secrets stay in use") != 2 {
		t.Errorf("no file: %s", log)
	}
	write(t, path, "- {name: last, secret: "+one+"}")
	if !find("last") {
		t.Error("the corrected file is not used")
	}
}

func TestABadFileIsRefusedWithItsPlaceAndWithoutItsSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "contains no secret",
		"# a":                     "contains no secret",
		"a: {b: c}}":              "is not one valid YAML document",
		"{ci: " + one + "}":       "secrets.yaml:1: must be a list",
		"- " + one:                "a secret must be a mapping of fields",
		"- {secret: " + one + "}": "a secret must have a name",
		"- {name: " + one + ", secret: " + one + "}":                                       "name: must be",
		"- {name: a b, secret: " + one + "}":                                               "name: must be",
		"- {name: [a], secret: " + one + "}":                                               "name: must be",
		"- {name: a}":                                                                      `secret "a": secret is missing`,
		"- {name: a, secret: " + one[6:] + "}":                                             "24 to 64 random bytes",
		"- {name: a, secret: {x: " + one + "}}":                                            "24 to 64 random bytes",
		"- {name: a, secret: [" + one + ", " + one + ", " + one + "]}":                     "a list of two",
		"- {name: a, secret: " + one + ", keys: []}":                                       "keys must name",
		"- {name: a, secret: " + one + "}":                                                 "keys must name",
		"- {name: a, secret: " + one + ", owner: x}":                                       "unknown field",
		"- {name: a, secret: " + one + ", keys: x}\n- {name: a, secret: 1, keys: x}":       "secrets.yaml:2: secret:",
		"- {name: a, secret: " + one + ", keys: x}\n- {name: a, secret: " + one + "}":      `duplicate secret name "a"`,
		strings.Repeat("- {name: a, secret: "+one+", keys: x}\n", 1001):                    "at most 1000",
		strings.Repeat("#", 1<<20+1):                                                       "is larger than",
		"- {name: a, secret: " + one + ", keys: x}\n---\n- {name: b, secret: " + one + "}": "is not one valid YAML document",
	} {
		_, err := open(write(t, "", text), "keys.yaml", new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "MfKQ9r8") {
			t.Errorf("%.100q: %.300v", text, err)
		}
	}
}

func TestAFileThatOthersMayReadIsRefused(t *testing.T) {
	path := write(t, "", "- {name: ci, secret: "+one+"}")
	for mode, ok := range map[os.FileMode]bool{0o400: true, 0o600: true, 0o640: true, 0o644: false, 0o660: false, 0o602: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := open(path, "", new(bytes.Buffer)); (err == nil) != ok || !ok && !strings.Contains(err.Error(), "chmod o=,g-w") {
			t.Errorf("%v: %v", mode, err)
		}
	}
}
