package cells

import (
	"context"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
)

// Cell is one cell of a profile, claimed for one caller.
type Cell struct {
	jailed  *nsjail.Cell
	from    *generation
	profile *Profile
	lease   *pool.Lease[*Cell] // set when it is claimed
}

// Claim hands out a cell: a warm one, else one that is made now. The caller calls
// exactly one of Run, RunTerminal and Release. The errors are those of
// [pool.Pool.Claim].
func (p *Profile) Claim(ctx context.Context) (*Cell, error) {
	lease, err := p.pool.Claim(ctx)
	if err != nil {
		return nil, err
	}
	c := lease.Value()
	c.lease = lease
	return c, nil
}

// answersWay is about how long an answer takes to its client when nothing is in
// the way. Killing a cell and making the next takes several times that, and on a
// machine with few cores would come first: it doubled the latency in one of ten
// requests. So it waits, unless a claim does.
const answersWay = 2 * time.Millisecond

// Run runs one script, and gives the cell back whatever happens; that does not
// wait for its end. See [nsjail.Cell.Run] for the error.
func (c *Cell) Run(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	defer func() {
		if c.profile.pool.Stats().Waiting > 0 {
			c.lease.Release()
		} else {
			time.AfterFunc(answersWay, c.lease.Release)
		}
	}()
	return c.jailed.Run(ctx, job)
}

// RunTerminal runs a job on a terminal, and gives the cell back whatever happens.
// See [nsjail.Cell.RunTerminal] for the error.
func (c *Cell) RunTerminal(ctx context.Context, job nsjail.Job, terminal *nsjail.Terminal) (nsjail.Verdict, error) {
	defer c.lease.Release()
	c.lease.Keep()
	return c.jailed.RunTerminal(ctx, job, terminal)
}

// Keep says that the cell is kept for long, and mostly idle: refilling the pool
// does not yield to it.
func (c *Cell) Keep() { c.lease.Keep() }

// Call runs one call of a session: see [nsjail.Cell.Call].
func (c *Cell) Call(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	return c.jailed.Call(ctx, job)
}

// Rest watches the cell between the calls of a session: see [nsjail.Cell.Rest].
func (c *Cell) Rest(ctx context.Context, limits nsjail.Limits) (verdict nsjail.Verdict, died bool) {
	return c.jailed.Rest(ctx, limits)
}

// Gone is closed when the cell's process is gone.
func (c *Cell) Gone() <-chan struct{} { return c.jailed.Gone() }

// Release gives the cell back, which ends in the background.
func (c *Cell) Release() { c.lease.Release() }
