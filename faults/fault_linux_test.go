package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/descriptors"
	"github.com/hotcell/hotcell/internal/testkit"
)

// fault is one fault that is injected while the service is under load.
type fault struct {
	name   string
	before []string // a command line that runs hotcell
	state  string   // its state directory; empty: a new one
	log    string   // the file that before writes the log to, if it does
	flags  []string
	// zygotes is how many there are; 0: one.
	zygotes int
	allowed
	// inject returns when the fault is over. The time that it returns is when the
	// service could begin to recover.
	inject func(t *testing.T, p *program, l *load) time.Time
}

// run starts a service, and injects the fault while the service is under load.
func (f fault) run(t *testing.T) {
	t.Helper()
	if f.state == "" {
		f.state = newState(t)
	}
	p := launch(t, f.before, f.state, testkit.OwnAddress(), f.flags...)
	p.Log.Path = f.log
	p.zygotes = max(1, f.zygotes)
	p.mustServe()
	first := newLoad(p.url, allowed{})
	var all sync.WaitGroup
	for _, k := range kinds { // so that everything that is made once has been made
		all.Go(func() { first.send(k) })
	}
	all.Wait()
	first.client.CloseIdleConnections()
	before := p.settled()

	l := newLoad(p.url, f.allowed)
	l.start(t)
	p.eventually("the load runs", func() bool { return l.soFar().requests >= 15 })
	took := p.recovers(l, f.inject(t, p, l))
	after := l.soFar().requests
	p.eventually("the load goes on", func() bool { return l.soFar().requests >= after+20 })
	l.stop()
	l.report(t, f.name, took)
	first.mustBeClean(t)
	p.mustSettleAt(before)
	p.mustEndCleanly()
}

// recovers waits until the service is ready and answers, and returns how long that
// took.
func (p *program) recovers(l *load, began time.Time) time.Duration {
	p.t.Helper()
	p.eventually("it is ready again", p.ready)
	took := time.Since(began) // the aim is one second; the table shows it
	again := newLoad(p.url, l.allowed)
	again.send(kinds[0])
	again.client.CloseIdleConnections()
	again.mustBeClean(p.t)
	return took
}

// mustBeClean fails the test if a request was lost or got a wrong answer.
func (l *load) mustBeClean(t testing.TB) {
	t.Helper()
	if l.tally.lost+l.tally.wrong > 0 {
		t.Errorf("%d lost, %d wrong of %d:\n%s", l.tally.lost, l.tally.wrong, l.tally.requests, strings.Join(l.wrong, "\n"))
	}
}

// report adds the load to the table.
func (l *load) report(t testing.TB, name string, took time.Duration) {
	t.Helper()
	l.mustBeClean(t)
	addRow(row{name, l.tally, took})
}

// held is what an idle service holds.
type held struct {
	goroutines              float64
	nsjails, cells, cgroups int // without the cgroups that wait for other cells
	descriptors, mounts     int
}

func (p *program) holds() held {
	figures := p.figures()
	found := p.tree()
	mounts, _ := os.ReadFile(fmt.Sprintf("/proc/%d/mounts", p.Process.Pid))
	return held{
		figures["go_goroutines"],
		len(found.nsjails), len(found.cells), len(testkit.Cgroups(p.state)) - int(figures["hotcell_cgroups_idle"]), descriptors.Count(p.Process.Pid), strings.Count(string(mounts), "\n"),
	}
}

// settled waits until the service is idle, and returns what it holds then.
func (p *program) settled() held {
	p.t.Helper()
	var last held
	p.eventually("it comes to rest", func() bool {
		before := last
		last = p.holds()
		// With more jails, one generation is replacing another. A jail that starts has its
		// processes before it has a generation.
		figures, jails := p.figures(), max(1, p.zygotes)
		return idle(figures) && last == before && last.nsjails == jails && figures[generation] >= float64(jails) && last.cells == poolSize
	})
	return last
}

// mustSettleAt waits until the service holds no more than before.
func (p *program) mustSettleAt(before held) {
	p.t.Helper()
	var now held
	for end := time.Now().Add(testkit.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		now = p.holds()
		if idle(p.figures()) && now.nsjails == before.nsjails && now.cells == before.cells && now.cgroups == before.cgroups && now.mounts <= before.mounts &&
			now.descriptors <= before.descriptors && now.goroutines <= before.goroutines {
			return
		}
	}
	p.t.Errorf("something leaks:\nbefore %+v\nafter  %+v", before, now)
}

// mustEndCleanly stops the service with SIGTERM, and checks that nothing is left.
func (p *program) mustEndCleanly() {
	p.t.Helper()
	groups := testkit.Cgroups(p.state)
	p.Signal(syscall.SIGTERM)
	select {
	case <-p.Done:
	case <-time.After(testkit.Patience):
		p.t.Fatalf("it does not end\n%s", p.Log.Tail())
	}
	if p.Wait() != nil {
		p.t.Errorf("it ended with %v\n%s", p.Wait(), p.Log.Tail())
	}
	p.mustBeGone(groups)
}

// mustBeGone checks that nothing is left of an instance that had these cgroups.
func (p *program) mustBeGone(groups []string) {
	p.t.Helper()
	if len(groups) == 0 {
		p.t.Error("it had no cgroups")
	}
	for _, group := range groups {
		if !gone(group) {
			p.t.Errorf("%s is left", group)
		}
	}
	left, err := os.ReadDir(p.state)
	left = slices.DeleteFunc(left, func(entry os.DirEntry) bool { return filepath.Join(p.state, entry.Name()) == p.Log.Path })
	if err != nil || len(left) > 0 {
		p.t.Errorf("left in its state directory: %v %v", left, err)
	}
	for _, problem := range []string{"panic", "fatal error", "cannot remove", "code=internal"} {
		for line := range strings.Lines(p.Log.String()) {
			if strings.Contains(line, problem) {
				p.t.Errorf("in its log: %s", line)
				break
			}
		}
	}
	if left := orphans(); left != "" {
		p.t.Errorf("processes are left: %s", left)
	}
}

// kill sends a signal to one process.
func kill(t testing.TB, victim testkit.Process, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(victim.PID, signal); err != nil && err != syscall.ESRCH {
		t.Error(fmt.Errorf("signal %s: %w", victim.Name, err))
	}
}
