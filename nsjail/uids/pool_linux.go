package uids

import (
	"fmt"
	"sync"
)

// Pool hands out the uids of cells. No two live cells share one, unless there is a
// single uid for all.
type Pool struct {
	first, count int
	single       bool

	mu   sync.Mutex // guards what follows; nothing slow happens under it
	next int
	used map[int]bool
}

// NewPool returns a pool of all uids of a range but the first, which zygotes have.
func NewPool(ids Range) *Pool {
	if ids.Single {
		return &Pool{first: ids.First, count: 1, single: true}
	}
	return &Pool{first: ids.First + 1, count: ids.Count - 1, used: make(map[int]bool)}
}

// Take returns the uid that has been free for the longest time, so that a uid is not soon
// used again.
func (p *Pool) Take() (int, error) {
	if p.single {
		return p.first, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for range p.count {
		uid := p.first + p.next
		p.next = (p.next + 1) % p.count
		if !p.used[uid] {
			p.used[uid] = true
			return uid, nil
		}
	}
	return 0, fmt.Errorf("all %d uids from %d are in use by cells", p.count, p.first)
}

// Put gives a uid back.
func (p *Pool) Put(uid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, uid)
}
