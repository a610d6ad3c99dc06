package supervisor

import (
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// Config is everything that can be set about a service. Settings are described
// once, in settings.go.
type Config struct {
	Listen      string // host:port; port 0 takes a free one
	AdminListen string // host:port for /metrics and pprof; empty: /metrics on Listen, no pprof

	MaxRunning int           // scripts at a time
	MaxWaiting int           // requests in line for their turn
	MaxWait    time.Duration // in line and for a cell, together
	MaxBody    ByteSize      // of a request
	MaxBodies  ByteSize      // of all requests that wait or run
	DrainGrace time.Duration // for what runs when the service ends

	TTYMax     int           // terminals at a time; 0: there are none
	TTYMaxWall time.Duration // wall clock of a terminal, unless it asks for less
	TTYIdle    time.Duration // a terminal ends on which nothing came or went for so long

	StateDir          string   // empty: see [nsjail.HostConfig]
	AllowMissing      []string // isolation layers that may be missing
	UIDBase, UIDCount int      // the host's uids that are ours

	LogLevel  slog.Level
	LogFormat string // "text" or "json"

	// Profile is the one profile there is so far. Each further one will be a
	// ProfileConfig that starts as a copy of it.
	Profile ProfileConfig

	// Version is the program's own, for /info and metrics; it is not a setting.
	Version string

	origin map[string]string // where a setting that is not the default comes from
}

// ProfileConfig is a set of libraries, how its cells are made and what their
// scripts may use.
type ProfileConfig struct {
	Name           string
	Python         string // a virtual environment's directory; empty: see [ProfileConfig.environment]
	Nsjail         string // the program; empty: see [nsjail.Profile]
	SpawnMode      protocol.Mode
	Preload        []string // modules
	Warmup         string   // path of a script; empty: the embedded one
	PoolSize       int
	RefillParallel int
	CellMaxAge     time.Duration // 0: for ever
	ZygoteMaxAge   time.Duration // 0: for ever
	ZygoteMaxCells int           // 0: as many as it lasts
	Default, Max   nsjail.Limits
}

// DefaultConfig gives each setting its default.
//
// MaxRunning is about memory: 32 scripts that each take all of the default
// 256 MiB need 8 GiB. More at a time gains nothing, since scripts have no
// network to wait for and would only share the same cores.
func DefaultConfig() Config {
	return Config{
		Listen:     "127.0.0.1:8080",
		MaxRunning: 32,
		MaxWaiting: 1024,
		MaxWait:    10 * time.Second,
		MaxBody:    8 << 20,
		MaxBodies:  512 << 20,
		DrainGrace: 10 * time.Second,
		TTYMax:     8, // so that they leave places to requests
		TTYMaxWall: time.Hour,
		TTYIdle:    15 * time.Minute,
		UIDBase:    20000, // fits container engines that remap users, too
		UIDCount:   40000,
		LogLevel:   slog.LevelInfo,
		LogFormat:  "text",
		Version:    "unknown",
		Profile: ProfileConfig{
			Name:           "default",
			SpawnMode:      protocol.ModeFork,
			Preload:        []string{"numpy", "pandas"},
			PoolSize:       8,
			RefillParallel: 2, // the zygote forks one at a time, and the rest of a start runs beside that
			CellMaxAge:     time.Hour,
			ZygoteMaxAge:   30 * time.Minute,
			ZygoteMaxCells: 10_000,
			Default: nsjail.Limits{
				Wall: 10 * time.Second, CPU: 10 * time.Second, MemoryBytes: 256 << 20, OutputBytes: 1 << 20,
				ResultBytes: 4 << 20, DiskBytes: 64 << 20, Processes: 32,
			},
			Max: nsjail.Limits{
				Wall: time.Minute, CPU: time.Minute, MemoryBytes: 1 << 30, OutputBytes: 16 << 20,
				ResultBytes: 32 << 20, DiskBytes: 512 << 20, Processes: 128,
			},
		},
	}
}

// Host is what jails need of the machine.
func (c Config) Host(log *slog.Logger) nsjail.HostConfig {
	return nsjail.HostConfig{StateDir: c.StateDir, AllowMissing: c.AllowMissing, UIDBase: c.UIDBase, UIDCount: c.UIDCount, Log: log}
}

// Jail is how the profile's jails are made. The error wraps [ErrNoPython], or
// is about the warm-up script.
func (p ProfileConfig) Jail() (nsjail.Profile, error) {
	python, err := p.environment()
	if err != nil {
		return nsjail.Profile{}, err
	}
	warmup, err := p.warmupScript()
	return nsjail.Profile{
		Name: p.Name, Mode: p.SpawnMode, Python: python, Nsjail: p.Nsjail,
		Preload: append([]string{}, p.Preload...), // never nil, which the worker would see as null
		Warmup:  warmup, Limits: p.Default,
	}, err
}

// check finds what is wrong between settings that are each right.
func (c Config) check() error {
	var errs []error
	for _, limit := range limits {
		value, most := limit.of(&c.Profile.Default), limit.of(&c.Profile.Max)
		if limit.amount(&c.Profile.Default) <= limit.amount(&c.Profile.Max) {
			continue
		}
		from, mostFrom := "limits.default."+limit.key, "limits.max."+limit.key
		errs = append(errs, fmt.Errorf("%s = %q (%s): must be at most %s, which is %s (%s)",
			from, value.show(), c.originOf(from), mostFrom, most.show(), c.originOf(mostFrom)))
	}
	return errors.Join(errs...)
}

func (c Config) originOf(key string) string {
	if origin, ok := c.origin[key]; ok {
		return origin
	}
	return "the default"
}

// ErrNoPython is wrapped when no Python environment was configured or found.
var ErrNoPython = errors.New("no Python environment")

// environment is where the Python environment is: as configured, else `python`
// beside the executable, as make build leaves it, else /opt/hotcell/python.
func (p ProfileConfig) environment() (string, error) {
	if p.Python != "" {
		return p.Python, nil
	}
	candidates := []string{"/opt/hotcell/python"}
	if executable, err := os.Executable(); err == nil {
		candidates = append([]string{filepath.Join(filepath.Dir(executable), "python")}, candidates...)
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

func (p ProfileConfig) warmupScript() (string, error) {
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
