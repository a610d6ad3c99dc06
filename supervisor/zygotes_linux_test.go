package supervisor_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/config"
)

// zygotes returns the parents of the service's cells.
func (s *service) zygotes() []int {
	s.t.Helper()
	pids, _ := s.cells()
	var zygotes []int
	for _, process := range testkit.Processes() {
		if slices.Contains(pids, process.PID) && !slices.Contains(zygotes, process.Parent) {
			zygotes = append(zygotes, process.Parent)
		}
	}
	return zygotes
}

// serveFrom waits until that many zygotes serve and each of them has a cell.
func (s *service) serveFrom(zygotes int) {
	s.t.Helper()
	s.eventually(fmt.Sprintf("%d zygotes serve", zygotes), func() bool {
		if s.metric("hotcell_zygotes") == float64(zygotes) && len(s.zygotes()) == zygotes {
			return true
		}
		s.execute("def main(): pass") // another cell is made
		return false
	})
}

const randomScript = `
import os, random, secrets, tempfile, uuid
import numpy as np
def main():
    return [random.random(), np.random.random(), secrets.token_hex(8), str(uuid.uuid4()), str(uuid.uuid1()), tempfile.mktemp(), os.getuid()]`

// Cells have nothing in common, whichever zygotes they come from: what differs between
// two cells of one zygote differs between those of two.
func TestCellsOfSeveralZygotesDiffer(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Profile.PoolSize, c.Profile.Zygotes = 4, 2 })
	s.serveFrom(2)
	seen := make(map[string]bool)
	for range 16 {
		a := s.execute(randomScript)
		var values []any
		if err := json.Unmarshal(a.Result, &values); err != nil || len(values) != 7 {
			t.Fatalf("%d %s", a.http, a.body)
		}
		for _, value := range values {
			if seen[fmt.Sprint(value)] {
				t.Errorf("two cells gave %v", value)
			}
			seen[fmt.Sprint(value)] = true
		}
	}
	s.serveFrom(2) // both made some of these
	if a := s.get("/info"); a.http != 200 {
		t.Errorf("%d %s", a.http, a.body)
	}
}

// When one of three zygotes dies, the others serve: no request fails that comes then, and
// the service is ready unless all cells that were warm died with it.
func TestOtherZygotesServeWhenOneDies(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Profile.PoolSize, c.Profile.Zygotes = 6, 3 })
	s.serveFrom(3)
	if err := unix.Kill(s.zygotes()[0], unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.eventually("it is noticed", func() bool { return s.metric("hotcell_zygote_replacements_total", "reason=died") == 1 })
	for s.metric("hotcell_zygotes") < 3 {
		if a := s.get("/readyz"); a.http != 200 && !strings.Contains(a.body, "none is warm yet") {
			t.Errorf("not ready, though others serve: %s", a.body)
		}
		if a := s.execute(seedScript); a.http != 200 || a.Status != "ok" {
			t.Errorf("meanwhile: %d %s", a.http, a.body)
		}
	}
	s.serveFrom(3)
	if got := s.metric("hotcell_zygote_generation"); got != 4 {
		t.Errorf("generation %v", got)
	}
}

// Each is replaced by itself when it has made enough.
func TestEachOfSeveralZygotesIsReplacedInItsTurn(t *testing.T) {
	s := start(t, func(c *config.Config) { c.Profile.PoolSize, c.Profile.Zygotes, c.Profile.ZygoteMaxCells = 2, 2, 8 })
	s.eventually("both have been replaced", func() bool {
		if a := s.execute(seedScript); a.http != 200 || a.Status != "ok" {
			t.Fatalf("%d %s", a.http, a.body)
		}
		return s.metric("hotcell_zygote_replacements_total", "reason=used") >= 2
	})
	s.serveFrom(2)
	s.eventually("the old ones have gone", func() bool { return len(s.zygotes()) == 2 })
}
