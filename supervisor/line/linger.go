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
	if t != nil {
		t.linger(gone, true)
	}
}

// Yield is called when the script is over and its client has not taken the answer yet.
// The place is free as after Linger; the bytes are the ticket's until it leaves. So a
// client that reads slowly holds what its answer takes, and keeps nobody from running.
func (t *Ticket) Yield(gone <-chan struct{}) { t.linger(gone, false) }

func (t *Ticket) linger(gone <-chan struct{}, all bool) {
	ended := false
	select {
	case <-gone:
		ended = true
	default:
	}
	l := t.line
	l.mu.Lock()
	first := !t.left
	now := l.now()
	l.pass(t.flow, now)
	if t.giveBack(all) {
		if first && !ended {
			t.change(1, 0)
		}
		l.admit(now)
		l.settle()
	}
	l.mu.Unlock()
	if first && !ended {
		go t.follow(gone)
	}
}

// follow counts the work of a request that has given its place back until it ends.
func (t *Ticket) follow(gone <-chan struct{}) {
	adjust := func(lingering, overdue int) {
		l := t.line
		l.mu.Lock()
		defer l.mu.Unlock()
		now := l.now()
		l.pass(t.flow, now)
		t.change(lingering, overdue)
		l.admit(now)
	}
	timer := time.NewTimer(LingerGrace)
	defer timer.Stop()
	select {
	case <-gone:
		adjust(-1, 0)
		return
	case <-timer.C:
	}
	adjust(0, 1)
	<-gone
	adjust(-1, -1)
}

// change adjusts the lingering and overdue counts. The caller holds line.mu.
func (t *Ticket) change(lingering, overdue int) {
	t.line.counts.Lingering += lingering
	t.flow.counts.Lingering += lingering
	t.line.overdue += overdue
	t.flow.overdue += overdue
}

// mayLinger reports whether lingering work allows one more request to run, if most may
// run at a time.
func mayLinger(lingering, most int) bool { return lingering-lingerMore < most }
