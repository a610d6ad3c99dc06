package keys

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/supervisor/config"
)

func hashOf(digit string) string { return strings.Repeat(digit, 64) }

func TestAListHasEachKeyAndOnlyABeginningOfItsHash(t *testing.T) {
	cfg := config.Default()
	cfg.Keys = filepath.Join(t.TempDir(), "keys.yaml")
	text := "- {name: a, sha256: [" + hashOf("1") + ", " + hashOf("2") + "], rights: [execute, admin], rate: 0.5, share: 3, profiles: [default]}\n- name: b\n  sha256: " + hashOf("3") + "\n  rights: sessions\n"
	if err := os.WriteFile(cfg.Keys, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	listed, err := List(cfg)
	if err != nil || len(listed) != 2 {
		t.Fatalf("%v, %v", listed, err)
	}
	a, b := listed[0], listed[1]
	if a.Name != "a" || strings.Join(a.Rights, " ") != "execute admin" || a.Rate != 0.5 || a.Share != 3 || strings.Join(a.Profiles, " ") != "default" || strings.Join(a.Hashes, " ") != "11111111 22222222" {
		t.Errorf("%+v", a)
	}
	if b.Name != "b" || b.Rate != 0 || b.Share != 1 || len(b.Profiles) != 0 || b.Hashes[0] != "33333333" {
		t.Errorf("%+v", b)
	}
}

func TestRevokingCutsOneEntryAndLeavesTheRest(t *testing.T) {
	entry := func(name, digit string) string {
		return "- name: " + name + "\n  sha256: " + hashOf(digit) + "\n  rights: [execute]\n"
	}
	a, b, c := entry("a", "1"), entry("b", "2"), entry("c", "3")
	long := "-\n  sha256:\n  - " + hashOf("2") + "\n  - " + hashOf("4") + "  # the old one\n  limits:\n    wall: 5s\n  name: b\n  rights:\n    - execute\n    - admin\n"
	for name, x := range map[string]struct {
		before, revoked, after string
		refused                string
	}{
		"the first":            {a + b + c, "a", b + c, ""},
		"one between":          {"# keys\n" + a + "\n# of b\n" + b + "\n# of c\n" + c, "b", "# keys\n" + a + "\n\n# of c\n" + c, ""},
		"the last":             {a + "# of b\n" + strings.TrimSuffix(b, "\n"), "b", a, ""},
		"one of many forms":    {a + long + c, "b", a + c, ""},
		"one below a comment":  {"# all keys\n" + a + c, "a", "# all keys\n" + c, ""},
		"one on a line":        {"- {name: a, sha256: " + hashOf("1") + ", rights: execute}\n" + b, "a", b, ""},
		"one that is not":      {a + b, "c", "", "no key of that name"},
		"the only one":         {a, "a", "", "is the only key"},
		"one of a JSON list":   {`[{"name": "a", "sha256": "` + hashOf("1") + `", "rights": ["execute"]}, {"name": "b", "sha256": "` + hashOf("2") + `", "rights": ["execute"]}]`, "a", "", "with an editor"},
		"one of a broken file": {a + "- nam: b\n", "a", "", "nam: unknown field"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			dir := t.TempDir()
			real := filepath.Join(dir, "real.yaml")
			cfg.Keys = filepath.Join(dir, "keys.yaml")
			if err := errors.Join(os.WriteFile(real, []byte(x.before), 0o640), os.Symlink("real.yaml", cfg.Keys)); err != nil {
				t.Fatal(err)
			}
			err := Revoke(cfg, x.revoked)
			want := x.after
			if x.refused != "" {
				want = x.before
			}
			text, reading := os.ReadFile(real)
			if reading != nil || string(text) != want {
				t.Errorf("%q (%v), want %q", text, reading, want)
			}
			if (err == nil) != (x.refused == "") || err != nil && !strings.Contains(err.Error(), x.refused) {
				t.Error(err)
			}
			info, err := os.Lstat(cfg.Keys)
			if err != nil || info.Mode()&os.ModeSymlink == 0 {
				t.Errorf("the link is gone: %v %v", info, err)
			}
			if info, err := os.Stat(real); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("the mode is %v, %v", info.Mode(), err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
				t.Errorf("left: %v %v", left, err)
			}
		})
	}
}

// The examples are read as they stand.
func TestTheExamplesOfKeysAndProfilesAreRead(t *testing.T) {
	cfg, err := config.Load(map[string]string{"config": "../../examples/profiles.yaml", "keys": "../../examples/keys.yaml"}, nil)
	if err != nil || len(cfg.Profiles) != 1 {
		t.Fatalf("%+v, %v", cfg.Profiles, err)
	}
	if listed, err := List(cfg); err != nil && !strings.Contains(err.Error(), "chmod go-w") || err == nil && len(listed) != 2 {
		t.Errorf("%v, %v", listed, err)
	}
}
