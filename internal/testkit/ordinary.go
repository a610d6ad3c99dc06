package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Ordinary is the uid and gid of the ordinary user. No account has them.
const Ordinary = 12345

// AsOrdinary makes cmd run as the ordinary user, without capabilities, in the given
// cgroups. It makes the state directory, which the user owns.
func AsOrdinary(t testing.TB, cmd *exec.Cmd, state string, groups []string) *exec.Cmd {
	t.Helper()
	if err := os.MkdirAll(state, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(state, Ordinary, Ordinary); err != nil {
		t.Fatal(err)
	}
	// Only root can reach the program of the tests.
	program := filepath.Join(filepath.Dir(state), "hotcell-"+filepath.Base(state))
	if out, err := exec.Command("install", "-m", "755", cmd.Path, program).CombinedOutput(); err != nil {
		t.Fatalf("copy %s: %v %s", cmd.Path, err, out)
	}
	id := fmt.Sprint(Ordinary)
	script := `for group in ` + strings.Join(groups, " ") + `; do echo $$ > "$group/cgroup.procs" || exit 99; done; exec "$0" "$@"`
	args := append([]string{"-c", script, "setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", program}, cmd.Args[1:]...)
	made := exec.Command("/bin/sh", args...)
	made.Env, made.Dir = cmd.Env, "/"
	return made
}

// Delegate makes cgroups below the tests' own for the ordinary user, and returns
// their directories.
func Delegate(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
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
				if err := os.Chown(path, Ordinary, Ordinary); err != nil {
					t.Fatal(err)
				}
			}
			groups = append(groups, dir)
		}
	}
	if len(groups) == 0 {
		t.Skip("needs cgroups of version 1; the virtual machine tries version 2")
	}
	return groups
}
