package supervisor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/supervisor/config"
)

// freezeCells keeps the cells of a service from ending, until thaw is called:
// processes that version 1's freezer has frozen receive no signal, not even SIGKILL.
func freezeCells(t *testing.T, s *service) (thaw func()) {
	t.Helper()
	dir := filepath.Join("/sys/fs/cgroup/freezer", "hotcell-test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skipf("no freezer of version 1: %v", err)
	}
	write := func(file, value string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(value), 0); err != nil {
			t.Error(err)
		}
	}
	lists, _ := filepath.Glob(filepath.Join(s.dir, "*", "cgroups"))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for root := range strings.Lines(string(text)) {
			_ = filepath.WalkDir(strings.TrimSpace(root), func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.Name() == "cgroup.procs" {
					pids, _ := os.ReadFile(path)
					for pid := range strings.Lines(string(pids)) {
						write("cgroup.procs", strings.TrimSpace(pid))
					}
				}
				return nil
			})
		}
	}
	write("freezer.state", "FROZEN")
	return func() {
		write("freezer.state", "THAWED")
		s.eventually("the frozen cells are gone", func() bool { return os.Remove(dir) == nil })
	}
}

func TestACellThatDoesNotEndKeepsItsPlaceAndNobodysAnswer(t *testing.T) {
	s := start(t, func(c *config.Config) {
		c.Profile.PoolSize = 0 // so that there is no cell except the one that runs
		c.MaxRunning, c.MaxWaiting, c.MaxWait = 1, 1, 200*time.Millisecond
	})
	answered := make(chan answer, 1)
	go func() {
		answered <- s.execute("import time\ndef main(): time.sleep(60)", fields{"limits": fields{"wall_ms": 5000}})
	}()
	s.eventually("it runs", func() bool { return s.metric("hotcell_cells", "state=claimed") == 1 })
	thaw := freezeCells(t, s)
	if a := <-answered; a.Status != "timeout" { // the cell is still frozen
		t.Errorf("%s", a.body)
	}
	s.eventually("its place is taken again", func() bool { return s.execute("def main(): return 1").http == 503 })
	if got := s.metric("hotcell_lingering"); got != 1 {
		t.Errorf("%v cells are said to linger", got)
	}
	thaw()
	s.eventually("its place is free", func() bool { return s.execute("def main(): return 1").http == 200 })
	if got := s.metric("hotcell_lingering"); got > 1 { // the last request may be about to end
		t.Errorf("%v cells are said to linger", got)
	}
}
