package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/top"
)

// keysFile makes a keys file with one key, and returns both.
func keysFile(t *testing.T, name, rights string) (file, key string) {
	t.Helper()
	var made struct{ Key, Entry string }
	_, stdout, _ := testkit.Outcome(t, hotcell(t, "key", "new", name, "--rights", rights, "--json"))
	if err := json.Unmarshal([]byte(stdout), &made); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(file, []byte(made.Entry), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, made.Key
}

func TestTopWantsAKeyWhereMetricsDo(t *testing.T) {
	keys, key := keysFile(t, "watcher", "admin")
	file := filepath.Join(t.TempDir(), "watcher.key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOTCELL_KEY", "hc_no_such_key") // serve ignores it
	s := startServing(t, "--keys", keys)
	if status, _, stderr := testkit.Outcome(t, hotcell(t, "top", "--once", s.URL)); status != 2 || !strings.Contains(stderr, "HTTP 401") || !strings.Contains(stderr, "hint: set HOTCELL_KEY") {
		t.Errorf("%d %s", status, stderr)
	}
	for name, args := range map[string][]string{"by file": {"--key-file", file}, "by environment": nil} {
		cmd := hotcell(t, append(append([]string{"top", "--json"}, args...), s.URL)...)
		if args == nil {
			cmd.Env = append(cmd.Env, "HOTCELL_KEY="+key)
		}
		status, stdout, stderr := testkit.Outcome(t, cmd)
		var view top.View
		if err := json.Unmarshal([]byte(stdout), &view); err != nil || status != 0 || len(view.Profiles) != 1 || view.Profiles[0].Name != "default" {
			t.Errorf("%s: %v %d %s %s", name, err, status, stdout, stderr)
		}
	}
	s.stop()
}

// A real terminal, and a server with load.
func TestTopInTmux(t *testing.T) {
	s := startServing(t)
	terminal := startTmux(t, s, "80", "24")
	before := terminal.modes("before")
	terminal.hotcell("top --interval 100ms", "status")
	terminal.shows("none yet")

	ended := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		for {
			select {
			case <-ended:
				return
			default:
				s.execute("def main(): return 1")
				s.execute("def main(:")
			}
		}
	})
	ever := func() (n int) {
		t.Helper()
		row := strings.Fields(terminal.shows(`(?m)^ok +[\d.]+ +\d+`))
		n, _ = strconv.Atoi(row[2])
		return n
	}
	first := ever()
	s.Eventually("the numbers move", func() bool { return ever() > first })
	terminal.shows(`(?m)^run +[\d.]+ +[\d.]+ (ms|µs)`)
	terminal.shows(`(?m)syntax_error +[\d.]+ +\d+`)
	terminal.shows("[▂▃▄▅▆▇█]") // requests of the last minutes
	terminal.run("resize-window", "-t", "main", "-x", "30", "-y", "6")
	terminal.shows(`(?m)^q quits`)
	if text := strings.TrimRight(terminal.screen(), "\n"); strings.Count(text, "\n") > 5 {
		t.Errorf("more than the terminal has:\n%s", text)
	}
	terminal.run("resize-window", "-t", "main", "-x", "80", "-y", "24")
	terminal.shows("VERDICT")
	close(ended)
	load.Wait()
	terminal.keys("q")
	terminal.shows("status 0")
	if text := terminal.screen(); strings.Contains(text, "VERDICT") {
		t.Errorf("the screen is not as it was:\n%s", text)
	}
	if after := terminal.modes("after"); after != before {
		t.Errorf("the terminal is not as it was:\n%s\n%s", before, after)
	}

	terminal.hotcell("top --interval 100ms", "left")
	terminal.shows("VERDICT")
	s.stop()
	terminal.shows("no answer: .*connection refused")
	terminal.shows("VERDICT") // the last known state
	terminal.keys("C-c")
	terminal.shows("left 0")
	if after := terminal.modes("interrupted"); after != before {
		t.Errorf("the terminal is not as it was:\n%s\n%s", before, after)
	}
}
