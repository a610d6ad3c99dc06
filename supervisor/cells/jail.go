package cells

import (
	"errors"
	"slices"
	"time"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Jail describes the jails that cells are made from.
type Jail struct {
	Zygotes      int       // jails that serve now
	Generation   uint64    // of the newest, see [nsjail.Jail.Generation]
	Started      time.Time // the oldest
	Hello        protocol.Hello
	Isolation    []doctor.Check // as the self-tests found it: a layer holds if it does in all
	SharedCounts []string       // see [nsjail.Jail.SharedCounts]
	ReadsLimited bool           // whether the rate of reading from disks is limited
	Shortcuts    []nsjail.Shortcut
}

// Jail describes the current jails, which may have died.
func (p *Profile) Jail() Jail {
	var current []*generation
	var serve int
	p.mu.Lock()
	for _, g := range p.current {
		if g != nil {
			current = append(current, g)
		}
		if g.serves() {
			serve++
		}
	}
	p.mu.Unlock()
	slices.SortFunc(current, func(a, b *generation) int { return int(b.jail.Generation()) - int(a.jail.Generation()) }) // #nosec G115 -- counted from 1
	newest, oldest := current[0], current[len(current)-1]
	isolation, shortcuts := slices.Clone(newest.isolation), newest.jail.Shortcuts()
	for _, g := range current[1:] {
		worse(isolation, g.isolation)
		together(shortcuts, g.jail.Shortcuts())
	}
	eachHasPids := slices.ContainsFunc(isolation, func(c doctor.Check) bool { return c.Layer == "cgroup-pids" && c.Held })
	_, unlimited := newest.jail.ReadsLimited()
	return Jail{
		Zygotes: serve, Generation: newest.jail.Generation(), Started: oldest.jail.Started(), Hello: newest.jail.Hello(), Isolation: isolation,
		SharedCounts: newest.jail.SharedCounts(eachHasPids), ReadsLimited: unlimited == nil, Shortcuts: shortcuts,
	}
}

// worse puts each check of another jail that did not hold into its place in checks. The
// self-test has the same layers in the same order each time.
func worse(checks, others []doctor.Check) {
	for i, other := range others {
		if !other.Held {
			checks[i] = other
		}
	}
}

// together adds the shortcuts of another jail: they are taken if all take them.
func together(shortcuts, others []nsjail.Shortcut) {
	for i, other := range others {
		shortcuts[i].Held += other.Held
		if shortcuts[i].Why == "" {
			shortcuts[i].Why, shortcuts[i].How = other.Why, other.How
		}
	}
}

// Info returns what /info says of a profile that has this jail.
func (j Jail) Info(cfg config.Profile) api.ProfileInfo {
	info := api.ProfileInfo{
		Python: j.Hello.Python, Packages: j.Hello.Packages, Preload: append([]string{}, cfg.Preload...), SpawnMode: cfg.SpawnMode, Zygotes: j.Zygotes,
		Isolation: make(map[string]bool), SharedCounts: append([]string{}, j.SharedCounts...), DiskReadsLimited: j.ReadsLimited, Shortcuts: make(map[string]bool),
	}
	for _, check := range j.Isolation {
		info.Isolation[check.Layer] = check.Held
	}
	for _, shortcut := range j.Shortcuts {
		info.Shortcuts[shortcut.Name] = shortcut.Why == ""
	}
	info.Limits.Default, info.Limits.Max = config.Amounts(cfg.Default), config.Amounts(cfg.Max)
	return info
}

// CheckJail returns why no jail makes cells now, or nil.
func (p *Profile) CheckJail() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.choose(nil) != nil:
		return nil
	case slices.ContainsFunc(p.current, func(g *generation) bool { return g != nil && g.hung }):
		return errors.New("it makes no more cells, and another is being started")
	}
	return errors.New("it has ended, and another is being started")
}

// OpenTerminal makes a terminal in a current jail, which may be replaced while the
// terminal is in use. The caller closes it.
func (p *Profile) OpenTerminal(columns, rows uint16) (*nsjail.Terminal, error) {
	for {
		jail := p.anyJail()
		terminal, err := jail.OpenTerminal(columns, rows)
		if err == nil || p.anyJail() == jail {
			return terminal, err
		}
	}
}

// anyJail returns a jail that serves, or else one that did.
func (p *Profile) anyJail() *nsjail.Jail {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.choose(nil); g != nil {
		return g.jail
	}
	return p.current[0].jail
}
