package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const ordinary = 12345 // a uid and gid of nobody's

// An ordinary user, without one capability and with cgroups that were delegated,
// has every layer. All cells have that user's uid.
func TestAnOrdinaryUserNeedsNoCapability(t *testing.T) {
	needsJails(t)
	s := startServingAs(t, delegate(t))
	if !strings.Contains(s.log.String(), "all cells share the supervisor's own uid") {
		t.Errorf("it says nothing of uids:\n%s", s.log)
	}
	response, err := http.Get(s.url + "/info")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var info struct {
		UIDs     string `json:"uids"`
		Profiles map[string]struct {
			Isolation    map[string]bool `json:"isolation"`
			SharedCounts []string        `json:"shared_counts"`
		} `json:"profiles"`
	}
	if err := json.NewDecoder(response.Body).Decode(&info); err != nil {
		t.Fatal(err)
	}
	if info.UIDs != "single" {
		t.Errorf("uids are %q", info.UIDs)
	}
	// Each is a row of the table.
	table, err := os.ReadFile("../../docs/shared-uid.md")
	if err != nil {
		t.Fatal(err)
	}
	shared := info.Profiles["default"].SharedCounts
	for _, count := range shared {
		if !strings.Contains(string(table), "\n| "+count+" |") {
			t.Errorf("%q is not in docs/shared-uid.md", count)
		}
	}
	if len(shared) != 3 {
		t.Errorf("cells share the counts of %q", shared)
	}
	layers := info.Profiles["default"].Isolation
	for layer, held := range layers {
		if !held {
			t.Errorf("layer %s does not hold", layer)
		}
	}
	if len(layers) < 20 {
		t.Errorf("only %d layers", len(layers))
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Process.Pid))
	if err != nil || !strings.Contains(string(status), "CapPrm:\t0000000000000000") || !strings.Contains(string(status), "CapBnd:\t0000000000000000") {
		t.Errorf("%v\n%s", err, status)
	}
	s.signal(syscall.SIGTERM)
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.log)
	}
}

func TestARangeThatTheKernelRefusesIsSaid(t *testing.T) {
	needsJails(t)
	cmd := asOrdinary(t, hotcell(t, "serve", "--uids", "range"), nil)
	if status, _, stderr := outcome(t, cmd); status == 0 || !strings.Contains(stderr, "uids 20000 to 59999") || !strings.Contains(stderr, "CAP_SETUID and CAP_SETGID") {
		t.Errorf("%d\n%s", status, stderr)
	}
	root := hotcell(t, "serve", "--uids", "single")
	if status, _, stderr := outcome(t, root); status == 0 || !strings.Contains(stderr, "cells would have root's uid") {
		t.Errorf("%d\n%s", status, stderr)
	}
}

// asOrdinary makes cmd an ordinary user's, who begins in the given cgroups.
func asOrdinary(t *testing.T, cmd *exec.Cmd, groups []string) *exec.Cmd {
	t.Helper()
	state := stateDir(t)
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(state, ordinary, ordinary); err != nil {
		t.Fatal(err)
	}
	// The tests' own program lies where only root gets.
	program := filepath.Join(filepath.Dir(state), "hotcell-"+filepath.Base(state))
	if out, err := exec.Command("install", "-m", "755", cmd.Path, program).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	id := fmt.Sprint(ordinary)
	script := `for group in ` + strings.Join(groups, " ") + `; do echo $$ > "$group/cgroup.procs" || exit 99; done; exec "$0" "$@"`
	args := append([]string{"-c", script, "setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", program}, cmd.Args[1:]...)
	made := exec.Command("/bin/sh", args...)
	made.Env, made.Dir = cmd.Env, "/"
	return made
}

func startServingAs(t *testing.T, groups []string, flags ...string) *serving {
	t.Helper()
	args := append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)
	return start(t, asOrdinary(t, hotcell(t, args...), groups))
}

// delegate makes cgroups that belong to the ordinary user, where the tests
// themselves are, and gives their directories.
func delegate(t *testing.T) []string {
	t.Helper()
	file, err := os.Open("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var groups []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		parts := strings.SplitN(lines.Text(), ":", 3)
		for controller := range strings.SplitSeq(parts[1], ",") {
			if !slices.Contains([]string{"memory", "pids", "cpu", "cpuacct"}, controller) {
				continue
			}
			dir := filepath.Join("/sys/fs/cgroup", controller, parts[2], fmt.Sprintf("delegated-%d", os.Getpid()))
			if err := os.Mkdir(dir, 0o755); err != nil && !os.IsExist(err) {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Remove(dir) })
			for _, path := range []string{dir, filepath.Join(dir, "cgroup.procs"), filepath.Join(dir, "tasks")} {
				if err := os.Chown(path, ordinary, ordinary); err != nil {
					t.Fatal(err)
				}
			}
			groups = append(groups, dir)
		}
	}
	if len(groups) == 0 {
		t.Skip("cgroups of version 1 are not there; tools/vm tries version 2")
	}
	return groups
}
