package pool

import "time"

// Discard destroys every parked T for which match returns true and returns their
// number; they count as died. An owner calls it when it learns that a T is dead or
// must not be used.
//
// Discard does not affect a T that is claimed or still being made. match is called
// with the pool's lock held and must not call the pool.
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

// Replace replaces every parked T for which match returns true and returns their
// number; they count as expired once they are destroyed. Each can be claimed until
// its replacement is ready.
//
// Replace does not affect a T that is still being made: make sure first that Make
// makes only the new kind. match is called with the pool's lock held and must not
// call the pool.
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

// retire marks each T that is too old as retiring, and destroys retiring ones that
// are no longer needed for the target.
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

// markOld marks each T older than MaxAge as retiring, and sets the timer for the
// next one. The oldest are at the front.
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
