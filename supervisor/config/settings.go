package config

import (
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail/uids"
)

// Setting is one row of the table from which flags, environment variables, the
// configuration file's keys and their descriptions come.
type Setting struct {
	Group string
	Key   string // in the file, where a dot is a level: "limits.max.wall"
	Help  string
	field func(*Config) Field
}

// Flag is its name on the command line, without the dashes.
func (s Setting) Flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(s.Key) }

// Env is its environment variable.
func (s Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Value prints what c holds for it, as it would be written in the file.
func (s Setting) Value(c *Config) string { return s.field(c).Show() }

// Allowed says in words which values it takes.
func (s Setting) Allowed() string { return s.field(&Config{}).Allowed }

// Field reads and prints one value that can be configured.
type Field struct {
	Allowed string // in words
	List    bool   // in the file it may be written as a list
	Set     func(text string) bool
	Show    func() string
}

// Text is a value that is taken as it stands, where ok says so.
func Text(p *string, allowed string, ok func(string) bool) Field {
	return Field{
		Allowed: allowed,
		Show:    func() string { return *p },
		Set: func(text string) bool {
			if ok(text) {
				*p = text
			}
			return ok(text)
		},
	}
}

func number[N ~int | ~int64](p *N, parse func(string) (N, error), noun string, low, high N) Field {
	return Field{
		Allowed: fmt.Sprintf("%s from %v to %v", noun, low, high),
		Show:    func() string { return fmt.Sprint(*p) },
		Set: func(text string) bool {
			n, err := parse(text)
			if err != nil || n < low || n > high {
				return false
			}
			*p = n
			return true
		},
	}
}

// Count is a whole number.
func Count(p *int, low, high int) Field {
	return number(p, strconv.Atoi, "a whole number", low, high)
}

func duration(p *time.Duration, low, high time.Duration) Field {
	return number(p, time.ParseDuration, `a duration such as "1.5s"`, low, high)
}

func size(p *Size, low, high Size) Field {
	return number(p, ParseSize, `a size such as "64MiB"`, low, high)
}

func choice[S ~string](p *S, choices ...S) Field {
	return Field{
		Allowed: fmt.Sprintf("one of %q", choices),
		Show:    func() string { return string(*p) },
		Set: func(text string) bool {
			for _, c := range choices {
				if string(c) == text {
					*p = c
					return true
				}
			}
			return false
		},
	}
}

// List is written with commas, or as a list in the file.
func List(p *[]string, allowed string, item *regexp.Regexp) Field {
	return Field{
		Allowed: allowed,
		List:    true,
		Show:    func() string { return strings.Join(*p, ",") },
		Set: func(text string) bool {
			var items []string
			for part := range strings.SplitSeq(text, ",") {
				part = strings.TrimSpace(part)
				if text != "" && !item.MatchString(part) {
					return false
				}
				if part != "" {
					items = append(items, part)
				}
			}
			*p = items
			return true
		},
	}
}

func level(p *slog.Level) Field {
	return Field{
		Allowed: `one of ["debug" "info" "warn" "error"]`,
		Show:    func() string { return strings.ToLower(p.String()) },
		Set:     func(text string) bool { return p.UnmarshalText([]byte(text)) == nil },
	}
}

func yesNo(p *bool) Field {
	return Field{
		Allowed: `"yes" or "no"`,
		Show: func() string {
			if *p {
				return "yes"
			}
			return "no"
		},
		Set: func(text string) bool {
			switch text {
			case "yes", "true":
				*p = true
			case "no", "false":
				*p = false
			default:
				return false
			}
			return true
		},
	}
}

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

// Settings is the table, in the order in which it is to be read.
var Settings = slices.Concat([]Setting{
	{"server", "listen", "address that serves clients", func(c *Config) Field {
		return Text(&c.Listen, "host:port", isAddress)
	}},
	{"server", "admin_listen", "address of /metrics and pprof; empty: /metrics is on listen, and there is no pprof", func(c *Config) Field {
		return Text(&c.AdminListen, "host:port, or empty", func(s string) bool { return s == "" || isAddress(s) })
	}},
	{"server", "keys", "file of the keys that clients need, see hotcell key --help; empty: whoever reaches listen may do everything", func(c *Config) Field {
		return Text(&c.Keys, "a file", anyText)
	}},
	{"server", "open_to_all", "yes: listen elsewhere than on loopback without keys, so that whoever can reach it runs scripts", func(c *Config) Field {
		return yesNo(&c.OpenToAll)
	}},
	{"server", "hosts", "names of this server, with commas: without keys it answers to these, to localhost and to addresses only; empty with open_to_all: to any name", func(c *Config) Field {
		return List(&c.Hosts, "host names without port, with commas", hostName)
	}},
	{"server", "end_revoked_runs", "yes: a key that is revoked takes the scripts that it runs with it; no: only its sessions, terminals and streams", func(c *Config) Field {
		return yesNo(&c.EndRevokedRuns)
	}},
	{"server", "max_running", "scripts that run at a time; each may take its memory limit", func(c *Config) Field {
		return Count(&c.MaxRunning, 1, 10_000)
	}},
	{"server", "max_waiting", "requests that wait in line for their turn; more are refused", func(c *Config) Field {
		return Count(&c.MaxWaiting, 0, 100_000)
	}},
	{"server", "max_wait", "how long a request waits, in line and for a cell, before it is refused", func(c *Config) Field {
		return duration(&c.MaxWait, time.Millisecond, time.Hour)
	}},
	{"server", "max_expected_wait", "a request is refused at once if its answer is expected to take longer, unless it says how long its client waits (Prefer: wait)", func(c *Config) Field {
		return duration(&c.MaxExpectedWait, time.Millisecond, time.Hour)
	}},
	// A cell is given at most 64 MiB, which is a body and its environment once more.
	{"server", "max_body", "largest request body", func(c *Config) Field {
		return size(&c.MaxBody, 1<<10, 32<<20)
	}},
	{"server", "max_bodies", "all bodies of requests that wait or run; more are refused, also where max_memory leaves less", func(c *Config) Field {
		return size(&c.MaxBodies, 1<<10, mostBytes)
	}},
	{"server", "max_memory", "memory that hotcell's own process may take for its clients, whatever they do, beside that of its cells; 0: 2GiB, or half of what the machine or its cgroup has", func(c *Config) Field {
		return size(&c.MaxMemory, 0, mostBytes)
	}},
	{"server", "max_connections", "clients' connections at a time; 0: as many as descriptors allow (RLIMIT_NOFILE) beside pools, runs and sessions, at most 20000", func(c *Config) Field {
		return Count(&c.MaxConnections, 0, 1_000_000)
	}},
	{"server", "max_connections_per_address", "of them from one IPv4 address or one IPv6 /64; 0: half. A proxy in front is one address", func(c *Config) Field {
		return Count(&c.MaxConnectionsPerAddress, 0, 1_000_000)
	}},
	{"server", "drain_grace", "how long after SIGTERM scripts may go on and clients may take their answers", func(c *Config) Field {
		return duration(&c.DrainGrace, 0, time.Hour)
	}},
	{"server", "max_sessions", "sessions at a time; each keeps a cell, with its memory", func(c *Config) Field {
		return Count(&c.MaxSessions, 0, 10_000)
	}},
	{"server", "max_sessions_per_key", "sessions at a time for one key, or one address where there are no keys; 0: three quarters of max_sessions, or all where there is only one", func(c *Config) Field {
		return Count(&c.MaxSessionsPerKey, 0, 10_000)
	}},
	{"server", "session_ttl", "the longest that a session may live", func(c *Config) Field {
		return duration(&c.SessionTTL, time.Second, 1000*time.Hour)
	}},
	{"server", "session_idle", "the longest that a session may wait for a call", func(c *Config) Field {
		return duration(&c.SessionIdle, time.Second, 1000*time.Hour)
	}},
	{"server", "tty_max", "terminals at a time, each of which takes a place of max_running; 0: none", func(c *Config) Field {
		return Count(&c.TTYMax, 0, 10_000)
	}},
	{"server", "tty_max_wall", "wall clock time of a terminal; a request may ask for less", func(c *Config) Field {
		return duration(&c.TTYMaxWall, time.Second, 1000*time.Hour)
	}},
	{"server", "tty_idle", "a terminal is ended after so long without input and output", func(c *Config) Field {
		return duration(&c.TTYIdle, time.Millisecond, 1000*time.Hour)
	}},
	{"server", "state_dir", "directory of running instances; empty: /run/hotcell for root, else below XDG_RUNTIME_DIR", func(c *Config) Field {
		return Text(&c.StateDir, "a directory", anyText)
	}},
	{"server", "allow_missing", "isolation layers that may be missing, at the risk of whoever says so: " + strings.Join(doctor.Layers(), ", "), func(c *Config) Field {
		return List(&c.AllowMissing, "names of layers, with commas", layerName)
	}},
	{"server", "uid_base", "first uid and gid of the machine that zygotes and cells use", func(c *Config) Field {
		return Count(&c.UIDBase, 1, 1<<30)
	}},
	{"server", "uid_count", "how many of them, for all instances on the machine: each takes 1000, or twice as many as it may have cells, that no other one has", func(c *Config) Field {
		return Count(&c.UIDCount, 2, 1<<30)
	}},
	{"server", "uids", "range: each cell has a uid of its own, which takes CAP_SETUID and CAP_SETGID; single: all have hotcell's own, which takes no capability; auto: range, or single for an ordinary user whom the kernel refuses it", func(c *Config) Field {
		return choice(&c.UIDs, uids.ModeAuto, uids.ModeRange, uids.ModeSingle)
	}},
	{"server", "log_level", "what is logged", func(c *Config) Field {
		return level(&c.LogLevel)
	}},
	{"server", "log_format", "how it is logged, on standard error", func(c *Config) Field {
		return choice(&c.LogFormat, "text", "json")
	}},
}, ofDefaultProfile(profileSettings))
