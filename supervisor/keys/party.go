package keys

import (
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
)

// Party is one of those who share the service, with how much of it the party may
// have. With a keys file, each key is a party. Without one, each client address is
// a party if the service is open to all; otherwise everybody is the same party,
// since all clients on loopback have the same address.
type Party struct {
	line.Party
	MaxSessions, MaxTerminals int
}

// most returns how much one of several parties may have: never all of it, if it can
// be shared.
func most[N int | int64](all N) N { return max(min(all, 1), all/4*3+all%4*3/4) }

// Everybody returns the party of all clients that need no key.
func Everybody(cfg config.Config) Party {
	return Party{line.Unbounded(""), sessionsOfOne(cfg, cfg.MaxSessions), cfg.TTYMax}
}

// sessionsOfOne returns the setting, or the usual number if it is not set.
func sessionsOfOne(cfg config.Config, usual int) int {
	if cfg.MaxSessionsPerKey > 0 {
		return cfg.MaxSessionsPerKey
	}
	return usual
}

// OfAddress returns the party of a client address.
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

// Party returns how much the key may have.
func (k *Key) Party() Party { return k.party }

// party returns how much the key of an entry may have: what the entry says, or
// else what follows from its share of all shares.
//
// A key may fill its share of the line and of the memory for bodies, but no more
// than that even if the others are idle, so that there is always room for them.
// Places are not divided like that, since a free place would help nobody: a key
// may have all but one. It may have three quarters of the memory for answers. An
// only key may have everything. Keys that may run nothing do not count.
func (e *keyEntry) party(cfg config.Config, memory budget.Budget, shares int, only bool) Party {
	p := Party{
		Party: line.Party{
			Name: e.name, Weight: uint64(e.share), // #nosec G115 -- from 1 to 100
			MaxRunning:  max(1, cfg.MaxRunning-1),
			MaxWaiting:  max(1, cfg.MaxWaiting*e.share/shares),
			MaxReserved: max(min(budget.LeastBodies(int64(cfg.MaxBody)), memory.Bodies), memory.Bodies/int64(shares)*int64(e.share)),
			MaxBytes:    most(memory.Answers),
		},
		MaxSessions: sessionsOfOne(cfg, most(cfg.MaxSessions)), MaxTerminals: most(cfg.TTYMax),
	}
	if only {
		p.MaxRunning, p.MaxBytes = cfg.MaxRunning, memory.Answers
		p.MaxSessions, p.MaxTerminals = sessionsOfOne(cfg, cfg.MaxSessions), cfg.TTYMax
	}
	for _, own := range []struct {
		value *int
		given int // -1: the entry does not say
	}{{&p.MaxRunning, e.maxRunning}, {&p.MaxWaiting, e.maxWaiting}, {&p.MaxSessions, e.maxSessions}, {&p.MaxTerminals, e.maxTerminals}} {
		if own.given >= 0 {
			*own.value = own.given
		}
	}
	return p
}
