package main

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"

	"github.com/hotcell/hotcell/internal/testkit"
)

// inTerminal returns what a command prints on a terminal of 60 columns.
func inTerminal(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 60, Rows: 30})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	printed, _ := io.ReadAll(terminal) // EIO is the end
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, printed)
	}
	return strings.ReplaceAll(string(printed), "\r\n", "\n")
}

// widest returns how wide the text is. An address stays whole.
func widest(text string) (most int) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "https://") {
			continue
		}
		most = max(most, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
	}
	return most
}

// Each table has rows of more than 60 columns where there is no terminal, and where COLUMNS
// says that it has more.
func TestTablesFitTheTerminal(t *testing.T) {
	s := startServing(t)
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	write(t, keys, "- {name: a-key-with-a-long-name, sha256: ["+strings.Repeat("1", 64)+", "+strings.Repeat("2", 64)+", "+strings.Repeat("3", 64)+"], rights: [execute, sessions, admin]}\n")
	for _, c := range []struct {
		name string
		args []string
		has  string // at 60 columns
	}{
		{"help", []string{"help"}, "print the seccomp profile that a container\n"},
		{"settings", []string{"serve", "--help"}, "      address for clients\n"},
		{"key list", []string{"key", "list", "--keys", keys}, "3333333"},
		{"top", []string{"top", "--once", s.URL}, "(left out: "},
		{"doctor", []string{"doctor"}, "hold\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			narrow := inTerminal(t, hotcell(t, c.args...))
			if most := widest(narrow); most > 60 || !strings.Contains(narrow, c.has) {
				t.Errorf("%d columns, or without %q:\n%s", most, c.has, narrow)
			}
			if c.name == "doctor" {
				return // its values are others each time
			}
			cmd := hotcell(t, c.args...)
			cmd.Env = append(cmd.Env, "COLUMNS=60")
			_, piped, _ := testkit.Outcome(t, cmd)
			if widest(piped) <= 60 {
				t.Errorf("without a terminal:\n%s", piped)
			}
			cmd = hotcell(t, c.args...)
			cmd.Env = append(cmd.Env, "COLUMNS=1000")
			if wide := inTerminal(t, cmd); c.name != "top" && c.name != "settings" && wide != piped {
				t.Errorf("COLUMNS=1000:\n%s\nand without a terminal:\n%s", wide, piped)
			}
		})
	}
}
