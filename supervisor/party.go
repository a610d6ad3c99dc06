package supervisor

import (
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
	case s.keys == nil && s.cfg.OpenToAll:
		return keys.OfAddress(s.cfg, s.memory, conns.Party(r.RemoteAddr))
	default:
		return keys.Everybody(s.cfg)
	}
}
