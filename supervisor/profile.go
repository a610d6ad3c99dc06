package supervisor

import (
	"context"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/supervisor/cells"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// profile is what the service needs from a profile's cells; [cells.Profile] is the
// real one. Tests use fakes.
type profile interface {
	Claim(ctx context.Context) (cell, error)
	ClaimBehind(ctx context.Context) (cell, error)
	OpenTerminal(columns, rows uint16) (*nsjail.Terminal, error)
	Jail() cells.Jail
	Stats() pool.Stats
	CheckJail() error
	CheckCells() error
	Close() error
}

// cell is a claimed cell. See [cells.Cell] for its methods.
type cell interface {
	Run(ctx context.Context, job nsjail.Job) (nsjail.Verdict, error)
	RunTerminal(ctx context.Context, job nsjail.Job, terminal *nsjail.Terminal) (nsjail.Verdict, error)
	sessions.Cell
}

// pooled adapts a [cells.Profile] to profile.
type pooled struct{ *cells.Profile }

func (p pooled) Claim(ctx context.Context) (cell, error) { return asCell(p.Profile.Claim(ctx)) }

func (p pooled) ClaimBehind(ctx context.Context) (cell, error) {
	return asCell(p.Profile.ClaimBehind(ctx))
}

func asCell(claimed *cells.Cell, err error) (cell, error) {
	if err != nil {
		return nil, err // claimed would be a nil pointer in a non-nil interface
	}
	return claimed, nil
}
