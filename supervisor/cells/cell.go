package cells

import (
	"context"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/pool"
)

// Cell is one cell of a profile, claimed for one caller.
type Cell struct {
	jailed  *nsjail.Cell
	from    *generation
	profile *Profile
	lease   *pool.Lease[*Cell] // set when it is claimed
}

// Claim returns a cell: a warm one, or one that is made now. The caller calls
// Release, or Run or RunTerminal, which release the cell, exactly once. The errors
// are those of [pool.Pool.Claim].
func (p *Profile) Claim(ctx context.Context) (*Cell, error) {
	lease, err := p.pool.Claim(ctx)
	if err != nil {
		return nil, err
	}
	c := lease.Value()
	c.lease = lease
	return c, nil
}

// ClaimBehind is Claim for work that all other claims pass: see [pool.Pool.ClaimBehind].
func (p *Profile) ClaimBehind(ctx context.Context) (*Cell, error) {
	lease, err := p.pool.ClaimBehind(ctx)
	if err != nil {
		return nil, err
	}
	c := lease.Value()
	c.lease = lease
	c.jailed.StayBehind()
	return c, nil
}

// answersWay is about how long an answer takes to reach its client if nothing is in
// the way. Killing a cell and making the next one takes several times as long. On a
// machine with few cores that work would come first: it doubled the latency of one
// request in ten. So it waits for this time, unless somebody waits for a cell.
const answersWay = 2 * time.Millisecond

// Run runs one script, and always releases the cell, without waiting for its end. See
// [nsjail.Cell.Run] for the error.
func (c *Cell) Run(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	defer func() {
		if s := c.profile.pool.Stats(); s.Waiting+s.Behind > 0 {
			c.lease.Release()
		} else {
			time.AfterFunc(answersWay, c.lease.Release)
		}
	}()
	return c.jailed.Run(ctx, job)
}

// RunTerminal runs a job on a terminal, and always releases the cell. See
// [nsjail.Cell.RunTerminal] for the error.
func (c *Cell) RunTerminal(ctx context.Context, job nsjail.Job, terminal *nsjail.Terminal) (nsjail.Verdict, error) {
	defer c.lease.Release()
	c.lease.Keep()
	return c.jailed.RunTerminal(ctx, job, terminal)
}

// Keep marks the cell as kept for long and mostly idle: refilling the pool does not
// yield to it.
func (c *Cell) Keep() { c.lease.Keep() }

// Call runs one call of a session. See [nsjail.Cell.Call].
func (c *Cell) Call(ctx, caller context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	return c.jailed.Call(ctx, caller, job)
}

// Interrupt interrupts the running call of a session. See [nsjail.Cell.Interrupt].
func (c *Cell) Interrupt() bool { return c.jailed.Interrupt() }

// Files gives access to the files of a session between its calls. See
// [nsjail.Cell.Files].
func (c *Cell) Files(ctx context.Context, limits nsjail.Limits, use func(*transfer.Files) error) (nsjail.Verdict, error) {
	return c.jailed.Files(ctx, limits, use)
}

// Rest watches the cell between the calls of a session. See [nsjail.Cell.Rest].
func (c *Cell) Rest(ctx context.Context, limits nsjail.Limits) (verdict nsjail.Verdict, died bool) {
	return c.jailed.Rest(ctx, limits)
}

// Gone returns a channel that is closed when the cell's process is gone.
func (c *Cell) Gone() <-chan struct{} { return c.jailed.Gone() }

// Release gives the cell back. It is removed in the background.
func (c *Cell) Release() { c.lease.Release() }
