package config

import (
	"fmt"
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
	"github.com/hotcell/hotcell/webhooks"
)

// Setting is one row of the table from which flags, environment variables, the
// configuration file's keys, their descriptions and docs/settings.md come.
type Setting struct {
	Group string
	Key   string // in the file, where a dot is a level: "limits.max.wall"
	// PerProfile settings are at the top of the file for the default profile, which
	// alone has flags and environment variables, and below profiles.NAME for others.
	PerProfile bool
	Help       string
	field      func(*Config, *Profile) Field
}

// Flag returns its name on the command line, without the dashes.
func (s Setting) Flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(s.Key) }

// Env returns its environment variable.
func (s Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Value returns its value in c, as it would be written in the file.
func (s Setting) Value(c *Config) string { return s.field(c, &c.Profile).Show() }

// Allowed describes the values that it accepts.
func (s Setting) Allowed() string { return s.Field().Allowed }

// Field returns a field that is nobody's, for what it says about the values.
func (s Setting) Field() Field { return s.field(new(Config), new(Profile)) }

func service(group, key, help string, field func(*Config) Field) Setting {
	return Setting{Group: group, Key: key, Help: help, field: func(c *Config, _ *Profile) Field { return field(c) }}
}

func perProfile(group, key, help string, field func(*Profile) Field) Setting {
	return Setting{Group: group, Key: key, PerProfile: true, Help: help, field: func(_ *Config, p *Profile) Field { return field(p) }}
}

// perLimit returns a setting for each limit.
func perLimit(group, prefix string, limitsOf func(*Profile) *nsjail.Limits) []Setting {
	var rows []Setting
	for _, limit := range Limits {
		rows = append(rows, perProfile(group, prefix+limit.Key, limit.Help, func(p *Profile) Field { return limit.Field(limitsOf(p)) }))
	}
	return rows
}

// APIs are the names of the drop-in APIs: see package compat.
var APIs = [...]string{"sandboxfusion", "dify", "e2b", "jupyter", "azure", "piston", "snekbox"}

// perAPI returns a setting for each drop-in API.
func perAPI() []Setting {
	var rows []Setting
	for i, name := range APIs {
		rows = append(rows, service("addresses of drop-in APIs", "compat_listen."+name, "addresses with "+name+" at the root, separated by commas", func(c *Config) Field {
			return List(&c.CompatListen[i], "host:port, separated by commas", addressItem)
		}))
	}
	return rows
}

// Settings is the table, in the order in which it is shown.
var Settings = slices.Concat([]Setting{
	service("server", "listen", "address for clients", func(c *Config) Field {
		return Text(&c.Listen, "host:port, with a port from 0 to 65535", isAddress)
	}),
	service("server", "admin_listen", "address for /metrics and pprof; if empty, listen serves /metrics, and pprof is off", func(c *Config) Field {
		return Text(&c.AdminListen, "host:port, or empty", func(s string) bool { return s == "" || isAddress(s) })
	}),
	service("server", "keys", "file with the clients' keys (see hotcell key --help); if empty, everyone who can reach listen may do everything", func(c *Config) Field {
		return path(&c.Keys, "a file")
	}),
	service("server", "open_to_all", "yes: listen on other addresses than loopback without keys; everyone who can reach them may run scripts", func(c *Config) Field {
		return yesNo(&c.OpenToAll)
	}),
	service("server", "hosts", "names of this server, separated by commas. Without keys, it refuses requests for names other than these, localhost and addresses; if empty and open_to_all is yes, it accepts any name", func(c *Config) Field {
		return List(&c.Hosts, "host names without port, separated by commas", hostName)
	}),
	service("server", "playground", "yes: browsers that open / get a page to try hotcell on", func(c *Config) Field {
		return yesNo(&c.Playground)
	}),
	service("server", "end_revoked_runs", "yes: revoking a key also ends the scripts that it runs; no: only its sessions, terminals and streams", func(c *Config) Field {
		return yesNo(&c.EndRevokedRuns)
	}),
	service("server", "max_running", "scripts that run at the same time; each may use its memory limit; by default, twice the number of processors, and at least 32", func(c *Config) Field {
		return Count(&c.MaxRunning, 1, 10_000)
	}),
	service("server", "max_waiting", "requests that wait in line; further ones are refused; by default, 512 for each processor, and at least 1024", func(c *Config) Field {
		return Count(&c.MaxWaiting, 0, 100_000)
	}),
	service("server", "max_wait", "longest time that a request waits, in line and for a cell, before it is refused", func(c *Config) Field {
		return duration(&c.MaxWait, time.Millisecond, time.Hour)
	}),
	service("server", "max_expected_wait", "refuse a request at once if its answer is expected to take longer than this, unless it says how long its client waits (Prefer: wait)", func(c *Config) Field {
		return duration(&c.MaxExpectedWait, time.Millisecond, time.Hour)
	}),
	// A cell is given at most 64 MiB, which is a body and its environment once more.
	service("server", "max_body", "largest request body", func(c *Config) Field {
		return size(&c.MaxBody, 1<<10, 32<<20)
	}),
	service("server", "max_bodies", "memory for the bodies of all waiting and running requests; further ones are refused. max_memory may leave less", func(c *Config) Field {
		return size(&c.MaxBodies, 1<<10, mostBytes)
	}),
	service("server", "max_memory", "memory that hotcell's own process may use for its clients, in addition to its cells; 0: 2GiB, or half of the memory of the machine or its cgroup if that is less", func(c *Config) Field {
		return size(&c.MaxMemory, 0, mostBytes)
	}),
	service("server", "max_connections", "client connections at the same time; 0: as many as RLIMIT_NOFILE and max_memory allow besides pools, runs and sessions, at most 20000", func(c *Config) Field {
		return Count(&c.MaxConnections, 0, 1_000_000)
	}),
	service("server", "max_connections_per_address", "connections at the same time from one IPv4 address or one IPv6 /64; 0: half of max_connections. A proxy counts as one address", func(c *Config) Field {
		return Count(&c.MaxConnectionsPerAddress, 0, 1_000_000)
	}),
	service("server", "drain_grace", "time after SIGTERM in which scripts may finish and clients may receive their answers", func(c *Config) Field {
		return duration(&c.DrainGrace, 0, time.Hour)
	}),
	service("server", "max_sessions", "sessions at the same time; each keeps a cell and its memory", func(c *Config) Field {
		return Count(&c.MaxSessions, 0, 10_000)
	}),
	service("server", "max_sessions_per_key", "sessions at the same time for one key, or for one address if there are no keys; 0: three quarters of max_sessions, or all of them if there is only one key", func(c *Config) Field {
		return Count(&c.MaxSessionsPerKey, 0, 10_000)
	}),
	service("server", "session_ttl", "longest lifetime of a session", func(c *Config) Field {
		return duration(&c.SessionTTL, time.Second, 1000*time.Hour)
	}),
	service("server", "session_idle", "longest time that a session waits for a call", func(c *Config) Field {
		return duration(&c.SessionIdle, time.Second, 1000*time.Hour)
	}),
	service("server", "compat", "drop-in APIs of other projects that are served below /compat/NAME, separated by commas; empty: none", func(c *Config) Field {
		return List(&c.Compat, "names out of "+strings.Join(APIs[:], ", "), apiName).with(APIs[:]...)
	}),
	service("server", "compat_max_wait", "longest time that a request to a drop-in API waits for a cell, if the API's clients wait that long", func(c *Config) Field {
		return duration(&c.CompatMaxWait, time.Millisecond, time.Hour)
	}),
	service("server", "tty_max", "terminals at the same time, each of which takes a place of max_running; 0: no terminals", func(c *Config) Field {
		return Count(&c.TTYMax, 0, 10_000)
	}),
	service("server", "tty_max_wall", "longest wall clock time of a terminal; a request may ask for less", func(c *Config) Field {
		return duration(&c.TTYMaxWall, time.Second, 1000*time.Hour)
	}),
	service("server", "tty_idle", "end a terminal after this time without input and output", func(c *Config) Field {
		return duration(&c.TTYIdle, time.Millisecond, 1000*time.Hour)
	}),
	service("server", "state_dir", "directory of running instances; if empty, /run/hotcell for root, otherwise a directory below XDG_RUNTIME_DIR", func(c *Config) Field {
		return path(&c.StateDir, "a directory")
	}),
	service("server", "allow_missing", "isolation layers that may be missing, at your own risk, separated by commas: "+strings.Join(doctor.Layers(), ", "), func(c *Config) Field {
		return List(&c.AllowMissing, "names of layers, separated by commas", layerName).with(doctor.Layers()...)
	}),
	service("server", "uid_base", "first uid and gid of the host that zygotes and cells use", func(c *Config) Field {
		return Count(&c.UIDBase, leastUID, 1<<30)
	}),
	service("server", "uid_count", "number of uids and gids for all instances on the host; each instance takes 1000, or two for each cell if that is more", func(c *Config) Field {
		return Count(&c.UIDCount, 2, 1<<30)
	}),
	service("server", "uids", "range: each cell runs under its own uid, which requires CAP_SETUID and CAP_SETGID; single: all cells run under hotcell's uid, which requires no capability; auto: range, or single if the kernel refuses range to an ordinary user", func(c *Config) Field {
		return choice(&c.UIDs, uids.ModeAuto, uids.ModeRange, uids.ModeSingle)
	}),
	service("server", "no_shortcuts", "what makes cells cheaper and is not to be used, separated by commas: "+strings.Join(nsjail.Shortcuts, ", "), func(c *Config) Field {
		return List(&c.NoShortcuts, "names of shortcuts, separated by commas", shortcutName).with(nsjail.Shortcuts...)
	}),
	service("server", "snapshot", "yes: if there is enough memory, the cells of a zygote share its memory as one file in huge pages: a cell costs a quarter less processor time, and a zygote takes 100 MB more with numpy and pandas", func(c *Config) Field {
		return yesNo(&c.Snapshot)
	}),
	service("server", "log_level", "lowest level that is logged", func(c *Config) Field {
		return level(&c.LogLevel)
	}),
	service("server", "log_format", "format of the log on standard error", func(c *Config) Field {
		return choice(&c.LogFormat, "text", "json")
	}),
	service("jobs", "jobs", "yes: serve jobs (POST /jobs)", func(c *Config) Field {
		return yesNo(&c.Jobs)
	}),
	service("jobs", "jobs_dir", "directory of jobs and their answers, which must outlive restarts; if empty, jobs in the directory that systemd sets (STATE_DIRECTORY), or else /var/lib/hotcell/jobs for root, otherwise a directory below XDG_STATE_HOME. It is made when the first job comes", func(c *Config) Field {
		return path(&c.JobsDir, "a directory")
	}),
	service("jobs", "jobs_max_bytes", "size of jobs_dir; new jobs are refused when half of it is in use, so that there is room for answers", func(c *Config) Field {
		return size(&c.JobsMaxBytes, 16<<20, mostBytes)
	}),
	service("jobs", "job_ttl", "how long the answer of a job is kept", func(c *Config) Field {
		return duration(&c.JobTTL, time.Second, 1000*time.Hour)
	}),
	service("jobs", "job_expires", "longest time that a job waits until it is begun; a request may ask for less", func(c *Config) Field {
		return duration(&c.JobExpires, time.Second, 1000*time.Hour)
	}),
	service("jobs", "max_deliveries", "how often a job is begun whose server dies each time; then it is lost", func(c *Config) Field {
		return Count(&c.MaxDeliveries, 1, 100)
	}),
	service("jobs", "job_takeover", "how long a node of a cluster may be silent until others run its jobs; the same on all nodes", func(c *Config) Field {
		return duration(&c.JobTakeover, 3*time.Second, time.Hour)
	}),
	service("jobs", "nats", "address of a NATS cluster with JetStream (nats://host:4222, tls://…), whose jobs all hotcells that are pointed at it share; several are separated by commas; if empty, jobs are kept in jobs_dir", func(c *Config) Field {
		return Text(&c.Nats, "nats://host:port or tls://host:port, separated by commas, or empty", natsAddress)
	}),
	service("jobs", "nats_credentials", "credentials file for the cluster; if empty, none", func(c *Config) Field {
		return path(&c.NatsCredentials, "a file")
	}),
	service("jobs", "nats_ca", "file with the certificates that the cluster's are checked with; if empty, the system's", func(c *Config) Field {
		return path(&c.NatsCA, "a file")
	}),
	service("jobs", "nats_cert", "file with the certificate that hotcell shows to the cluster; if empty, none", func(c *Config) Field {
		return path(&c.NatsCert, "a file")
	}),
	service("jobs", "nats_key", "file with the key of nats_cert", func(c *Config) Field {
		return path(&c.NatsKey, "a file")
	}),
	service("jobs", "nats_replicas", "members of the cluster that keep each job: 1, or 3 to survive the loss of one", func(c *Config) Field {
		return NewField(&c.NatsReplicas, "1 or 3", func(text string) (int, bool) {
			count, err := strconv.Atoi(text)
			return count, err == nil && (count == 1 || count == 3)
		}, strconv.Itoa).with("1", "3")
	}),
	service("jobs", "node", "this node's name among all hotcells that are pointed at nats; each has its own; if empty, the host's name", func(c *Config) Field {
		return Text(&c.Node, "1 to 63 letters, digits, dots, dashes and underscores, or empty", nodeName)
	}),
	service("jobs", "advertise", "host:port at which the other hotcells reach listen, to pass on calls of sessions that are here; if empty, they answer such calls with 421 (misdirected)", func(c *Config) Field {
		return Text(&c.Advertise, "host:port, or empty", reachable)
	}),
	service("jobs", "webhook_allow", "where webhooks may go, separated by commas: "+webhooks.AllowedItems+"; empty: there are no webhooks", func(c *Config) Field {
		return List(&c.WebhookAllow, "names, addresses and ranges, separated by commas", webhookItem)
	}),
	service("jobs", "webhook_secrets", "path of the file of the secrets that webhooks are signed with", func(c *Config) Field {
		return path(&c.WebhookSecrets, "a file")
	}),
	perProfile("cells", "root", "directory whose /usr and /lib the jails see, with an interpreter of its own (make rootfs); if empty, the host's", func(p *Profile) Field {
		return path(&p.Root, "a directory")
	}),
	perProfile("cells", "python", "virtual environment of the jails; if empty, /opt/hotcell/python in root; without a root, python beside the executable, ../lib/hotcell/python from there, or else /opt/hotcell/python", func(p *Profile) Field {
		return path(&p.Python, "a directory")
	}),
	perProfile("cells", "nsjail", "the nsjail program; if empty, the one in the virtual environment, or else the one in PATH", func(p *Profile) Field {
		return path(&p.Nsjail, aProgram)
	}),
	perProfile("cells", "spawn_mode", "fork: cells are forked from a warm interpreter; exec: each cell starts its own interpreter", func(p *Profile) Field {
		return choice(&p.SpawnMode, protocol.ModeFork, protocol.ModeExec)
	}),
	perProfile("cells", "preload", "modules to import before requests arrive, separated by commas", func(p *Profile) Field {
		return List(&p.Preload, "names of modules, separated by commas", moduleName)
	}),
	perProfile("cells", "environment", "environment variables of the interpreter, which scripts see, too: not for secrets; for example what keeps a library from starting threads", func(p *Profile) Field {
		return List(&p.Environment, "NAME=value, separated by commas", variable)
	}),
	perProfile("cells", "warmup", "script whose main runs as a warm-up; if empty, a short one, which uses pandas if that is preloaded", func(p *Profile) Field {
		return path(&p.Warmup, "a file")
	}),
	perProfile("cells", "pool_size", "cells that are kept ready; with pool_max, the minimum, and the number at the start", func(p *Profile) Field {
		return Count(&p.PoolSize, 0, 10_000)
	}),
	perProfile("cells", "pool_max", "maximum number of cells that are kept ready when demand rises; 0: always pool_size", func(p *Profile) Field {
		return Count(&p.PoolMax, 0, 10_000)
	}),
	perProfile("cells", "pool_shrink_after", "shrink a grown pool by a quarter each time that it has needed less for this long", func(p *Profile) Field {
		return duration(&p.PoolShrinkAfter, 100*time.Millisecond, 24*time.Hour)
	}),
	perProfile("cells", "refill_parallel", "cells that are made at the same time; by default, as many as there are processors, from 2 to 64", func(p *Profile) Field {
		return Count(&p.RefillParallel, 1, 64)
	}),
	perProfile("cells", "zygotes", "interpreters that cells are forked from, each of which forks one at a time; 0: one for every 4 processors; 1 in spawn mode exec", func(p *Profile) Field {
		return Count(&p.Zygotes, 0, mostZygotes)
	}),
	perProfile("cells", "cell_max_age", "replace a ready cell after this time; 0s: never", func(p *Profile) Field {
		return duration(&p.CellMaxAge, 0, 1000*time.Hour)
	}),
	perProfile("cells", "zygote_max_age", "replace the interpreter that cells are forked from after this time; 0s: never", func(p *Profile) Field {
		return duration(&p.ZygoteMaxAge, 0, 1000*time.Hour)
	}),
	perProfile("cells", "zygote_max_cells", "replace that interpreter after this number of cells, which share its memory layout; 0: never", func(p *Profile) Field {
		return Count(&p.ZygoteMaxCells, 0, 1_000_000_000)
	}),
},
	perAPI(),
	perLimit("limits of scripts that do not ask for others", "limits.default.", func(p *Profile) *nsjail.Limits { return &p.Default }),
	perLimit("largest limits that scripts may ask for", "limits.max.", func(p *Profile) *nsjail.Limits { return &p.Max }),
)

func anyText(string) bool { return true }

// aProgram is what the setting nsjail accepts.
const aProgram = "a program"

const mostZygotes = 64

// leastUID is the first uid that cells may have: those below belong to a system's own
// users, such as www-data, and nothing that runs in a cell may become one of them.
const leastUID = 1000

func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

// hostName matches an item of the setting hosts: a name without port.
var hostName = regexp.MustCompile(`(?i)^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

var apiName = regexp.MustCompile("^(" + strings.Join(APIs[:], "|") + ")$")

// addressItem matches an item of the settings compat_listen.
var addressItem = regexp.MustCompile(`^(\[[0-9a-fA-F:.]*\]|[^][:,\s]*):[0-9]{1,5}$`)

// webhookItem matches an item of the setting webhook_allow, which check reads.
var webhookItem = regexp.MustCompile(`^[^\s,]+$`)

// shortcutName matches an item of the setting no_shortcuts.
var shortcutName = regexp.MustCompile("^(" + strings.Join(nsjail.Shortcuts, "|") + ")$")

var layerName = regexp.MustCompile(`^[a-z-]+$`)

var (
	// A variable of the setting environment.
	variable   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=[^\x00-\x1f\x7f]*$`)
	moduleName = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
	// The name of a profile appears in requests, metrics and logs.
	profileName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
)

// CheckProfileName returns why name cannot be a profile's name, or nil.
func CheckProfileName(name string) error {
	if !profileName.MatchString(name) {
		return fmt.Errorf("profile %q: the name must be %s", name, allowedProfileName)
	}
	return nil
}

const allowedProfileName = "a lower-case letter, followed by at most 31 lower-case letters, digits, _ and -"
