package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// tmux is a real terminal with a shell in it.
type tmux struct {
	t      *testing.T
	server *serving // the server that the terminal connects to
	dir    string
}

func startTmux(t *testing.T, server *serving, columns, rows string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatalf("%v: tools/setup installs it", err)
	}
	m := &tmux{t, server, t.TempDir()}
	m.run("new-session", "-d", "-s", "main", "-x", columns, "-y", rows, "/bin/sh")
	t.Cleanup(func() { m.run("kill-server") })
	return m
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-L", "hotcell-test", "-f", "/dev/null"}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX_TMPDIR="+m.dir, "HOTCELL_TEST_MAIN=1", "LC_ALL=C.UTF-8", "PS1=prompt$ ")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v %s", args, err, out)
	}
	return string(out)
}

func (m *tmux) keys(keys ...string) {
	m.t.Helper()
	m.run(append([]string{"send-keys", "-t", "main"}, keys...)...)
}

// hotcell runs the program in the shell. The shell then prints word and the exit
// status.
func (m *tmux) hotcell(command, word string) {
	m.t.Helper()
	m.keys(os.Args[0]+" "+command+" "+m.server.URL+"; echo "+word+" $?", "Enter")
}

func (m *tmux) screen() string {
	m.t.Helper()
	return m.run("capture-pane", "-p", "-t", "main")
}

// shows waits until the screen matches the pattern, and returns the match.
func (m *tmux) shows(pattern string) (found string) {
	m.t.Helper()
	compiled := regexp.MustCompile(pattern)
	var screen string
	shown := func() bool {
		screen = m.screen()
		found = compiled.FindString(screen)
		return found != ""
	}
	testkit.Eventually(m.t, pattern, shown, func() string { return screen + "\n" + m.server.Log.Tail() })
	return found
}

// modes returns the modes of the terminal as stty prints them, without its size.
func (m *tmux) modes(name string) string {
	m.t.Helper()
	file := filepath.Join(m.dir, name)
	m.keys("stty -a > "+file+" && echo "+name+" 'is there'", "Enter")
	m.shows(name + " is there")
	text, err := os.ReadFile(file)
	if err != nil {
		m.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\n") // the first line contains the size
	return after
}
