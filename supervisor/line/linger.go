package line

import "time"

const (
	// LingerGrace is how long work may go on after its answer without being
	// counted as running. Ending a jail takes some milliseconds, and a party that
	// may run one request at a time should not wait for that.
	LingerGrace = 250 * time.Millisecond

	// lingerMore is how many more requests may linger than may run. It bounds the
	// work that a party can leave behind within LingerGrace.
	lingerMore = 8
)

// Linger is called instead of Leave for a request that is answered but whose work may
// not have ended; gone is closed when it has. The bytes and the place are free at
// once. If the work still goes on after LingerGrace, it takes the place again until it
// ends, even if that exceeds the number of places. So no party can run more than it
// may by leaving behind work that is slow to end.
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

// change adjusts the lingering and overdue counts. If first is set, it also gives back
// place and bytes, and reports whether the ticket still had them.
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

// mayLinger reports whether lingering work allows one more request to run, if most may
// run at a time.
func mayLinger(lingering, most int) bool { return lingering-lingerMore < most }
