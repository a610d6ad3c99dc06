package nsjail

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/wire"
	"github.com/hotcell/hotcell/protocol"
)

const (
	// interruptPause is the least time between two interrupts of one call, so that the
	// worker has done with one before the next.
	interruptPause = 50 * time.Millisecond
	// maxInterrupts is how many INTERRUPTs one call may leave unread in its channel. The
	// first one that the cell reads counts for all.
	maxInterrupts = 16
	// processGroup makes a pidfd stand for its process's group, from Linux 6.9 on.
	processGroup = 1 << 2 // PIDFD_SIGNAL_PROCESS_GROUP
)

// Interrupt interrupts the call that runs in the cell of a session, as Ctrl-C does on a
// terminal, and reports whether there is one. The script may go on all the same.
func (c *Cell) Interrupt() bool {
	w := c.watching.Load()
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped || w.why != notEnded {
		return false
	}
	w.interrupt()
	return true
}

// ask interrupts a run that must end, and has it killed if it goes on. mu must be held.
func (w *watch) ask(why ending) {
	if w.asked != notEnded {
		return
	}
	w.asked = why
	w.interrupt()
	w.asks = time.AfterFunc(w.patience, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.stopped && w.why == notEnded {
			w.kill(why)
		}
	})
}

// handed records that the cell was given its job: what interrupts it comes after the job.
func (w *watch) handed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun = true
	if w.wanted && !w.stopped && w.why == notEnded {
		w.interrupt()
	}
}

// interrupt sends INTERRUPT and SIGINT. mu must be held, and the run must not have been
// stopped: then all of it is sent before the cell is given its next job.
func (w *watch) interrupt() {
	if !w.begun {
		w.wanted = true
		return
	}
	if soon := w.last.Add(interruptPause); time.Now().Before(soon) {
		if w.again == nil {
			w.again = time.AfterFunc(time.Until(soon), w.interruptAgain)
		}
		return
	}
	w.last = time.Now()
	if w.frames < maxInterrupts {
		w.frames++
		frame, err := protocol.AppendFrame(nil, protocol.TypeInterrupt, nil, 0)
		if err == nil && wire.Offer(w.cell.channel, frame) != nil && w.again == nil { // it has not read its job, or is gone
			w.frames, w.again = w.frames-1, time.AfterFunc(interruptPause, w.interruptAgain)
		}
	}
	w.cell.interrupt()
}

func (w *watch) interruptAgain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.again = nil
	if !w.stopped && w.why == notEnded {
		w.interrupt()
	}
}

// interrupt sends SIGINT to the cell's process group, as a terminal does; before Linux
// 6.9 to its first process only.
func (c *Cell) interrupt() {
	if c.signalWith(unix.SIGINT, processGroup) != nil {
		c.signal(unix.SIGINT)
	}
}

// limitAsked returns which limit asked the run to stop, if one did.
func (w *watch) limitAsked() ending {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == endedByWall || w.asked == endedByCPU {
		return w.asked
	}
	return notEnded
}
