package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestAKeyIsShownOnceAndItsEntryIsForTheFile(t *testing.T) {
	status, entry, shown := testkit.Outcome(t, hotcell(t, "key", "new", "reports", "--rights", "execute,admin"))
	if status != 0 || !strings.HasPrefix(entry, "- name: \"reports\"\n  sha256: ") || !strings.HasSuffix(entry, "\n  rights: [execute,admin]\n") ||
		!strings.Contains(shown, ": hotcell_") || strings.Contains(entry, "hotcell_") {
		t.Errorf("%d\n%s\n%s", status, entry, shown)
	}
	status, both, shown := testkit.Outcome(t, hotcell(t, "key", "new", "--json", "reports"))
	if status != 0 || !strings.Contains(both, `"key":"hotcell_`) || !strings.Contains(both, `"entry":"- name: `) || shown != "" {
		t.Errorf("%d\n%s\n%s", status, both, shown)
	}
}

func TestAHangUpReadsTheKeysAgain(t *testing.T) {
	testkit.NeedsJails(t)
	path := filepath.Join(t.TempDir(), "keys.yaml")
	add := func(name string) (key string) {
		t.Helper()
		_, entry, shown := testkit.Outcome(t, hotcell(t, "key", "new", name))
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = file.WriteString(entry)
		}
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(shown[strings.LastIndex(shown, " ")+1:])
	}
	first := add("first")
	settings := filepath.Join(t.TempDir(), "hotcell.yaml")
	write(t, settings, "max_running: 30\n")
	s := startServing(t, "--keys", path, "--config", settings)
	for _, part := range []string{"clients=keys keys=1 ", "uids=range", "max_running=30", "profiles.default.spawn=fork", "profiles.default.layers=", `profiles.default.missing=""`} {
		if !strings.Contains(s.Log.String(), part) {
			t.Errorf("the line of the start does not have %s", part)
		}
	}
	info := func(key string) int {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/info", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	second := add("second")
	if got := info(first); got != 200 {
		t.Errorf("the first key: %d", got)
	}
	s.Signal(syscall.SIGHUP)
	s.Eventually("the second key is known", func() bool { return info(second) == 200 })

	s.Eventually("nothing else has changed", func() bool { return strings.Contains(s.Log.String(), "no other setting has changed") })
	write(t, settings, "max_running: 31\nlog_level: debug\n")
	s.Signal(syscall.SIGHUP)
	s.Eventually("it says what needs a restart", func() bool { return strings.Contains(s.Log.String(), "settings=[max_running]") })
	if response, err := http.Get(s.URL + "/readyz"); err == nil {
		_ = response.Body.Close()
	}
	s.Eventually("the level has changed", func() bool { return strings.Contains(s.Log.String(), "level=DEBUG") })
	write(t, settings, "max_running: many\n")
	s.Signal(syscall.SIGHUP)
	s.Eventually("it says what is wrong", func() bool { return strings.Contains(s.Log.String(), "the service keeps those that it has") })

	write(t, settings, "max_running: 30\n")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, "- name: [\n")
	s.Signal(syscall.SIGHUP)
	s.Eventually("it says that the keys are as before", func() bool {
		return strings.Contains(s.Log.String(), "log_level was read again, and the keys are those from before; no other setting has changed")
	})
	write(t, path, string(good))

	status, listed, _ := testkit.Outcome(t, hotcell(t, "key", "list", "--keys", path))
	if lines := strings.Split(listed, "\n"); status != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], "NAME ") || !strings.HasPrefix(lines[2], "second  execute  1 ") || strings.Contains(listed, second[:20]) {
		t.Errorf("%d\n%s", status, listed)
	}
	if status, _, stderr := testkit.Outcome(t, hotcell(t, "key", "revoke", "--keys", path, "first")); status != 0 || !strings.Contains(stderr, `does not have the key "first" any more`) {
		t.Errorf("%d %s", status, stderr)
	}
	s.Eventually("the first key is revoked, without a signal", func() bool { return info(first) == 401 && info(second) == 200 })
	s.stop()
}
