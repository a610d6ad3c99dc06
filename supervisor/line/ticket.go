package line

// Ticket is a place, and the bytes that go with it.
type Ticket struct {
	line *Line
	flow *flow
	cost Cost // line's mu guards it
	left bool
}

// Shrink gives back all but so many of the ticket's bytes, once it is known that
// the rest is not needed. It never takes more.
func (t *Ticket) Shrink(to int64) {
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	if t.left || to >= t.cost.Bytes {
		return
	}
	now := t.line.now()
	t.line.pass(t.flow, now)
	t.line.take(t.flow, 0, to-t.cost.Bytes)
	t.cost.Bytes = to
	t.line.admit(now)
}

// Leave gives the place and the bytes to whose turn it is. More than once is as
// good as once, and a nil ticket has nothing to give.
func (t *Ticket) Leave() {
	if t == nil {
		return
	}
	t.line.mu.Lock()
	defer t.line.mu.Unlock()
	if t.left {
		return
	}
	t.left = true
	now := t.line.now()
	t.line.pass(t.flow, now)
	t.line.leaves(t.flow)
	t.line.take(t.flow, -1, -t.cost.Bytes)
	t.line.admit(now)
	t.line.settle()
}

// Reservation is bytes without a place.
type Reservation struct {
	line     *Line
	flow     *flow
	bytes    int64 // line's mu guards it, and released
	released bool
}

// Reserve takes bytes at once, or refuses: the error is [ErrBytes],
// [ErrPartyBytes] or [ErrClosed]. The caller calls Release.
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

// Grow takes more bytes at once, or refuses as Reserve does; then it has as many
// as before. One that was released is closed.
func (r *Reservation) Grow(bytes int64) error {
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	return r.grow(bytes)
}

func (r *Reservation) grow(bytes int64) error {
	l, f := r.line, r.flow
	switch {
	case l.closed, r.released:
		return ErrClosed
	case bytes > f.party.MaxReserved-f.counts.Reserved:
		return ErrPartyBytes
	case bytes > l.config.Reserved-l.counts.Reserved:
		return ErrBytes
	}
	r.add(bytes)
	return nil
}

func (r *Reservation) add(bytes int64) {
	r.bytes += bytes
	r.flow.counts.Reserved += bytes
	r.line.counts.Reserved += bytes
}

// Release gives all bytes back. More than once is as good as once, and a nil
// reservation has nothing to give.
func (r *Reservation) Release() {
	if r == nil {
		return
	}
	r.line.mu.Lock()
	defer r.line.mu.Unlock()
	if !r.released {
		r.released = true
		r.flow.reservations--
		r.add(-r.bytes)
	}
}
