package supervisor

import (
	"net/http"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/line"
)

// newLine is the line for requests that ask for a cell.
func newLine(cfg config.Config, memory budget.Budget) *line.Line {
	return line.New(line.Config{
		Places: cfg.MaxRunning, Waiting: cfg.MaxWaiting, Bytes: memory.Answers, Reserved: memory.Bodies,
		Patience: line.Patience{Place: cfg.MaxWait, Answer: cfg.MaxExpectedWait},
	})
}

// party is whoever shares the service with others, and how much of it may be
// his: a key. Where there are no keys it is a client's address if the service is
// open to all, and else everybody, since who reaches loopback has one address.
type party struct {
	line.Party
	maxSessions, maxTerminals int
}

// most is how much one of several parties may have of what there is: never all
// of it, where it can be shared.
func most[N int | int64](all N) N { return max(min(all, 1), all/4*3+all%4*3/4) }

// everybody is the party of all who need no key.
func everybody(cfg config.Config) party {
	return party{line.Unbounded(""), sessionsOfOne(cfg, cfg.MaxSessions), cfg.TTYMax}
}

// sessionsOfOne is the setting, or where it is not set what is usual.
func sessionsOfOne(cfg config.Config, usual int) int {
	if cfg.MaxSessionsPerKey > 0 {
		return cfg.MaxSessionsPerKey
	}
	return usual
}

// ofAddress is the party of an address.
func ofAddress(cfg config.Config, memory budget.Budget, address string) party {
	return party{
		Party: line.Party{
			Name: "address " + address, Weight: 1,
			MaxRunning: max(1, cfg.MaxRunning-1), MaxWaiting: most(cfg.MaxWaiting), MaxBytes: most(memory.Answers),
			MaxReserved: max(most(memory.Bodies), min(budget.LeastBodies(int64(cfg.MaxBody)), memory.Bodies)),
		},
		maxSessions: sessionsOfOne(cfg, most(cfg.MaxSessions)), maxTerminals: most(cfg.TTYMax),
	}
}

// party is what a key may have.
func (k *Key) party() party {
	return party{
		Party: line.Party{
			Name: k.Name, Weight: uint64(k.share), // #nosec G115 -- from 1 to 100
			MaxRunning: k.maxRunning, MaxWaiting: k.maxWaiting, MaxBytes: k.maxAnswers, MaxReserved: k.maxBodies,
		},
		maxSessions: k.maxSessions, maxTerminals: k.maxTerminals,
	}
}

// partyOf is whose request it is, once its key is known.
func (s *Service) partyOf(r *http.Request, x *exchange) party {
	switch {
	case x.key != nil:
		return x.key.party()
	case x.outer != nil:
		return x.outer.party
	case s.keyring == nil && s.cfg.OpenToAll:
		return ofAddress(s.cfg, s.memory, conns.Party(r.RemoteAddr))
	default:
		return everybody(s.cfg)
	}
}
