package keys

import (
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
)

// Party is whoever shares the service with others, and how much of it may be
// his: a key. Where there are no keys it is a client's address if the service is
// open to all, and else everybody, since who reaches loopback has one address.
type Party struct {
	line.Party
	MaxSessions, MaxTerminals int
}

// most is how much one of several parties may have of what there is: never all
// of it, where it can be shared.
func most[N int | int64](all N) N { return max(min(all, 1), all/4*3+all%4*3/4) }

// Everybody is the party of all who need no key.
func Everybody(cfg config.Config) Party {
	return Party{line.Unbounded(""), sessionsOfOne(cfg, cfg.MaxSessions), cfg.TTYMax}
}

// sessionsOfOne is the setting, or where it is not set what is usual.
func sessionsOfOne(cfg config.Config, usual int) int {
	if cfg.MaxSessionsPerKey > 0 {
		return cfg.MaxSessionsPerKey
	}
	return usual
}

// OfAddress is the party of an address.
func OfAddress(cfg config.Config, memory budget.Budget, address string) Party {
	return Party{
		Party: line.Party{
			Name: "address " + address, Weight: 1,
			MaxRunning: max(1, cfg.MaxRunning-1), MaxWaiting: most(cfg.MaxWaiting), MaxBytes: most(memory.Answers),
			MaxReserved: max(most(memory.Bodies), min(budget.LeastBodies(int64(cfg.MaxBody)), memory.Bodies)),
		},
		MaxSessions: sessionsOfOne(cfg, most(cfg.MaxSessions)), MaxTerminals: most(cfg.TTYMax),
	}
}

// Party is what a key may have.
func (k *Key) Party() Party {
	return Party{
		Party: line.Party{
			Name: k.Name, Weight: uint64(k.share), // #nosec G115 -- from 1 to 100
			MaxRunning: k.maxRunning, MaxWaiting: k.maxWaiting, MaxBytes: k.maxAnswers, MaxReserved: k.maxBodies,
		},
		MaxSessions: k.maxSessions, MaxTerminals: k.maxTerminals,
	}
}
