package faults_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
)

// everyCell kills all cells: parked, running and in the making.
func everyCell(t *testing.T, p *program) {
	for _, cell := range p.tree().cells {
		kill(t, cell, syscall.SIGKILL)
	}
}

func TestCellsMayBeKilled(t *testing.T) {
	fault{
		name: "kill -9 of all cells, ten times", allowed: allowed{killed: true, refusals: []string{"unavailable"}},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			for range 10 {
				everyCell(t, p)
				time.Sleep(100 * time.Millisecond)
			}
			return time.Now()
		},
	}.run(t)
}

func TestAZygoteMayBeKilled(t *testing.T) {
	killOf(t, "kill -9 of the zygote", func(found tree) []testkit.Process { return found.zygotes })
}

// What runs in its cells dies with it. Nothing else does: the other zygote serves.
func TestOneOfTwoZygotesMayBeKilled(t *testing.T) {
	fault{
		name: "kill -9 of one of two zygotes", flags: []string{"--zygotes", "2"}, zygotes: 2, allowed: allowed{killed: true},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			victims := p.tree().zygotes
			if len(victims) != 2 {
				t.Fatalf("%d of them", len(victims))
			}
			kill(t, victims[0], syscall.SIGKILL)
			killed := time.Now()
			p.eventually("it has noticed", func() bool {
				return p.figures()[`hotcell_zygote_replacements_total{profile="default",reason="died"}`] == 1
			})
			return killed
		},
	}.run(t)
}

func TestTheInitOfAJailMayBeKilled(t *testing.T) {
	killOf(t, "kill -9 of the jail's init", func(found tree) []testkit.Process { return found.inits })
}

func TestNsjailMayBeKilled(t *testing.T) {
	killOf(t, "kill -9 of nsjail", func(found tree) []testkit.Process { return found.nsjails })
}

// killOf kills a part of the jail, and with it all cells. The fault is over at once;
// the test measures how long the service takes to start a new jail.
func killOf(t *testing.T, name string, choose func(tree) []testkit.Process) {
	t.Helper()
	fault{
		name: name, allowed: allowed{killed: true, refusals: []string{"unavailable"}},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			victims := choose(p.tree())
			if len(victims) != 1 {
				t.Fatalf("%d of them", len(victims))
			}
			kill(t, victims[0], syscall.SIGKILL)
			killed := time.Now()
			p.eventually("it has noticed", func() bool { return !p.ready() })
			return killed
		},
	}.run(t)
}
