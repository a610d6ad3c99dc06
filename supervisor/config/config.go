package config

import (
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/webhooks"
)

// Config is the configuration of a service. settings.go describes each setting.
type Config struct {
	Listen      string // host:port; port 0: any free port
	AdminListen string // host:port for /metrics and pprof; empty: Listen serves /metrics, pprof is off

	Keys      string // path of the keys file; empty: there are no keys, and hotcell listens on loopback only
	OpenToAll bool   // listen on any address without keys

	// Hosts are the names that clients without keys may use, besides localhost and
	// addresses. Empty means any name if OpenToAll is set.
	Hosts []string

	Playground bool // browsers get a page to try it on at /

	// EndRevokedRuns makes revoking a key end its running scripts, and not only its
	// sessions, terminals and streams.
	EndRevokedRuns bool

	MaxRunning int           // scripts at the same time
	MaxWaiting int           // requests in line
	MaxWait    time.Duration // in line and for a cell, together
	// MaxExpectedWait bounds the time that a request's answer is expected to take:
	// if it is longer, the request is refused at once, unless its client says how
	// long it waits.
	MaxExpectedWait time.Duration
	MaxBody         Size          // of a request
	MaxBodies       Size          // of all waiting and running requests
	MaxMemory       Size          // that the service itself may use; 0: see [budget.Divide]
	DrainGrace      time.Duration // for running scripts when the service ends

	MaxConnections           int // of clients; 0: as many as descriptors and memory allow
	MaxConnectionsPerAddress int // from one address; 0: half of them

	MaxSessions       int           // at the same time; each keeps a cell
	MaxSessionsPerKey int           // for one key; 0: three quarters, or all for an only key
	SessionTTL        time.Duration // longest lifetime
	SessionIdle       time.Duration // longest time between calls

	// Compat names the drop-in APIs that are served, and CompatListen has the addresses
	// of their own.
	Compat       []string
	CompatListen [len(APIs)][]string // as APIs
	// CompatMaxWait bounds how long their requests wait, in place of MaxWait.
	CompatMaxWait time.Duration

	Jobs          bool          // jobs are served
	JobsDir       string        // where the engine in this process keeps them; empty: see [directory.Default] of jobs
	JobsMaxBytes  Size          // that it may have there
	JobTTL        time.Duration // how long answers are kept
	JobExpires    time.Duration // longest time that a job waits until it is begun
	MaxDeliveries int           // how often a job is begun whose server dies each time
	JobTakeover   time.Duration // how long a node may be silent until others get its jobs
	// Nats is the address of a cluster that keeps the jobs of many nodes; empty: the
	// engine is in this process. The next are files.
	Nats, NatsCredentials, NatsCA, NatsCert, NatsKey string
	NatsReplicas                                     int // of what the cluster keeps
	// Node is this node's name among all that are pointed at the cluster; empty: the host's.
	// Advertise is where they reach it; empty: nowhere.
	Node, Advertise string

	// WebhookAllow names the addresses that webhooks may go to, and WebhookSecrets is the
	// path of the file of their secrets; empty: there are none.
	WebhookAllow   []string
	WebhookSecrets string

	TTYMax     int           // terminals at the same time; 0: there are none
	TTYMaxWall time.Duration // longest wall clock time of a terminal
	TTYIdle    time.Duration // time without input and output after which a terminal ends

	StateDir          string   // empty: see [nsjail.HostConfig]
	AllowMissing      []string // isolation layers that may be missing
	UIDBase, UIDCount int      // the host's uids that instances may use
	UIDs              uids.Mode
	NoShortcuts       []string // see [nsjail.Shortcuts]
	Snapshot          bool     // see [nsjail.ShortcutSnapshot]

	LogLevel  slog.Level
	LogFormat string // "text" or "json"

	Profile  Profile   // the default one
	Profiles []Profile // the others; in the file each starts as a copy of the default one

	// Version is the program's own, for /info and metrics; it is not a setting.
	Version string

	// LogLost returns how many lines of the log were lost, for metrics; it is not a
	// setting. nil: they are not counted.
	LogLost func() uint64

	// Tracing sends spans where OpenTelemetry's environment variables say; it is not
	// a setting.
	Tracing bool

	origin map[string]string // where a setting that is not the default comes from
}

// Profile is a set of libraries, with how its cells are made and what their
// scripts may use.
type Profile struct {
	Name           string
	Root           string // of the jails; empty: the host's libraries and interpreter
	Python         string // a virtual environment's directory; empty: see [Profile.environment]
	Nsjail         string // the program; empty: see [nsjail.Profile]
	SpawnMode      protocol.Mode
	Preload        []string // modules
	Environment    []string // NAME=value
	Warmup         string   // path of a script; empty: the embedded one
	PoolSize       int      // minimum of cells that are kept ready
	PoolMax        int      // maximum, when demand rises; 0: PoolSize
	RefillParallel int
	CellMaxAge     time.Duration // 0: no limit
	ZygoteMaxAge   time.Duration // 0: no limit
	ZygoteMaxCells int           // 0: no limit
	Zygotes        int           // 0: see [Profile.ZygoteCount]
	Default, Max   nsjail.Limits

	// PoolShrinkAfter is how long a grown pool must have needed less before it
	// shrinks.
	PoolShrinkAfter time.Duration
}

const defaultProfile = "default"

// Default gives each setting its default.
//
// MaxRunning is about memory: 32 scripts that each use all of the default 256 MiB
// need 8 GiB. More at the same time gain nothing, since scripts have no network
// to wait for and would only share the same cores. MaxWaiting is about twice the
// number of requests that a processor answers in MaxExpectedWait: the expected
// wait bounds the line, not its length.
func Default() Config {
	return Config{
		Listen:     "127.0.0.1:8080",
		MaxRunning: max(32, 2*runtime.NumCPU()),
		MaxWaiting: max(1024, 512*runtime.NumCPU()),
		MaxWait:    10 * time.Second,

		MaxExpectedWait: time.Second,

		Playground: true,
		MaxBody:    8 << 20,
		MaxBodies:  512 << 20,
		DrainGrace: 10 * time.Second,

		MaxSessions: 16,
		SessionTTL:  time.Hour,
		SessionIdle: 15 * time.Minute,

		Compat:        slices.Clone(APIs[:]),
		CompatMaxWait: 2 * time.Minute,

		Jobs:          true,
		JobsMaxBytes:  8 << 30,
		JobTTL:        time.Hour,
		JobExpires:    24 * time.Hour,
		MaxDeliveries: 5,
		JobTakeover:   30 * time.Second,
		NatsReplicas:  1,

		TTYMax:     8, // so that they leave places to requests
		TTYMaxWall: time.Hour,
		TTYIdle:    15 * time.Minute,

		UIDBase:   20000, // fits container engines that remap users, too
		UIDCount:  40000,
		UIDs:      uids.ModeAuto,
		Snapshot:  true,
		LogLevel:  slog.LevelInfo,
		LogFormat: "text",
		Version:   "unknown",
		Profile: Profile{
			Name:           defaultProfile,
			SpawnMode:      protocol.ModeFork,
			Preload:        []string{"numpy", "pandas"},
			PoolSize:       usualPool(),
			RefillParallel: min(max(2, runtime.NumCPU()), 64), // docs/capacity.md
			CellMaxAge:     time.Hour,
			ZygoteMaxAge:   30 * time.Minute,
			ZygoteMaxCells: 10_000,

			PoolShrinkAfter: time.Minute,
			Default: nsjail.Limits{
				Wall: 10 * time.Second, CPU: 10 * time.Second, MemoryBytes: 256 << 20, OutputBytes: 1 << 20,
				ResultBytes: 4 << 20, FilesBytes: 4 << 20, OutputsBytes: 4 << 20, DiskBytes: 64 << 20, Processes: 32, InterruptGrace: time.Second,
			},
			Max: nsjail.Limits{
				Wall: time.Minute, CPU: time.Minute, MemoryBytes: 1 << 30, OutputBytes: 16 << 20,
				ResultBytes: 32 << 20, FilesBytes: 32 << 20, OutputsBytes: 32 << 20, DiskBytes: 512 << 20, Processes: 128, InterruptGrace: 10 * time.Second,
			},
		},
	}
}

// AllProfiles returns the default profile, followed by the others.
func (c Config) AllProfiles() []Profile { return append([]Profile{c.Profile}, c.Profiles...) }

// ProfileNamed returns the profile of that name, which must exist.
func (c Config) ProfileNamed(name string) Profile {
	profiles := c.AllProfiles()
	return profiles[slices.IndexFunc(profiles, func(p Profile) bool { return p.Name == name })]
}

// LongestWall returns the longest time that a script of any profile may run.
func (c Config) LongestWall() time.Duration {
	var wall time.Duration
	for _, profile := range c.AllProfiles() {
		wall = max(wall, profile.Max.Wall)
	}
	return wall
}

// Host returns what jails need of the machine.
func (c Config) Host(log *slog.Logger) nsjail.HostConfig {
	busy := c.MaxRunning + c.MaxSessions // terminals have places of MaxRunning
	cells := busy
	for _, p := range c.AllProfiles() {
		cells += max(p.PoolSize, p.PoolMax) + p.RefillParallel
	}
	return nsjail.HostConfig{
		StateDir: c.StateDir, AllowMissing: c.AllowMissing, UIDBase: c.UIDBase, UIDCount: c.UIDCount, UIDs: c.UIDs, Without: c.NoShortcuts, Snapshot: c.Snapshot, Cells: cells, BusyCells: busy, Log: log,
	}
}

// processorsOfAZygote is how many processors a zygote makes cells for: docs/capacity.md.
const processorsOfAZygote = 4

// processors is how many this process may use when it starts: fewer than the machine has if
// its affinity or a CPU limit of its cgroup says so, as in a pod. Later GOMAXPROCS is lower.
var processors = runtime.GOMAXPROCS(0)

// ZygoteCount returns how many zygotes the profile has. By default there are no more than the
// processors need, since each takes memory. In spawn mode exec each cell is started by
// itself, and one jail stands for all.
func (p Profile) ZygoteCount() int {
	switch {
	case p.SpawnMode == protocol.ModeExec:
		return 1
	case p.Zygotes == 0:
		return min((processors+processorsOfAZygote-1)/processorsOfAZygote, mostZygotes)
	}
	return p.Zygotes
}

// Jail describes how the profile's jails are made. The error wraps [ErrNoPython],
// or is about the warm-up script.
func (p Profile) Jail() (nsjail.Profile, error) {
	python, err := p.environment()
	if err != nil {
		return nsjail.Profile{}, err
	}
	warmup, err := p.warmupScript()
	return nsjail.Profile{
		Name: p.Name, Mode: p.SpawnMode, Root: p.Root, Python: python, Nsjail: p.Nsjail,
		Preload:     append([]string{}, p.Preload...), // never nil, which the worker would see as null
		Environment: p.Environment,
		Warmup:      warmup, Limits: p.Default, MaxProcesses: p.Max.Processes,
	}, err
}

// Jails describes how the jails of all profiles are made, the default one first.
func (c Config) Jails() ([]nsjail.Profile, error) {
	var jails []nsjail.Profile
	var errs []error
	for _, p := range c.AllProfiles() {
		jail, err := p.Jail()
		jails, errs = append(jails, jail), append(errs, err)
	}
	return jails, errors.Join(errs...)
}

// check finds settings that are valid by themselves but contradict each other.
func (c Config) check() error {
	var errs []error
	names := make(map[string]bool)
	for _, p := range c.AllProfiles() {
		if !profileName.MatchString(p.Name) || names[p.Name] {
			errs = append(errs, fmt.Errorf("profile %q: the name must be unique, and must be %s", p.Name, allowedProfileName))
		}
		names[p.Name] = true
		errs = append(errs, c.checkProfile(p))
	}
	if _, err := c.Memory(); err != nil {
		errs = append(errs, err)
	}
	if _, err := webhooks.ParseAllow(c.WebhookAllow); err != nil {
		errs = append(errs, fmt.Errorf("webhook_allow (%s): %w", c.Origin("webhook_allow"), err))
	}
	return errors.Join(append(errs, c.checkAddresses(), c.checkNats())...)
}

func (c Config) checkProfile(p Profile) error {
	var errs []error
	if p.PoolMax != 0 && p.PoolMax < p.PoolSize {
		errs = append(errs, fmt.Errorf("%s = \"%d\" (%s): must be 0, or at least %s, which is %d (%s)", p.key("pool_max"), p.PoolMax,
			c.originOf(p, "pool_max"), p.key("pool_size"), p.PoolSize, c.originOf(p, "pool_size")))
	}
	for _, limit := range Limits {
		value, most := limit.Field(&p.Default), limit.Field(&p.Max)
		if limit.Amount(&p.Default) <= limit.Amount(&p.Max) {
			continue
		}
		from, mostFrom := "limits.default."+limit.Key, "limits.max."+limit.Key
		errs = append(errs, fmt.Errorf("%s = %q (%s): must be at most %s, which is %s (%s)",
			p.key(from), value.Show(), c.originOf(p, from), p.key(mostFrom), most.Show(), c.originOf(p, mostFrom)))
	}
	return errors.Join(errs...)
}

// key returns the name of a setting of the profile in the file.
func (p Profile) key(key string) string {
	if p.Name == defaultProfile {
		return key
	}
	return profilesKey + "." + p.Name + "." + key
}

// Origin returns where the value of a setting comes from, in words.
func (c Config) Origin(key string) string { return c.originOf(c.Profile, key) }

// originOf is Origin for a setting of a profile: its own, or else that of the
// default profile, of which it is a copy.
func (c Config) originOf(p Profile, key string) string {
	if origin, ok := c.origin[p.key(key)]; ok {
		return origin
	}
	if origin, ok := c.origin[key]; ok {
		return origin
	}
	return theDefault
}

// ErrNoPython is wrapped when no Python environment is configured or found.
var ErrNoPython = errors.New("no Python environment")

// environment returns the directory of the Python environment: as configured, or
// else that of the jails' root. Without a root it is python beside the executable,
// where make build leaves it, or in lib/hotcell/python, where make install puts it, or
// else /opt/hotcell/python.
func (p Profile) environment() (string, error) {
	if p.Python != "" {
		return p.Python, nil
	}
	candidates := []string{filepath.Join(p.Root, "/opt/hotcell/python")}
	if executable, err := os.Executable(); err == nil && p.Root == "" {
		dir := filepath.Dir(executable)
		candidates = append([]string{filepath.Join(dir, "python"), filepath.Join(dir, "../lib/hotcell/python")}, candidates...)
	}
	for _, dir := range candidates {
		if _, err := os.Stat(filepath.Join(dir, "pyvenv.cfg")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("profile %q: %w in %q", p.Name, ErrNoPython, candidates)
}

//go:embed warmup.py
var pandasWarmup string

const plainWarmup = "def main():\n    return None\n"

func (p Profile) warmupScript() (string, error) {
	switch {
	case p.Warmup != "":
		script, err := os.ReadFile(p.Warmup)
		if err != nil {
			return "", fmt.Errorf("profile %q: warmup: %w", p.Name, err)
		}
		return string(script), nil
	case slices.Contains(p.Preload, "pandas"):
		return pandasWarmup, nil
	default:
		return plainWarmup, nil
	}
}
