package config

import (
	"regexp"
	"slices"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
)

// profileSetting is one row of what each profile has of its own.
type profileSetting struct {
	Group string
	Key   string // in the file: at the top for the default profile, below profiles.NAME for the others
	Help  string
	field func(*Profile) Field
}

// ofDefaultProfile are the rows as settings of the default profile, which alone
// has flags and environment variables.
func ofDefaultProfile(rows []profileSetting) []Setting {
	var settings []Setting
	for _, row := range rows {
		settings = append(settings, Setting{row.Group, row.Key, row.Help, func(c *Config) Field { return row.field(&c.Profile) }})
	}
	return settings
}

var (
	moduleName = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
	// A profile's name stands in requests, metrics and logs.
	profileName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
)

const allowedProfileName = "a small letter, and then at most 31 of small letters, digits, _ and -"

var profileSettings = slices.Concat([]profileSetting{
	{"cells", "root", "directory whose /usr and /lib jails see, with an interpreter of its own (make rootfs); empty: the host's", func(p *Profile) Field {
		return Text(&p.Root, "a directory", anyText)
	}},
	{"cells", "python", "virtual environment that jails run; empty: /opt/hotcell/python of the root, where there is one, else python beside the executable, else /opt/hotcell/python", func(p *Profile) Field {
		return Text(&p.Python, "a directory", anyText)
	}},
	{"cells", "nsjail", "the nsjail program; empty: the environment's, else the one on PATH", func(p *Profile) Field {
		return Text(&p.Nsjail, "a program", anyText)
	}},
	{"cells", "spawn_mode", "fork: cells are forked from a warm interpreter; exec: each starts its own", func(p *Profile) Field {
		return choice(&p.SpawnMode, protocol.ModeFork, protocol.ModeExec)
	}},
	{"cells", "preload", "modules that are imported before a request comes", func(p *Profile) Field {
		return List(&p.Preload, "names of modules, with commas", moduleName)
	}},
	{"cells", "warmup", "script whose main is run to warm up; empty: a short one that uses pandas, where that is preloaded", func(p *Profile) Field {
		return Text(&p.Warmup, "a file", anyText)
	}},
	{"cells", "pool_size", "cells that are kept ready; with a pool_max the fewest, and those at the start", func(p *Profile) Field {
		return Count(&p.PoolSize, 0, 10_000)
	}},
	{"cells", "pool_max", "up to how many are kept ready when demand wants more than pool_size; 0: pool_size, whatever comes", func(p *Profile) Field {
		return Count(&p.PoolMax, 0, 10_000)
	}},
	{"cells", "pool_shrink_after", "a pool that has grown shrinks by a quarter each time that it needed less for so long", func(p *Profile) Field {
		return duration(&p.PoolShrinkAfter, 100*time.Millisecond, 24*time.Hour)
	}},
	{"cells", "refill_parallel", "cells that are made at the same time; as many as processors, where it is not set", func(p *Profile) Field {
		return Count(&p.RefillParallel, 1, 64)
	}},
	{"cells", "cell_max_age", "a ready cell is replaced after this; 0s: never", func(p *Profile) Field {
		return duration(&p.CellMaxAge, 0, 1000*time.Hour)
	}},
	{"cells", "zygote_max_age", "the interpreter that cells are forked from is replaced after this; 0s: never", func(p *Profile) Field {
		return duration(&p.ZygoteMaxAge, 0, 1000*time.Hour)
	}},
	{"cells", "zygote_max_cells", "and after so many cells, which share its memory layout; 0: never", func(p *Profile) Field {
		return Count(&p.ZygoteMaxCells, 0, 1_000_000_000)
	}},
},
	limitSettings("default", "what a script gets that asks for nothing", func(p *Profile) *nsjail.Limits { return &p.Default }),
	limitSettings("max", "the most that a script may ask for", func(p *Profile) *nsjail.Limits { return &p.Max }),
)

func limitSettings(of, help string, limitsOf func(*Profile) *nsjail.Limits) []profileSetting {
	var rows []profileSetting
	for _, limit := range Limits {
		rows = append(rows, profileSetting{
			"limits: " + help, "limits." + of + "." + limit.Key, limit.Help,
			func(p *Profile) Field { return limit.Field(limitsOf(p)) },
		})
	}
	return rows
}
