package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// Checks of the doctor that do not hold, each on a machine that lacks what it is about.
// Package doctor tries the layers in cells, and what machines have too little of.
func TestTheDoctorNamesWhatIsMissing(t *testing.T) {
	testkit.NeedsJails(t)
	actions := filepath.Join(t.TempDir(), "actions")
	write(t, actions, "kill_thread trap\n")
	doctor := func(flags ...string) *exec.Cmd {
		return hotcell(t, append([]string{"doctor", "--pool-size", "1"}, flags...)...)
	}
	within := func(cmd *exec.Cmd, words ...string) *exec.Cmd {
		inside := exec.Command(words[0], append(words[1:], cmd.Args...)...)
		inside.Env = cmd.Env
		return inside
	}
	ordinary := func(cmd *exec.Cmd) *exec.Cmd { return testkit.AsOrdinary(t, cmd, stateDir(t), nil) }
	for _, c := range []struct {
		checks string // MARK NAME, separated by commas
		run    *exec.Cmd
		holds  bool // hotcell serves nevertheless
	}{
		{"MISSING kernel", within(doctor("--python", "/nowhere"), "setarch", "--uname-2.6"), false},
		{"MISSING user-namespaces, MISSING uids", within(doctor(), "unshare", "--user", "--map-root-user", "sh", "-c", `echo 0 > /proc/sys/user/max_user_namespaces; exec "$0" "$@"`), false},
		{"MISSING seccomp-actions", within(doctor("--python", "/nowhere"), "unshare", "--mount", "sh", "-c", `mount --bind `+actions+` /proc/sys/kernel/seccomp/actions_avail; exec "$0" "$@"`), false},
		{"MISSING cgroups, MISSING uids", ordinary(doctor("--uids", "range")), false},
		{"allowed cgroup-memory, allowed cgroup-pids, allowed cgroup-cpu, warning disk-reads", ordinary(doctor("--allow-missing", "cgroup-memory,cgroup-pids,cgroup-cpu,cgroup-namespace")), true},
		{"MISSING python-environment", doctor("--python", "/nowhere"), false},
		{"MISSING nsjail", doctor("--nsjail", "/nowhere"), false},
		{"MISSING state-directory-and-cgroups", doctor("--state-dir", "/dev/null/x"), false},
		{"MISSING jail", doctor("--nsjail", "/usr/bin/false"), false},
		{"MISSING self-test", doctor("--limits-default-wall", "1ms"), false},
		{"ok libc-fork, ok cgroup-reuse, ok print-log, ok spawn-loop, ok snapshot", doctor("--no-shortcuts", "libc-fork,cgroup-reuse,print-log,spawn-loop"), true},
	} {
		t.Run(c.checks, func(t *testing.T) {
			status, stdout, stderr := testkit.Outcome(t, c.run)
			if (status == 0) != c.holds || status > 1 {
				t.Errorf("status %d\n%s%s", status, stdout, stderr)
			}
			for check := range strings.SplitSeq(c.checks, ", ") {
				mark, name, _ := strings.Cut(check, " ")
				if !regexp.MustCompile(`(?m)^` + mark + ` +` + name + ` .*` + map[bool]string{true: "", false: `\n +→ .+`}[mark == "ok" || mark == "none"]).MatchString(stdout) {
					t.Errorf("%s is not shown, or without what to do:\n%s%s", check, stdout, stderr)
				}
			}
		})
	}
}
