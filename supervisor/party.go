package supervisor

import (
	"context"
	"math"
	"net/http"

	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
)

// newLine returns the waiting line for requests that need a cell.
func newLine(cfg config.Config, memory budget.Budget) *line.Line {
	return line.New(line.Config{
		Places: cfg.MaxRunning, Waiting: cfg.MaxWaiting, Bytes: memory.Answers, Reserved: memory.Bodies,
		Behind: min(batches.Behind(), max(1, cfg.MaxRunning-1)), Beside: batches.Beside(),
		Patience: line.Patience{Place: cfg.MaxWait, Answer: cfg.MaxExpectedWait},
	})
}

// partyOf returns the party that a request counts for, once its key is known.
func (s *Service) partyOf(r *http.Request, x *exchange) keys.Party {
	switch {
	case x.key != nil:
		return x.key.Party()
	case x.outer != nil:
		return x.outer.party
	case s.keys != nil || s.cfg.OpenToAll: // nobody is to take what is for all
		return keys.OfAddress(s.cfg, s.memory, conns.Party(r.RemoteAddr))
	default:
		return keys.Everybody(s.cfg)
	}
}

// turnBytes is the size from which work on a client's bytes takes turns. Less takes
// no noticeable time.
const turnBytes = 64 << 10

// newTurns returns the line for CPU work on clients' bytes in this process: decoding
// a body, checking a result.
func newTurns() *line.Line {
	return line.New(line.Config{Places: budget.Turns(), Waiting: math.MaxInt, Bytes: math.MaxInt64, Reserved: math.MaxInt64})
}

// turn does work on a number of bytes of a client: few at once, more when it is the
// client's turn, so that a client with large arguments cannot take the processors
// from all others. The error is that of ctx.
func (s *Service) turn(ctx context.Context, x *exchange, bytes int, work func()) error {
	if bytes >= turnBytes {
		party := line.Unbounded(x.party.Name)
		party.Weight = x.party.Weight
		if x.party.Name != "" { // there may be other clients
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
