package keys

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
)

const (
	hashA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	hashB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	keyA  = "- name: a\n  sha256: " + hashA + "\n  rights: [execute]\n"
	keyB  = "- name: b\n  sha256: " + hashB + "\n  rights: [execute]\n"
)

// testMemory is the memory that parties share where its size does not matter.
var testMemory = budget.Budget{Bodies: int64(config.Default().MaxBodies), Answers: 1 << 30}

func TestAKeysFileSaysWhatKeysMayDo(t *testing.T) {
	cfg := config.Default()
	keys, err := parse("keys.yaml", []byte(keyA+`
- name: b.2
  sha256: [`+hashB+`, "`+strings.Repeat("0", 64)+`"]
  rights: admin, sessions
  rate: 0.5
  burst: 7
  share: 3
  max_running: 4
  max_waiting: 0
  profiles: [default]
  limits: {wall: 5s, memory: 512MiB}
`), cfg, testMemory, nil)
	if err != nil || len(keys) != 2 {
		t.Fatal(err)
	}
	a, b := keys[0], keys[1]
	if a.Name != "a" || !a.May(Execute) || a.May(Sessions) || a.May(Admin) || a.party.Weight != 1 || a.party.MaxRunning != 31 || a.party.MaxWaiting != 256 ||
		a.party.MaxReserved != 128<<20 || a.profiles != nil || a.max != (nsjail.Limits{}) {
		t.Errorf("%+v", a)
	}
	if b.Name != "b.2" || len(b.hashes) != 2 || b.May(Execute) || !b.May(Sessions) || !b.May(Admin) || b.party.Weight != 3 || b.party.MaxRunning != 4 || b.party.MaxWaiting != 0 ||
		b.limiter.Limit() != 0.5 || b.limiter.Burst() != 7 || len(b.profiles) != 1 || b.max != (nsjail.Limits{Wall: 5 * time.Second, MemoryBytes: 512 << 20}) {
		t.Errorf("%+v", b)
	}
}

func TestAKeysFileMayBeJSON(t *testing.T) {
	keys, err := parse("keys.json", []byte(`[{"name": "a", "sha256": "`+hashA+`", "rights": ["execute"], "limits": {"processes": 4}}]`), config.Default(), testMemory, nil)
	if err != nil || keys[0].max.Processes != 4 {
		t.Errorf("%v", err)
	}
}

func TestAnOnlyKeyMayHaveEverything(t *testing.T) {
	cfg := config.Default()
	keys, err := parse("keys.yaml", []byte(keyA), cfg, testMemory, nil)
	if err != nil || keys[0].party.MaxRunning != cfg.MaxRunning || keys[0].party.MaxWaiting != cfg.MaxWaiting {
		t.Errorf("%+v, %v", keys, err)
	}
}

// Each error of a keys file is reported with its line, and no error repeats what may
// be a secret.
func TestFaultsOfAKeysFileAreNamed(t *testing.T) {
	const secret = "hotcell_do-not-repeat-me"
	for name, c := range map[string]struct{ text, want string }{
		"empty":                {"# nothing\n", "keys.yaml: contains no key"},
		"no list":              {"a: 1", "keys.yaml:1: must be a list of keys"},
		"no object":            {"- a", "keys.yaml:1: a key must be a mapping of fields"},
		"no YAML":              {"- [", "keys.yaml: "},
		"two documents":        {keyA + "---\n" + keyB, "keys.yaml: contains more than one YAML document"},
		"an unknown field":     {keyA + "  right: admin\n", "keys.yaml:4: right: unknown field"},
		"an unknown limit":     {keyA + "  limits: {wal: 5s}\n", "keys.yaml:4: limits.wal: unknown field"},
		"limits that are none": {keyA + "  limits: 5s\n", "keys.yaml:4: \"limits\" must be a mapping of fields"},
		"a field twice":        {keyA + "  share: 1\n  share: 2\n", "keys.yaml:5: share: appears twice"},
		"no name":              {strings.Replace(keyA, "name: a", "share: 1", 1), "keys.yaml:1: a key must have a name"},
		"a bad name":           {strings.Replace(keyA, "name: a", "name: a b", 1), `name = "a b": must be 1 to 64 letters`},
		"no hash":              {"- name: a\n  rights: [execute]\n", `key "a": sha256 is missing: hotcell key new`},
		"a key as its hash":    {strings.Replace(keyA, hashA, secret, 1), "keys.yaml:2: sha256: must be 64 hexadecimal digits"},
		"an object as hash":    {strings.Replace(keyA, hashA, "{a: "+secret+"}", 1), "keys.yaml:2: sha256: must be"},
		"too many hashes":      {strings.Replace(keyA, hashA, "["+strings.Repeat(hashB+",", 4)+hashA+"]", 1), "5 hashes, at most 4"},
		"no rights":            {"- name: a\n  sha256: " + hashA + "\n", `key "a": rights must be some of ["execute" "sessions" "admin"]`},
		"an unknown right":     {strings.Replace(keyA, "[execute]", "[execute, root]", 1), `rights = "execute,root": must be some of`},
		"a rate of nothing":    {keyA + "  rate: 0\n", `rate = "0": must be requests a second`},
		"a rate that is none":  {keyA + "  rate: .nan\n", `rate = ".nan"`},
		"a burst without rate": {keyA + "  burst: 3\n", "burst requires rate"},
		"a share too large":    {keyA + "  share: 101\n", `share = "101": must be a whole number from 1 to 100`},
		"a list where none is": {keyA + "  share: [1]\n", "keys.yaml:4: share"},
		"an unknown profile":   {keyA + "  profiles: [nix]\n", `unknown profile "nix"; the configuration has ["default"`},
		"no profiles":          {keyA + "  profiles: []\n", "profiles"},
		"a bad limit":          {keyA + "  limits:\n    memory: 1\n", `keys.yaml:5: limits.memory = "1": must be a size`},
		"a name twice":         {keyA + strings.Replace(keyB, "name: b", "name: a", 1), `keys.yaml:4: duplicate key name "a"`},
		"a hash twice":         {keyA + strings.Replace(keyB, hashB, hashA, 1), `keys "a" and "b" have the same hash`},
		"a fault after a fault": {strings.Replace(keyA, "name: a", "name: /", 1) + strings.Replace(keyB, "[execute]", "[x]", 1),
			`keys.yaml:6: rights = "x"`},
	} {
		_, err := parse("keys.yaml", []byte(c.text), config.Default(), testMemory, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestANewKeyIsFoundByItsEntryAndNoOtherIs(t *testing.T) {
	secret, entry, err := NewEntry("null", "execute,admin") // a name that YAML reads as no value
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parse("keys.yaml", []byte(keyA+entry+keyB), config.Default(), testMemory, nil)
	if err != nil {
		t.Fatal(err)
	}
	known, _ := credentialsOf(keys, nil)
	if found := known.find(secret); found == nil || found.Key.Name != "null" || !found.Key.May(Admin) {
		t.Errorf("%+v", found)
	}
	for _, wrong := range []string{"", secret[:len(secret)-1], secret + " ", strings.ToUpper(secret), hashA, "hotcell_"} {
		if found := known.find(wrong); found != nil {
			t.Errorf("%q is key %s", wrong, found.Key.Name)
		}
	}
	other, _, _ := NewEntry("null", "execute")
	if other == secret || strings.Contains(entry, secret) || len(secret) != len("hotcell_")+43 {
		t.Errorf("%s, %s, %s", secret, other, entry)
	}
	for _, bad := range [][2]string{{"a b", "execute"}, {"", "execute"}, {"a\n- name: b", "execute"}, {"a", ""}, {"a", "root"}} {
		if _, entry, err := NewEntry(bad[0], bad[1]); err == nil {
			t.Errorf("%q: %s", bad, entry)
		}
	}
}

func writeKeys(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOthersMayReadTheKeysFileAndNotWriteIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.yaml")
	writeKeys(t, path, keyA)
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o644: true, 0o400: true, 0o620: false, 0o602: false, 0o666: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := readFile(path); (err == nil) != ok || !ok && !strings.Contains(err.Error(), "chmod go-w") {
			t.Errorf("%v: %v", mode, err)
		}
	}
	if _, err := readFile(filepath.Dir(path)); err == nil {
		t.Error("a directory was taken")
	}
	writeKeys(t, filepath.Join(filepath.Dir(path), "large"), strings.Repeat("#", 1<<20+1))
	if _, err := readFile(filepath.Join(filepath.Dir(path), "large")); err == nil {
		t.Error("a large file was taken")
	}
}

// ring returns a ring whose keys file starts with the keys a and b.
func ring(t *testing.T) (k *Ring, path string, log *strings.Builder) {
	t.Helper()
	path, log = filepath.Join(t.TempDir(), "keys.yaml"), new(strings.Builder)
	writeKeys(t, path, keyA+keyB)
	cfg := config.Default()
	cfg.Keys = path
	k, err := Open(cfg, testMemory, slog.New(slog.NewTextHandler(log, nil)), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	return k, path, log
}

func names(k *Ring) string {
	var names []string
	for _, key := range k.Keys() {
		names = append(names, key.Name)
	}
	return strings.Join(names, " ")
}

func TestAChangedKeysFileIsTakenAndABrokenOneIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, path, log := ring(t)
		go k.Follow(t.Context())
		follow := func(what, text, want string, broken bool) {
			t.Helper()
			if text != "" {
				writeKeys(t, path, text)
			}
			time.Sleep(3 * lookEvery)
			synctest.Wait()
			if got := names(k); got != want || k.broken.Load() != broken {
				t.Errorf("%s: keys %q, broken: %v", what, got, k.broken.Load())
			}
		}
		follow("untouched", "", "a b", false)
		follow("one less", keyB, "b", false)
		follow("broken", keyA+"  x: 1\n", "b", true)
		follow("broken still", "", "b", true)
		if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), "x: unknown field") {
			t.Errorf("%d errors are logged:\n%s", n, log)
		}
		follow("as before", keyB, "b", false)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		follow("gone", "", "b", true)
		follow("back", keyA, "a", false)
		if strings.Contains(log.String(), hashA[:8]) || strings.Contains(log.String(), hashB[:8]) {
			t.Errorf("a hash is logged:\n%s", log)
		}
	})
}

// While a file is being written, it may contain only the first of its keys.
func TestAKeysFileThatIsStillBeingWrittenIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, path, _ := ring(t)
		go k.Follow(t.Context())
		time.Sleep(lookEvery / 2)
		writeKeys(t, path, keyA)
		time.Sleep(lookEvery) // the ring looks once
		writeKeys(t, path, keyB+keyA)
		time.Sleep(lookEvery)
		synctest.Wait()
		if got := names(k); got != "a b" {
			t.Errorf("keys %q", got)
		}
		time.Sleep(lookEvery)
		synctest.Wait()
		if got := names(k); got != "b a" {
			t.Errorf("keys %q", got)
		}
	})
}

func TestReloadingTakesTheFileAtOnceAndKeepsCounts(t *testing.T) {
	k, path, _ := ring(t)
	if found := k.Find(""); found != nil {
		t.Fatal(found)
	}
	old := k.Keys()
	writeKeys(t, path, keyB+"  share: 2\n"+keyA+"  rate: 1\n")
	k.Reload()
	now := k.Keys()
	if names(k) != "b a" || now[0].party.Weight != 2 || old[1].party.Weight != 1 {
		t.Errorf("%+v", now)
	}
	if now[0].limiter != old[1].limiter || now[1].limiter == old[0].limiter {
		t.Error("counts are not those of the same key before, or a new rate does not count anew")
	}
}

func TestARateThatIsUsedUpTellsWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys, err := parse("keys.yaml", []byte(keyA+"  rate: 0.2\n  burst: 3\n"), config.Default(), testMemory, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if wait := keys[0].TakeTurn(time.Now()); (wait > 0) != (i >= 3) || wait > 0 && wait != 5*time.Second {
				t.Errorf("number %d: %v", i, wait)
			}
		}
		time.Sleep(5 * time.Second) // refused requests have not used up any of the rate
		if wait := keys[0].TakeTurn(time.Now()); wait > 0 {
			t.Error(wait)
		}
	})
}

func TestAKeyNarrowsProfilesAndClipsDefaults(t *testing.T) {
	profile := config.Default().Profile
	plain := config.Profile{Name: "plain", Default: profile.Default, Max: profile.Max}
	plain.Default.Wall = 2 * time.Second
	profiles := []config.Profile{profile, plain}
	key := &Key{Name: "a", profiles: []string{plain.Name}, max: nsjail.Limits{Wall: time.Second, Processes: 1000}}
	own := key.Narrow(profiles)
	if len(own) != 1 || own[0].Name != plain.Name || own[0].Max.Wall != time.Second || own[0].Default.Wall != time.Second ||
		own[0].Max.Processes != plain.Max.Processes || own[0].Max.MemoryBytes != plain.Max.MemoryBytes {
		t.Errorf("%+v", own)
	}
	if profiles[1].Max.Wall == time.Second {
		t.Error("the profile itself has changed")
	}
}
