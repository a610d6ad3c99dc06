package faults_test

import (
	"syscall"
	"testing"
	"time"
)

const generation = `hotcell_zygote_generation{profile="default"}`

// A stopped zygote is replaced, and its parked cells with it. Until then the exit
// status of a cell is unknown, so that "exited" looks like "killed".
func TestAZygoteThatHangsIsReplaced(t *testing.T) {
	fault{
		name: "the zygote stopped for good", allowed: allowed{killed: true, refusals: []string{"unavailable"}},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			hung := p.tree().zygotes[0]
			kill(t, hung, syscall.SIGSTOP)
			stopped := time.Now()
			p.eventually("another makes the cells", func() bool { return p.figures()[generation] > 1 })
			p.eventually("it is gone", func() bool {
				found := p.tree().zygotes
				return len(found) == 1 && found[0].PID != hung.PID
			})
			return stopped
		},
	}.run(t)
}

func TestAZygoteMayPause(t *testing.T) {
	fault{
		name: "the zygote stopped for 1.5 s",
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			zygote := p.tree().zygotes[0]
			kill(t, zygote, syscall.SIGSTOP)
			time.Sleep(1500 * time.Millisecond)
			kill(t, zygote, syscall.SIGCONT)
			if p.figures()[generation] != 1 {
				t.Error("it was taken for hung")
			}
			return time.Now()
		},
	}.run(t)
}

// nsjail and the jail's init only wait.
func TestNsjailAndInitAreNotNeeded(t *testing.T) {
	fault{
		name: "nsjail and init stopped for 1 s",
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			found := p.tree()
			for _, one := range append(found.nsjails, found.inits...) {
				kill(t, one, syscall.SIGSTOP)
			}
			time.Sleep(time.Second)
			for _, one := range append(found.nsjails, found.inits...) {
				kill(t, one, syscall.SIGCONT)
			}
			return time.Now()
		},
	}.run(t)
}

// The limits of their scripts end cells that are stopped.
func TestCellsThatHangEndByTheirLimits(t *testing.T) {
	fault{
		name: "all cells stopped", flags: []string{"--limits-default-wall", "1s"},
		allowed: allowed{verdicts: []string{"timeout"}},
		inject: func(t *testing.T, p *program, _ *load) time.Time {
			for _, cell := range p.tree().cells {
				kill(t, cell, syscall.SIGSTOP)
			}
			return time.Now()
		},
	}.run(t)
}
