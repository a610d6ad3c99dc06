package config

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/protocol"
)

// Setting is one row of the table from which flags, environment variables, the
// configuration file's keys, their descriptions and docs/settings.md come.
type Setting struct {
	Group string
	Key   string // in the file, where a dot is a level: "limits.max.wall"
	// PerProfile settings stand at the top of the file for the default profile,
	// which alone has flags and environment variables, and below profiles.NAME for
	// the others.
	PerProfile bool
	Help       string
	field      func(*Config, *Profile) Field
}

// Flag is its name on the command line, without the dashes.
func (s Setting) Flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(s.Key) }

// Env is its environment variable.
func (s Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Value prints what c holds for it, as it would be written in the file.
func (s Setting) Value(c *Config) string { return s.field(c, &c.Profile).Show() }

// Allowed says in words which values it takes.
func (s Setting) Allowed() string { return s.field(new(Config), new(Profile)).Allowed }

func service(group, key, help string, field func(*Config) Field) Setting {
	return Setting{Group: group, Key: key, Help: help, field: func(c *Config, _ *Profile) Field { return field(c) }}
}

func perProfile(group, key, help string, field func(*Profile) Field) Setting {
	return Setting{Group: group, Key: key, PerProfile: true, Help: help, field: func(_ *Config, p *Profile) Field { return field(p) }}
}

// perLimit is a setting for each limit.
func perLimit(group, prefix string, limitsOf func(*Profile) *nsjail.Limits) []Setting {
	var rows []Setting
	for _, limit := range Limits {
		rows = append(rows, perProfile(group, prefix+limit.Key, limit.Help, func(p *Profile) Field { return limit.Field(limitsOf(p)) }))
	}
	return rows
}

// Settings is the table, in the order in which it is to be read.
var Settings = slices.Concat([]Setting{
	service("server", "listen", "address that serves clients", func(c *Config) Field {
		return Text(&c.Listen, "host:port", isAddress)
	}),
	service("server", "admin_listen", "address of /metrics and pprof; empty: /metrics is on listen, and there is no pprof", func(c *Config) Field {
		return Text(&c.AdminListen, "host:port, or empty", func(s string) bool { return s == "" || isAddress(s) })
	}),
	service("server", "keys", "file of the keys that clients need, see hotcell key --help; empty: whoever reaches listen may do everything", func(c *Config) Field {
		return Text(&c.Keys, "a file", anyText)
	}),
	service("server", "open_to_all", "yes: listen elsewhere than on loopback without keys, so that whoever can reach it runs scripts", func(c *Config) Field {
		return yesNo(&c.OpenToAll)
	}),
	service("server", "hosts", "names of this server, with commas: without keys it answers to these, to localhost and to addresses only; empty with open_to_all: to any name", func(c *Config) Field {
		return List(&c.Hosts, "host names without port, with commas", hostName)
	}),
	service("server", "end_revoked_runs", "yes: a key that is revoked takes the scripts that it runs with it; no: only its sessions, terminals and streams", func(c *Config) Field {
		return yesNo(&c.EndRevokedRuns)
	}),
	service("server", "max_running", "scripts that run at a time; each may take its memory limit", func(c *Config) Field {
		return Count(&c.MaxRunning, 1, 10_000)
	}),
	service("server", "max_waiting", "requests that wait in line for their turn; more are refused", func(c *Config) Field {
		return Count(&c.MaxWaiting, 0, 100_000)
	}),
	service("server", "max_wait", "how long a request waits, in line and for a cell, before it is refused", func(c *Config) Field {
		return duration(&c.MaxWait, time.Millisecond, time.Hour)
	}),
	service("server", "max_expected_wait", "a request is refused at once if its answer is expected to take longer, unless it says how long its client waits (Prefer: wait)", func(c *Config) Field {
		return duration(&c.MaxExpectedWait, time.Millisecond, time.Hour)
	}),
	// A cell is given at most 64 MiB, which is a body and its environment once more.
	service("server", "max_body", "largest request body", func(c *Config) Field {
		return size(&c.MaxBody, 1<<10, 32<<20)
	}),
	service("server", "max_bodies", "all bodies of requests that wait or run; more are refused, also where max_memory leaves less", func(c *Config) Field {
		return size(&c.MaxBodies, 1<<10, mostBytes)
	}),
	service("server", "max_memory", "memory that hotcell's own process may take for its clients, whatever they do, beside that of its cells; 0: 2GiB, or half of what the machine or its cgroup has", func(c *Config) Field {
		return size(&c.MaxMemory, 0, mostBytes)
	}),
	service("server", "max_connections", "clients' connections at a time; 0: as many as descriptors allow (RLIMIT_NOFILE) beside pools, runs and sessions, at most 20000", func(c *Config) Field {
		return Count(&c.MaxConnections, 0, 1_000_000)
	}),
	service("server", "max_connections_per_address", "of them from one IPv4 address or one IPv6 /64; 0: half. A proxy in front is one address", func(c *Config) Field {
		return Count(&c.MaxConnectionsPerAddress, 0, 1_000_000)
	}),
	service("server", "drain_grace", "how long after SIGTERM scripts may go on and clients may take their answers", func(c *Config) Field {
		return duration(&c.DrainGrace, 0, time.Hour)
	}),
	service("server", "max_sessions", "sessions at a time; each keeps a cell, with its memory", func(c *Config) Field {
		return Count(&c.MaxSessions, 0, 10_000)
	}),
	service("server", "max_sessions_per_key", "sessions at a time for one key, or one address where there are no keys; 0: three quarters of max_sessions, or all where there is only one", func(c *Config) Field {
		return Count(&c.MaxSessionsPerKey, 0, 10_000)
	}),
	service("server", "session_ttl", "the longest that a session may live", func(c *Config) Field {
		return duration(&c.SessionTTL, time.Second, 1000*time.Hour)
	}),
	service("server", "session_idle", "the longest that a session may wait for a call", func(c *Config) Field {
		return duration(&c.SessionIdle, time.Second, 1000*time.Hour)
	}),
	service("server", "tty_max", "terminals at a time, each of which takes a place of max_running; 0: none", func(c *Config) Field {
		return Count(&c.TTYMax, 0, 10_000)
	}),
	service("server", "tty_max_wall", "wall clock time of a terminal; a request may ask for less", func(c *Config) Field {
		return duration(&c.TTYMaxWall, time.Second, 1000*time.Hour)
	}),
	service("server", "tty_idle", "a terminal is ended after so long without input and output", func(c *Config) Field {
		return duration(&c.TTYIdle, time.Millisecond, 1000*time.Hour)
	}),
	service("server", "state_dir", "directory of running instances; empty: /run/hotcell for root, else below XDG_RUNTIME_DIR", func(c *Config) Field {
		return Text(&c.StateDir, "a directory", anyText)
	}),
	service("server", "allow_missing", "isolation layers that may be missing, at the risk of whoever says so: "+strings.Join(doctor.Layers(), ", "), func(c *Config) Field {
		return List(&c.AllowMissing, "names of layers, with commas", layerName)
	}),
	service("server", "uid_base", "first uid and gid of the machine that zygotes and cells use", func(c *Config) Field {
		return Count(&c.UIDBase, 1, 1<<30)
	}),
	service("server", "uid_count", "how many of them, for all instances on the machine: each takes 1000, or twice as many as it may have cells, that no other one has", func(c *Config) Field {
		return Count(&c.UIDCount, 2, 1<<30)
	}),
	service("server", "uids", "range: each cell has a uid of its own, which takes CAP_SETUID and CAP_SETGID; single: all have hotcell's own, which takes no capability; auto: range, or single for an ordinary user whom the kernel refuses it", func(c *Config) Field {
		return choice(&c.UIDs, uids.ModeAuto, uids.ModeRange, uids.ModeSingle)
	}),
	service("server", "log_level", "what is logged", func(c *Config) Field {
		return level(&c.LogLevel)
	}),
	service("server", "log_format", "how it is logged, on standard error", func(c *Config) Field {
		return choice(&c.LogFormat, "text", "json")
	}),
	perProfile("cells", "root", "directory whose /usr and /lib jails see, with an interpreter of its own (make rootfs); empty: the host's", func(p *Profile) Field {
		return Text(&p.Root, "a directory", anyText)
	}),
	perProfile("cells", "python", "virtual environment that jails run; empty: /opt/hotcell/python of the root, where there is one, else python beside the executable, else /opt/hotcell/python", func(p *Profile) Field {
		return Text(&p.Python, "a directory", anyText)
	}),
	perProfile("cells", "nsjail", "the nsjail program; empty: the environment's, else the one on PATH", func(p *Profile) Field {
		return Text(&p.Nsjail, "a program", anyText)
	}),
	perProfile("cells", "spawn_mode", "fork: cells are forked from a warm interpreter; exec: each starts its own", func(p *Profile) Field {
		return choice(&p.SpawnMode, protocol.ModeFork, protocol.ModeExec)
	}),
	perProfile("cells", "preload", "modules that are imported before a request comes", func(p *Profile) Field {
		return List(&p.Preload, "names of modules, with commas", moduleName)
	}),
	perProfile("cells", "warmup", "script whose main is run to warm up; empty: a short one that uses pandas, where that is preloaded", func(p *Profile) Field {
		return Text(&p.Warmup, "a file", anyText)
	}),
	perProfile("cells", "pool_size", "cells that are kept ready; with a pool_max the fewest, and those at the start", func(p *Profile) Field {
		return Count(&p.PoolSize, 0, 10_000)
	}),
	perProfile("cells", "pool_max", "up to how many are kept ready when demand wants more than pool_size; 0: pool_size, whatever comes", func(p *Profile) Field {
		return Count(&p.PoolMax, 0, 10_000)
	}),
	perProfile("cells", "pool_shrink_after", "a pool that has grown shrinks by a quarter each time that it needed less for so long", func(p *Profile) Field {
		return duration(&p.PoolShrinkAfter, 100*time.Millisecond, 24*time.Hour)
	}),
	perProfile("cells", "refill_parallel", "cells that are made at the same time; as many as processors, where it is not set", func(p *Profile) Field {
		return Count(&p.RefillParallel, 1, 64)
	}),
	perProfile("cells", "cell_max_age", "a ready cell is replaced after this; 0s: never", func(p *Profile) Field {
		return duration(&p.CellMaxAge, 0, 1000*time.Hour)
	}),
	perProfile("cells", "zygote_max_age", "the interpreter that cells are forked from is replaced after this; 0s: never", func(p *Profile) Field {
		return duration(&p.ZygoteMaxAge, 0, 1000*time.Hour)
	}),
	perProfile("cells", "zygote_max_cells", "and after so many cells, which share its memory layout; 0: never", func(p *Profile) Field {
		return Count(&p.ZygoteMaxCells, 0, 1_000_000_000)
	}),
},
	perLimit("limits: what a script gets that asks for nothing", "limits.default.", func(p *Profile) *nsjail.Limits { return &p.Default }),
	perLimit("limits: the most that a script may ask for", "limits.max.", func(p *Profile) *nsjail.Limits { return &p.Max }),
)

func anyText(string) bool { return true }

func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

// hostName is what the setting hosts lists: a name without port.
var hostName = regexp.MustCompile(`(?i)^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

var layerName = regexp.MustCompile(`^[a-z-]+$`)

var (
	moduleName = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
	// A profile's name stands in requests, metrics and logs.
	profileName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
)

const allowedProfileName = "a small letter, and then at most 31 of small letters, digits, _ and -"
