package supervisor

import (
	"context"
	"math"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/line"
)

// turnBytes is from which size on work on a client's bytes takes turns: less is
// done before anybody notices.
const turnBytes = 64 << 10

// newTurns is the line for work on clients' bytes in this process: reading a body,
// checking a result.
func newTurns() *line.Line {
	return line.New(line.Config{Places: budget.Turns(), Waiting: math.MaxInt, Bytes: math.MaxInt64, Reserved: math.MaxInt64})
}

// turn does work on so many bytes of a client's, at once where they are few, and
// else when it is his turn: so that one who sends large arguments does not take the
// processors from all others. The error is why ctx ended.
func (s *Service) turn(ctx context.Context, x *exchange, bytes int, work func()) error {
	if bytes >= turnBytes {
		party := line.Unbounded(x.party.Name)
		party.Weight = x.party.Weight
		if x.party.Name != "" { // there may be others
			party.MaxRunning = budget.Turns() / 2
		}
		ticket, err := s.turns.Enter(ctx, party, line.Cost{})
		if err != nil {
			return err
		}
		defer ticket.Leave()
	}
	work()
	return nil
}
