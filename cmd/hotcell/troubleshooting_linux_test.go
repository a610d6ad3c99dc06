package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// provoked are the messages of docs/troubleshooting.md's refusals at start: for each, in
// the words of the page, how it is provoked here.
type provoked struct {
	message string
	command string // its words are separated by spaces; NAME=value before it is a variable, NAME- removes one
	alike   string // message, if the page says where it stands
	run     func(t *testing.T) *exec.Cmd
}

func provocations(dir string) []provoked {
	const check = "serve --check --listen 127.0.0.1:0 "
	one := filepath.Join(dir, "one.yaml") // a keys file with one key
	return []provoked{
		{message: "unknown setting", command: "HOTCELL_LISTN=x serve --check"},
		{message: "must be", command: check + "--pool-size x"},
		{message: "is not a layer", command: check + "--allow-missing seccom"},
		{message: "without keys hotcell listens on loopback only", command: "serve --check --listen 0.0.0.0:0"},
		{message: "cannot use the keys file", command: check + "--keys /nowhere"},
		{message: "has that address", command: "serve --check --listen 127.0.0.1:9 --admin-listen 127.0.0.1:9"},
		{message: "there is no key of that name", command: "key revoke --keys " + one + " b"},
		{message: "is the only key", command: "key revoke --keys " + one + " a"},
		{message: "too few descriptors", command: check + "--max-connections 1000000"},
		{message: "no Python environment", command: "HOTCELL_PYTHON- " + check + "--root /nowhere"},
		{message: "not a virtual environment: it has no pyvenv.cfg", command: check + "--python /usr"},
		{message: "the jail's user cannot pass it to reach", command: check + "--python " + filepath.Join(dir, "closed", "env")},
		{message: "the setting nsjail names no program", command: check + "--nsjail /nowhere"},
		{message: "the jail hung up", command: "serve --listen 127.0.0.1:0 --nsjail /usr/bin/false"},
		{message: "the nsjail program does not run", command: check + "--nsjail " + filepath.Join(dir, "broken")},
		{message: "no nsjail: neither configured", command: "PATH=/nowhere " + check + "--python " + filepath.Join(dir, "open", "env")},
		{message: "cells would have root's uid", command: "serve --listen 127.0.0.1:0 --uids single"},
		{message: "state directory", command: "serve --listen 127.0.0.1:0 --state-dir /dev/null/x"},
		{message: "start jail", command: "serve --listen 127.0.0.1:0 --preload nosuch"},
		{message: "for the other settings", command: check + "--max-memory 1MiB"},
		{message: "environment OTEL_", alike: "must be", command: "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1 OTEL_TRACES_SAMPLER=x serve --listen 127.0.0.1:0"},
		{message: "address already in use", run: func(t *testing.T) *exec.Cmd {
			address := testkit.FreeAddress(t)
			cmd := hotcell(t, "serve", "--listen", address) // before the server, so that its state directory goes after that
			startServing(t, "--listen", address)
			return cmd
		}},
		{message: "user namespaces are barred", run: func(t *testing.T) *exec.Cmd {
			cmd := hotcell(t, "serve", "--listen", "127.0.0.1:0")
			inside := exec.Command("unshare", append([]string{"--user", "--map-root-user", "sh", "-c", `echo 0 > /proc/sys/user/max_user_namespaces; exec "$0" "$@"`}, cmd.Args...)...)
			inside.Env = cmd.Env
			return inside
		}},
		{message: "write the uid_map and gid_map of a user namespace", run: func(t *testing.T) *exec.Cmd {
			return testkit.AsOrdinary(t, hotcell(t, "serve", "--listen", "127.0.0.1:0", "--uids", "range"), stateDir(t), nil)
		}},
		{message: "run hotcell in a delegated cgroup", run: func(t *testing.T) *exec.Cmd {
			return testkit.AsOrdinary(t, hotcell(t, "serve", "--listen", "127.0.0.1:0"), stateDir(t), nil)
		}},
		{message: "real-time policy", run: func(t *testing.T) *exec.Cmd {
			cmd := hotcell(t, "serve", "--listen", "127.0.0.1:0")
			// Where cgroups share out real-time, only the root of the hierarchy has some.
			inside := exec.Command("sh", append([]string{"-c", `echo 0 > /sys/fs/cgroup/cpu/tasks; exec chrt --fifo 10 "$0" "$@"`}, cmd.Args...)...)
			inside.Env = cmd.Env
			return inside
		}},
		{message: "does not hold", alike: "isolation layer", command: "serve --listen 127.0.0.1:0 --warmup " + filepath.Join(dir, "leaky.py")},
		{message: "consecutive uids of", run: func(t *testing.T) *exec.Cmd {
			cmd := hotcell(t, "serve", "--listen", "127.0.0.1:0", "--uid-base", "710000000", "--uid-count", "100")
			startServing(t, "--uid-base", "710000000", "--uid-count", "100")
			return cmd
		}},
	}
}

// Each refusal of the page is provoked once, and says what the page quotes.
func TestEachRefusalAtStartOfThePageIsProvoked(t *testing.T) {
	testkit.NeedsJails(t)
	page, err := os.ReadFile(filepath.Join(testkit.Checkout(), "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Refusals at start\n")
	section, _, _ = strings.Cut(section, "\n## ")
	dir, err := testkit.OpenDir("", "hotcell-refusals-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, place := range []string{"closed", "open"} {
		if out, err := exec.Command("/usr/bin/python3", "-m", "venv", "--without-pip", filepath.Join(dir, place, "env")).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "closed"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "one.yaml"), "- {name: a, sha256: "+strings.Repeat("1", 64)+", rights: execute}\n")
	write(t, filepath.Join(dir, "broken"), "\x7fELF, and nothing more")
	if err := os.Chmod(filepath.Join(dir, "broken"), 0o755); err != nil { // #nosec G302 -- a program
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "leaky.py"), "import os\nos.dup(0)\ndef main(): pass\n") // each cell gets the copy
	all := provocations(dir)
	quoted := regexp.MustCompile("`([^`]+)`")
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]+) \\|").FindAllStringSubmatch(section, -1) {
		for _, quote := range quoted.FindAllStringSubmatch(row[1], -1) {
			if !slices.ContainsFunc(all, func(p provoked) bool { return p.message == quote[1] || p.alike == quote[1] }) {
				t.Errorf("nothing provokes %q", quote[1])
			}
		}
	}
	for _, p := range all {
		t.Run(p.message, func(t *testing.T) {
			if !strings.Contains(section, "`"+p.message+"`") {
				t.Errorf("the page does not explain it")
			}
			var cmd *exec.Cmd
			if p.run != nil {
				cmd = p.run(t)
			} else {
				cmd = fromWords(t, strings.Fields(p.command))
			}
			status, _, stderr := testkit.Outcome(t, cmd)
			if status != 2 && status != 125 || !strings.Contains(stderr, p.message) || !strings.Contains(stderr, p.alike) {
				t.Errorf("%d, without %q:\n%s", status, p.message, stderr)
			}
		})
	}
}

// fromWords returns a command line of hotcell after changes of its environment.
func fromWords(t *testing.T, words []string) *exec.Cmd {
	t.Helper()
	at := slices.IndexFunc(words, func(word string) bool { return word == "serve" || word == "key" })
	cmd := hotcell(t, words[at:]...)
	for _, change := range words[:at] {
		if name, gone := strings.CutSuffix(change, "-"); gone {
			cmd.Env = slices.DeleteFunc(cmd.Env, func(variable string) bool { return strings.HasPrefix(variable, name+"=") })
		} else {
			cmd.Env = append(cmd.Env, change)
		}
	}
	return cmd
}
