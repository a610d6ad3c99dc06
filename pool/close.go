package pool

import (
	"context"
	"fmt"
)

// Drain ends the pool. From now on all claims fail, including waiting ones. Drain
// cancels the context of each running Make and destroys every parked T. It then
// waits until every claimed T is released and every T is destroyed, and returns
// nil. If ctx ends first, the error says how much is left and wraps ctx's error;
// the rest still happens in the background, and Drain may be called again.
func (p *Pool[T]) Drain(ctx context.Context) error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		p.timer.Stop()
		p.refuse(ErrClosed)
		for len(p.parked) > 0 {
			p.counters.Surplus++
			p.destroy(p.unpark(0))
		}
		p.settle()
	}
	p.mu.Unlock()
	p.cancelMakes() // after closed is set, so that this does not count as a failure of Make

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

// Close is Drain without a time limit: it waits for every Release and for every
// running Make and Destroy. It may be called more than once, and each call waits.
func (p *Pool[T]) Close() { _ = p.Drain(context.Background()) }
