package nsjail

import (
	"fmt"
	"sync"
)

// uidPool hands out the uids of cells, so that no two live cells share one.
type uidPool struct {
	first, count int

	mu   sync.Mutex // guards what follows; nothing slow happens under it
	next int
	used map[int]bool
}

func newUIDPool(ids idRange) *uidPool {
	// The first is the zygotes' own.
	return &uidPool{first: ids.first + 1, count: ids.count - 1, used: make(map[int]bool)}
}

// take gives a free uid: the one that has been free for longest, so that a
// cell's uid is not soon another's.
func (p *uidPool) take() (int, error) {
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

func (p *uidPool) put(uid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, uid)
}
