package pool

import "time"

// Discard destroys every parked T for which match is true and returns how many
// there were; they count as died. It is for an owner who learns that a T is
// dead or must not be used, before a claim finds out.
//
// A T that is claimed is its claimer's affair, and one that is still being made
// is not asked about. match is called under the pool's lock: it compares, and
// calls nothing of the pool.
func (p *Pool[T]) Discard(match func(T) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for i := 0; i < len(p.parked); {
		if !match(p.parked[i].value) {
			i++
			continue
		}
		n++
		p.counters.Died++
		p.destroy(p.unpark(i))
	}
	p.settle()
	return n
}

// Replace has every parked T for which match is true replaced, and returns how
// many there are; they count as expired when they go. Each is handed out as
// before until its replacement is there.
//
// A T that is still being made is not asked about: make sure first that Make
// gives the new kind only. match is called under the pool's lock: it compares,
// and calls nothing of the pool.
func (p *Pool[T]) Replace(match func(T) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, l := range p.parked {
		if !match(l.value) {
			continue
		}
		n++
		if !l.retiring {
			l.retiring = true
			p.retiring++
		}
	}
	p.settle()
	return n
}

// retire marks what has grown too old, and destroys what is retiring and not
// needed any more: there are more than the target without it.
func (p *Pool[T]) retire() {
	if p.cfg.MaxAge > 0 {
		p.markOld()
	}
	for i := 0; p.retiring > 0 && len(p.parked) > p.target; {
		if !p.parked[i].retiring {
			i++
			continue
		}
		p.counters.Expired++
		p.destroy(p.unpark(i))
	}
}

// markOld marks what is older than MaxAge as retiring, and sets the timer for
// the next. The oldest are at the front.
func (p *Pool[T]) markOld() {
	for _, l := range p.parked {
		if l.retiring {
			continue
		}
		oldAt := l.made.Add(p.cfg.MaxAge)
		if time.Now().Before(oldAt) {
			p.wakeBy(oldAt)
			return
		}
		l.retiring = true
		p.retiring++
	}
}
