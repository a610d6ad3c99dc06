package line

import "time"

const (
	// LingerGrace is how long work may take to end after its answer without being
	// counted as running: a jail's end takes some milliseconds, and a party that
	// may run one request at a time is not to wait for that.
	LingerGrace = 250 * time.Millisecond

	// lingerMore is how much more work than requests may run can linger. It bounds
	// what a party can leave behind within LingerGrace.
	lingerMore = 8
)

// Linger is called instead of Leave for a request that is answered and whose
// work may not have ended: gone is closed when it has. The bytes are free at once.
// The place is free, too, but taken again after 0.25 s if the work still goes on
// then, until it ends; also where that is one more than there are. So nobody runs
// more than he may by leaving work behind that is slow to end.
func (t *Ticket) Linger(gone <-chan struct{}) {
	if t == nil {
		return
	}
	select {
	case <-gone:
		t.Leave()
		return
	default:
	}
	if !t.change(1, 0, true) {
		return
	}
	go func() {
		timer := time.NewTimer(LingerGrace)
		defer timer.Stop()
		select {
		case <-gone:
			t.change(-1, 0, false)
			return
		case <-timer.C:
		}
		t.change(0, 1, false)
		<-gone
		t.change(-1, -1, false)
	}()
}

// change counts the ticket's work as lingering, and as overdue. The first time
// it gives back the rest, and reports whether that was still to be given back.
func (t *Ticket) change(lingering, overdue int, first bool) bool {
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	if first {
		if t.left {
			return false
		}
		t.left = true
	}
	now := t.line.now()
	t.line.pass(t.flow, now)
	if first {
		t.line.leaves(t.flow)
		t.line.take(t.flow, -1, -t.cost.Bytes)
	}
	t.line.counts.Lingering += lingering
	t.flow.counts.Lingering += lingering
	t.line.overdue += overdue
	t.flow.overdue += overdue
	t.line.admit(now)
	if first {
		t.line.settle()
	}
	return true
}

// mayLinger reports whether one more may run of so many that may, as far as the
// work is concerned that lingers.
func mayLinger(lingering, most int) bool { return lingering-lingerMore < most }
