package nsjail

import (
	"runtime"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail/cgroup"
)

// ending is why the supervisor ended a run. The order matters: see [Cell.run].
type ending int

const (
	notEnded ending = iota
	endedByCaller
	endedByHangUp // the caller of a session's call is gone
	endedByWall
	endedByCPU
	endedByMemory
	endedByOutput
	endedByProtocol
	endedByAnswer // the script is over, so the cell is ended
)

// watch ends a run that goes over a limit that only shows from outside. The first
// reason counts. A session's call is interrupted first, and only killed when it has not
// stopped within the patience.
type watch struct {
	cell     *Cell
	cpu      time.Duration
	patience time.Duration // 0: it is killed at once

	// mu guards what follows, and keeps a look from reaching into the next run of the
	// same cell. Only a few short system calls happen under it.
	mu      sync.Mutex
	why     ending
	asked   ending // why it was asked to stop
	begun   bool   // the cell has been given its job
	wanted  bool   // an interrupt waits for begun
	frames  int    // INTERRUPTs sent
	stopped bool
	wall    *time.Timer
	look    *time.Timer
	effort  cgroup.Effort
	grace   *time.Timer // runs when the cell was killed
	asks    *time.Timer // runs when the cell was interrupted
	again   *time.Timer // sends an interrupt that came too soon after the last
	last    time.Time   // of the last interrupt

	overdue chan struct{} // closed when the cell has not ended within endGrace
}

// endGrace is how long a killed cell may take to end. After that the verdict is given
// without waiting for it: the kernel may need minutes to take back what a process
// has, and a process that is being ended does not react to signals.
const endGrace = 900 * time.Millisecond

// lookEvery is how often CPU time and out-of-memory kills are checked: rarely enough
// to cost nothing, often enough that a run goes over a limit by little.
const lookEvery = 25 * time.Millisecond

func startWatch(cell *Cell, limits Limits, patience time.Duration) *watch {
	w := &watch{cell: cell, cpu: limits.CPU, patience: patience, effort: cgroup.NewEffort(time.Now()), overdue: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wall = time.AfterFunc(limits.Wall, func() { w.end(endedByWall) })
	w.look = time.AfterFunc(min(lookEvery, limits.CPU/time.Duration(runtime.NumCPU())), w.tick)
	return w
}

// end kills the cell, if the run has not ended yet.
func (w *watch) end(why ending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endNow(why)
}

func (w *watch) endNow(why ending) {
	if w.stopped || w.why != notEnded {
		return
	}
	if w.patience > 0 && (why == endedByHangUp || why == endedByWall || why == endedByCPU) {
		w.ask(why)
		return
	}
	w.kill(why)
}

// kill kills the cell. mu must be held.
func (w *watch) kill(why ending) {
	w.why = why
	w.cell.kill()
	w.grace = time.AfterFunc(endGrace, w.giveUp)
}

// giveUp ends the waiting for a cell that was killed.
func (w *watch) giveUp() {
	w.cell.host.log.Warn("nsjail: a killed cell does not end; the request is answered without it", "cell", w.cell.id)
	close(w.overdue)
	w.cell.hearNoMore(time.Now())
}

// waitForEnd returns when the cell has ended, or was killed endGrace ago.
func (w *watch) waitForEnd() {
	select {
	case <-w.cell.gone:
	case <-w.overdue:
	}
}

// stop ends the watching and returns why the run was ended. No interrupt is sent
// afterwards.
func (w *watch) stop() ending {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	w.wall.Stop()
	w.look.Stop()
	for _, timer := range []*time.Timer{w.grace, w.asks, w.again} {
		if timer != nil {
			timer.Stop()
		}
	}
	return w.why
}

func (w *watch) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || w.why != notEnded {
		return
	}
	used, err := w.cell.group.CPUTime() // an error means that the cgroup is gone, and the run with it
	if err == nil && w.effort.Changes(time.Now(), used) {
		_ = w.cell.group.Weigh(w.effort.Weight(w.cell.weight))
	}
	if err == nil && used > w.cpu && w.asked == notEnded {
		if w.endNow(endedByCPU); w.why != notEnded {
			return
		}
	}
	// Version 1 kills one process at a time and lets the others go on.
	if out, err := w.cell.group.OutOfMemory(); err == nil && out {
		w.endNow(endedByMemory)
		return
	}
	w.look.Reset(lookEvery)
}
