package logline

import (
	"log/slog"
	"runtime"
	"slices"
	"strings"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Posture says how a service is set up and what isolates its cells, for the line of the
// log that somebody puts into a ticket. keys is how many keys there are.
func Posture(cfg config.Config, info api.Info, keys int) []slog.Attr {
	who := "loopback"
	switch {
	case cfg.Keys != "":
		who = "keys"
	case cfg.OpenToAll:
		who = "open to all"
	}
	attrs := []slog.Attr{
		slog.String("go", runtime.Version()), slog.String("system", runtime.GOOS+"/"+runtime.GOARCH), slog.Int("processors", runtime.NumCPU()),
		slog.String("clients", who), slog.Int("keys", keys), slog.String("admin", cfg.AdminListen), slog.String("apis", strings.Join(cfg.Compat, ",")),
		slog.Int("max_running", cfg.MaxRunning), slog.Int("max_waiting", cfg.MaxWaiting), slog.Int("max_sessions", cfg.MaxSessions), slog.Int("max_connections", info.Connections.Max),
		slog.String("uids", string(info.UIDs)), slog.Int("landlock", info.LandlockABI), slog.String("allow_missing", strings.Join(cfg.AllowMissing, ",")),
	}
	var profiles []slog.Attr
	for _, p := range cfg.AllProfiles() {
		row := info.Profiles[p.Name]
		profiles = append(profiles, slog.Any(p.Name, slog.GroupValue(
			slog.String("python", row.Python), slog.String("spawn", string(p.SpawnMode)), slog.Int("pool", p.PoolSize), slog.Int("pool_max", p.PoolMax),
			slog.String("root", p.Root), slog.Int("layers", count(row.Isolation, true)), slog.String("missing", strings.Join(named(row.Isolation, false), ",")),
			slog.String("shortcuts", strings.Join(named(row.Shortcuts, true), ",")),
		)))
	}
	return append(attrs, slog.Any("profiles", slog.GroupValue(profiles...)))
}

// named returns the names that have a value, in order.
func named(of map[string]bool, value bool) (names []string) {
	for name, is := range of {
		if is == value {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func count(of map[string]bool, value bool) int { return len(named(of, value)) }
