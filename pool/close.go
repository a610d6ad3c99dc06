package pool

import (
	"context"
	"fmt"
)

// Drain ends the pool: claims fail from now on, those that wait too; the
// context of each running Make is cancelled; what is parked is destroyed. It
// then waits until what was claimed is released and everything destroyed, and
// returns nil. When ctx ends first the error says how much is left and wraps
// ctx's; what is left goes on all the same, and Drain may be called again.
func (p *Pool[T]) Drain(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		p.timer.Stop()
		for len(p.waiters) > 0 {
			p.answer(nil, ErrClosed)
		}
		for len(p.parked) > 0 {
			p.counters.Surplus++
			p.destroy(p.unpark(0))
		}
		p.settle()
	}
	p.mu.Unlock()
	p.cancelMakes() // now that a Make which fails of it is not taken for a failure

	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
	}
	if s := p.Stats(); s.Claimed+s.Making+s.Destroying > 0 {
		return fmt.Errorf("pool: drain: %d claimed, %d being made, %d being destroyed: %w",
			s.Claimed, s.Making, s.Destroying, ctx.Err())
	}
	return nil
}

// Close is Drain without a limit: it waits for every claimer's Release, for
// every running Make and Destroy. It may be called more than once, and each
// call waits.
func (p *Pool[T]) Close() { _ = p.Drain(context.Background()) }
