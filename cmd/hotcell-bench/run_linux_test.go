package main

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// programs makes a directory of hotcell and hotcell-bench as make build links them: each
// finds the other beside itself.
func programs(t *testing.T) (dir string) {
	t.Helper()
	testkit.NeedsJails(t)
	dir, err := testkit.OpenDir("", "hotcell-bench-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if out, err := exec.Command("go", "build", "-o", dir, "../hotcell", ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// measure returns hotcell-bench on a service with few cells, whose state is in dir/state.
func measure(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(dir, "hotcell-bench"), append([]string{"--pool-size", "4", "--scale", "0.1"}, args...)...)
	cmd.Env = append(os.Environ(), "HOTCELL_PYTHON="+testkit.Python(t), "HOTCELL_STATE_DIR="+filepath.Join(dir, "state"), "TMPDIR="+filepath.Join(dir, "tmp"))
	for _, name := range []string{"state", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return cmd
}

// left returns what is still in the directories of measure.
func left(dir string) (all []string) {
	for _, name := range []string{"state", "tmp"} {
		entries, _ := filepath.Glob(filepath.Join(dir, name, "*"))
		all = append(all, entries...)
	}
	return all
}

// Runs the baselines and a service with a few requests. Each figure must be present,
// and every answer correct. Nothing is left.
func TestARunMeasuresWhatItSays(t *testing.T) {
	dir := programs(t)
	file := filepath.Join(dir, "results.json")
	status, _, stderr := testkit.Outcome(t, measure(t, dir, "--scenario", "sequential,hostile,compat", "--json", file))
	text, err := os.ReadFile(file)
	if err != nil || status > 1 { // 1: a goal is missed
		t.Fatalf("%d %s (%v)", status, stderr, err)
	}
	var report struct {
		Results []struct {
			Notes []string
			Rows  []struct {
				Name string
				Load struct {
					Latency struct{ Count int }
					Where   map[string]float64
				}
			}
		}
		Goals  []struct{ Value float64 }
		Others struct{ Looks int }
	}
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Results) != 3 || len(report.Goals) != 5 || report.Others.Looks != 4 {
		t.Fatalf("%d results, goals %+v, looked %d times whether the machine is quiet", len(report.Results), report.Goals, report.Others.Looks)
	}
	for _, row := range report.Results[0].Rows {
		if row.Load.Latency.Count == 0 {
			t.Errorf("nothing of %s", row.Name)
		}
	}
	where := report.Results[0].Rows[0].Load.Where
	for _, part := range []string{"parse", "queue", "hand-over", "run", "reply", "all"} {
		if where[part+"_ms"] <= 0 {
			t.Errorf("%s took %v of %v", part, where[part+"_ms"], where)
		}
	}
	if wrong, other := report.Goals[2].Value, report.Goals[3].Value; wrong != 0 || other != 0 {
		t.Errorf("%v wrong verdicts, %v other verdicts: %q", wrong, other, report.Results[1].Notes)
	}
	if all := left(dir); len(all) > 0 {
		t.Errorf("left: %q", all)
	}
}

// The services and the baselines end with the measurement, whether it is interrupted or
// killed. A terminal sends the signal to its whole process group, which they are not in.
func TestWhatAMeasurementStartedEndsWithIt(t *testing.T) {
	dir := programs(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		cmd := measure(t, dir, "--scenario", "sequential", "--scale", "100")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		running := testkit.Start(t, cmd)
		var started map[int]string
		running.Eventually("a service and three baselines run", func() bool {
			started = descendants(cmd.Process.Pid)
			names := slices.Collect(maps.Values(started))
			for _, part := range []string{"hotcell serve ", "baseline resident", "baseline fork", "baseline nsjail"} {
				if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, part) }) {
					return false
				}
			}
			return true
		})
		if err := syscall.Kill(-cmd.Process.Pid, signal); err != nil {
			t.Fatal(err)
		}
		if err := running.Wait(); err == nil {
			t.Errorf("%v: no error", signal)
		}
		var remain []string
		testkit.Eventually(t, "nothing runs that it started", func() bool {
			remain = nil
			for pid, name := range started {
				if now := commandOf(pid); now != "" && now == name {
					remain = append(remain, now)
				}
			}
			return len(remain) == 0
		}, func() string { return strings.Join(remain, "\n") })
		if signal == syscall.SIGKILL { // nobody removes its files
			_ = os.RemoveAll(filepath.Join(dir, "tmp"))
		}
		if all := left(dir); len(all) > 0 { // with the service's state, its cgroups
			t.Errorf("%v: left: %q\n%s", signal, all, running.Log)
		}
	}
}

// descendants returns the processes below one, with their command lines.
func descendants(root int) map[int]string {
	found, all := make(map[int]string), testkit.Processes()
	for more := true; more; {
		more = false
		for _, process := range all {
			if _, known := found[process.PID]; known || process.Zombie {
				continue
			}
			if _, below := found[process.Parent]; below || process.Parent == root {
				found[process.PID], more = commandOf(process.PID), true
			}
		}
	}
	return found
}

// commandOf returns the command line of a process; nothing if it has ended.
func commandOf(pid int) string {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline") // it may have ended
	return strings.ReplaceAll(string(text), "\x00", " ")
}
