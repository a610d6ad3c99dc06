package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

func TestAttackAndBenchStartTheProgramsBeside(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "hotcell")
	// A copy: a link would lead to the directory of the tests' own program.
	if out, err := exec.Command("install", "-m", "755", os.Args[0], program).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	attack := filepath.Join(dir, "hotcell-attack")
	if err := os.WriteFile(attack, []byte("#!/bin/sh\n"+
		"case $1 in __complete) printf '%s\\tof %s\\n' \"$2\" \"$3\" two 2; printf ':6\\n'; exit; esac\necho \"${0##*/}: $*\"\nexit 3\n"), 0o755); err != nil { // #nosec G306 -- a program
		t.Fatal(err)
	}
	for _, c := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"attack", "--only", "x", "-json", "http://a"}, 3, "hotcell-attack: --only x -json http://a\n", ""},
		{[]string{"attack", "--help"}, 3, "hotcell-attack: --help\n", ""},
		{[]string{"help", "attack"}, 3, "hotcell-attack: --help\n", ""},
		{[]string{"__complete", "attack", "--only", "a,"}, 0, "--only\tof a,\ntwo\tof 2\n:6\n", ""},
		{[]string{"__complete", "bench", "--out", ""}, 0, ":1\n", ""},
		{[]string{"bench", "--out", "x"}, 125, "", "hotcell bench needs the program " + dir + "/hotcell-bench, which is not installed\nhint: make build and make deb put it beside hotcell"},
	} {
		cmd := hotcell(t, c.args...)
		cmd.Path = program
		if status, stdout, stderr := testkit.Outcome(t, cmd); status != c.status || stdout != c.stdout || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%q: %d\nstdout: %s\nstderr: %s", c.args, status, stdout, stderr)
		}
	}
}
