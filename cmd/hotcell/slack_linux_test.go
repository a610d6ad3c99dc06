package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A service may be woken late, so that it is woken less often. Its cells sleep as long as
// anywhere else.
func TestOnlyTheServiceIsWokenLate(t *testing.T) {
	s := startServing(t)
	s.execute("def main(): return 'works'") // so there are cells
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		if slack, err := slackOf(thread.Name()); err == nil && slack != 1_000_000 {
			t.Errorf("thread %s of the service: %d ns", thread.Name(), slack)
		}
	}
	jailed := descendants(t, s.Process.Pid)
	if len(jailed) < 3 { // nsjail, zygote, a cell
		t.Errorf("the service has %d processes", len(jailed))
	}
	for _, pid := range jailed {
		if slack, err := slackOf(pid); err == nil && slack != 50_000 {
			t.Errorf("process %s of a jail: %d ns", pid, slack)
		}
	}
	s.stop()
}

func slackOf(thread string) (int, error) {
	text, err := os.ReadFile("/proc/" + thread + "/timerslack_ns")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// descendants returns the processes below one.
func descendants(t *testing.T, pid int) (found []string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	parents := make(map[string]string)
	for _, entry := range entries {
		stat, _ := os.ReadFile("/proc/" + entry.Name() + "/stat")
		if _, behind, ok := strings.Cut(string(stat), ") "); ok {
			parents[entry.Name()] = strings.Fields(behind)[1]
		}
	}
	for child := range parents {
		for above := parents[child]; above != ""; above = parents[above] {
			if above == strconv.Itoa(pid) {
				found = append(found, child)
				break
			}
		}
	}
	return found
}

// The program executes itself again when it begins to serve. The settings may come through
// a pipe, as of a shell's <(…), which can be read once.
func TestSettingsMayComeThroughAPipe(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	_, _ = write.WriteString("python: /nonexistent-python\n")
	_ = write.Close()
	cmd := hotcell(t, "serve", "--listen", "127.0.0.1:0", "--config", "/dev/fd/3")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(variable string) bool { return strings.HasPrefix(variable, "HOTCELL_PYTHON=") })
	cmd.ExtraFiles = []*os.File{read}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })()
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "/nonexistent-python") {
		t.Errorf("%v\n%s", err, out)
	}
}
