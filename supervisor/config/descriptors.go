package config

import (
	"errors"
	"fmt"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/supervisor/conns"
)

// How many descriptors each thing holds at most, as TestDescriptorsAreCountedRight
// measures it.
const (
	descriptorsOfService  = 64 // logs, listeners, the keys file, traces, /proc for a moment
	descriptorsOfJail     = 8
	descriptorsOfParked   = 6  // a cell that waits: channel, output, its log, disk, pidfd
	descriptorsOfMaking   = 12 // with the other ends, and the files of its cgroup
	descriptorsOfRunning  = 10 // with its counters
	descriptorsOfRemoved  = 5  // a cell that is being removed: its disk, output and log are closed first
	descriptorsOfTerminal = 2  // besides its cell's
	descriptorsOfFleet    = 8  // connections to the cluster

	// Forwards is how many requests may be passed on to other nodes at a time, each over a
	// connection.
	Forwards = 512

	// AdminConnections is how many connections the admin listener accepts.
	AdminConnections = 32
	// mostConnections is how many there are at most, unless max_connections says more.
	mostConnections = 20_000
)

// At half of the saturated rate of two processors, 1 to 5 % of the claims find a pool of 8
// empty, and none one of 16 (docs/performance.md).
const (
	poolSize   = 16
	fewerCells = 8 // with so few descriptors that cgroups keep none, so that 1024 are enough for the defaults
)

// usualPool returns the default of pool_size.
func usualPool() int {
	if limit, err := DescriptorLimit(); err == nil && cgroup.Kept(limit) == 0 {
		return fewerCells
	}
	return poolSize
}

// ErrDescriptors is wrapped when the limit on descriptors is too low for the
// settings.
var ErrDescriptors = errors.New("too few descriptors")

// Descriptors returns how many descriptors the service needs besides client
// connections, if all pools are full and being refilled, all places and sessions are
// taken, as many cells as there are places are being removed, and each profile has one
// jail more than zygotes.
func (c Config) Descriptors() int {
	need := descriptorsOfService + 2*conns.Descriptors + AdminConnections
	for _, p := range c.AllProfiles() {
		cells := max(p.PoolSize, p.PoolMax)
		making := min(p.RefillParallel, cells) // more are made only for places, which are counted below
		need += (p.ZygoteCount()+1)*descriptorsOfJail + (cells-making)*descriptorsOfParked + making*descriptorsOfMaking
	}
	if c.Nats != "" {
		need += Forwards + descriptorsOfFleet
	}
	return need + c.MaxRunning*(descriptorsOfRunning+descriptorsOfRemoved) + c.MaxSessions*descriptorsOfRunning + c.TTYMax*descriptorsOfTerminal
}

// Reserved returns how many of limit descriptors are not for client connections: what the
// service needs, and those of cgroups that keep their files open.
func (c Config) Reserved(limit uint64) int { return c.Descriptors() + cgroup.Kept(limit) }

// Connections returns how many connections clients may have, in all and from one
// address. limit is how many descriptors may be open; room is for how many
// connections there is memory, 0 for any number. Each script that may run needs a
// connection, and there must be a few for health checks.
func (c Config) Connections(limit uint64, room int) (most, perAddress int, err error) {
	need := c.Reserved(limit)
	left := int(min(limit, 1<<30)) - need // #nosec G115 -- bounded
	least := c.MaxRunning + 16
	most = c.MaxConnections
	switch {
	case most == 0 && left < least:
		return 0, 0, fmt.Errorf("%w: RLIMIT_NOFILE is %d, but the settings require %d for pools, runs and sessions and %d for connections: raise it (ulimit -n, LimitNOFILE=), or lower max_running, max_sessions, pool_size or pool_max",
			ErrDescriptors, limit, need, least)
	case most == 0:
		most = min(left, mostConnections)
		if room > 0 {
			most = min(most, max(room, least))
		}
	case most > left:
		return 0, 0, fmt.Errorf("%w: max_connections is %d (%s), but RLIMIT_NOFILE, which is %d, leaves %d: pools, runs and sessions require %d",
			ErrDescriptors, most, c.Origin("max_connections"), limit, max(left, 0), need)
	}
	if perAddress = c.MaxConnectionsPerAddress; perAddress == 0 {
		perAddress = (most + 1) / 2
	}
	return most, min(perAddress, most), nil
}
