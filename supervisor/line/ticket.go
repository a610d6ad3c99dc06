package line

// A Ticket is a place and the bytes that go with it.
type Ticket struct {
	line *Line
	flow *flow
	cost Cost // guarded by line.mu, as are the next two
	left bool // the place is given back
	kept bool // the bytes are not: see Yield

	behind bool // it is of [Line.EnterBehind]
}

// Shrink gives back all but to of the ticket's bytes, once the rest is known not to be
// needed. It never takes more.
func (t *Ticket) Shrink(to int64) {
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	if t.left && !t.kept || to >= t.cost.Bytes {
		return
	}
	now := t.line.now()
	t.line.pass(t.flow, now)
	t.line.take(t.flow, 0, to-t.cost.Bytes)
	t.cost.Bytes = to
	t.line.admit(now)
}

// Leave gives the place and the bytes to the next request. Calls after the first, and
// on a nil ticket, do nothing.
func (t *Ticket) Leave() {
	if t == nil {
		return
	}
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	now := t.line.now()
	t.line.pass(t.flow, now)
	if t.giveBack(true) {
		t.line.admit(now)
		t.line.settle()
	}
}

// giveBack gives back the place, and the bytes if all is set, and reports whether the
// ticket still had any of it. The caller holds line.mu.
func (t *Ticket) giveBack(all bool) bool {
	places, bytes := 0, int64(0)
	if !t.left {
		t.left = true
		t.line.leaves(t.flow)
		places = -1
		if t.behind {
			t.line.takeBehind(t.flow, -1)
		}
		t.kept = true
		t.line.holds++
	}
	if t.kept && all {
		t.kept = false
		t.line.holds--
		bytes = -t.cost.Bytes
	} else if places == 0 {
		return false
	}
	t.line.take(t.flow, places, bytes)
	return true
}

// A Reservation is bytes without a place.
type Reservation struct {
	line     *Line
	flow     *flow
	bytes    int64 // guarded by line.mu, as is released
	held     bool
	released bool
}

// Reserve takes bytes without waiting. The error is [ErrBytes], [ErrPartyBytes] or
// [ErrClosed]. The caller must call Release.
func (l *Line) Reserve(party Party, bytes int64) (*Reservation, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &Reservation{line: l, flow: l.flowOf(party)}
	if err := r.grow(bytes); err != nil {
		return nil, err
	}
	r.flow.reservations++
	return r, nil
}

// Hold does the same for work without a place, for whose end [Line.Close] waits.
func (l *Line) Hold(party Party, bytes int64) (*Reservation, error) {
	r, err := l.Reserve(party, bytes)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed { // meanwhile
		r.release()
		return nil, ErrClosed
	}
	r.held = true
	l.holds++
	return r, nil
}

// Grow takes more bytes without waiting, also after [Line.Close] if the reservation is held:
// what is answered then may need them. If it fails, with an error as in Reserve, the
// reservation keeps the bytes that it has. Growing a released reservation returns
// [ErrClosed].
func (r *Reservation) Grow(bytes int64) error {
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	return r.grow(bytes)
}

func (r *Reservation) grow(bytes int64) error {
	l, f := r.line, r.flow
	switch {
	case l.closed && !r.held, r.released:
		return ErrClosed
	case bytes > f.party.MaxReserved-f.counts.Reserved:
		return ErrPartyBytes
	case bytes > l.config.Reserved-l.counts.Reserved:
		return ErrBytes
	}
	r.add(bytes)
	return nil
}

// Most returns how many bytes the reservation could ever have.
func (r *Reservation) Most() int64 {
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	return min(r.flow.party.MaxReserved, r.line.config.Reserved)
}

func (r *Reservation) add(bytes int64) {
	r.bytes += bytes
	r.flow.counts.Reserved += bytes
	r.line.counts.Reserved += bytes
}

// Release gives all bytes back. Calls after the first, and on a nil reservation, do
// nothing.
func (r *Reservation) Release() {
	if r == nil {
		return
	}
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	r.release()
}

func (r *Reservation) release() {
	if r.released {
		return
	}
	r.released = true
	r.flow.reservations--
	r.add(-r.bytes)
	if r.held {
		r.line.holds--
		r.line.settle()
	}
}
