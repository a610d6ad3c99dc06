package nsjail

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/hotcell/hotcell/internal/undo"
	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/instance"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/nsjail/lease"
	"github.com/hotcell/hotcell/nsjail/removals"
	"github.com/hotcell/hotcell/nsjail/uids"
)

// HostConfig is what all jails of this process share.
type HostConfig struct {
	// StateDir is the directory below which each instance makes a directory of its
	// own. Empty: /run/hotcell for root, otherwise a directory below XDG_RUNTIME_DIR
	// or the temporary directory.
	StateDir string
	// AllowMissing has names of isolation layers that may be missing. Only those of
	// package cgroup matter here.
	AllowMissing []string
	// UIDBase is the first of the UIDCount uids and gids of the machine that belong to
	// the zygotes and cells of all instances, and to nobody else. 0: 20000, and 40000
	// of them, which also fits container engines with remapped users.
	UIDBase, UIDCount int
	// Cells is how many cells there can be at the same time. 0: uidShare is enough.
	Cells int
	// BusyCells is how many of them may run scripts at the same time. Package doctor
	// compares what they may take with what the machine has.
	BusyCells int
	// UIDs says whether the range is used. Empty: [uids.ModeAuto].
	UIDs uids.Mode
	// Without has names of shortcuts that are not taken.
	Without []string
	// Snapshot asks for [ShortcutSnapshot].
	Snapshot bool
	Log      *slog.Logger
}

// UIDRange returns the range of UIDBase and UIDCount.
func (c HostConfig) UIDRange() uids.Range {
	if c.UIDBase == 0 {
		return uids.Range{First: 20000, Count: 40000}
	}
	return uids.Range{First: c.UIDBase, Count: c.UIDCount}
}

// uidShare is how many uids an instance leases at least. 40 instances fit into the
// default range, and a uid is not soon used again.
const uidShare = 1000

// share returns how many uids this instance leases: two for each cell, since a uid that
// was just used rests, and one for the zygotes.
func (c HostConfig) share() int {
	return min(max(uidShare, 2*c.Cells+1), c.UIDRange().Count)
}

// Host is this process' share of the machine: a state directory, cgroups and
// uids. Close gives it back.
type Host struct {
	log    *slog.Logger
	dir    *instance.Dir
	cgroup cgroup.Tree
	ids    uids.Range
	lease  *lease.Lease // nil for a single uid
	uids   *uids.Pool
	// landlock is the ABI that cells use, or 0.
	landlock int
	without  []string // shortcuts
	snapshot bool

	removals *removals.Removals

	cells       atomic.Uint64
	generations atomic.Uint64
}

// OpenHost removes what dead instances left behind, and takes what this one needs. An
// error says what is missing and what to do. The caller closes the host.
func OpenHost(cfg HostConfig) (*Host, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ids, err := uids.Choose(cfg.UIDs, cfg.UIDRange())
	if err != nil {
		return nil, err
	}
	host := &Host{log: cfg.Log, ids: ids, without: cfg.Without, snapshot: cfg.Snapshot, removals: removals.New(cfg.Log)}
	var back undo.Stack
	defer back.Run()
	if host.ids.Single && cfg.UIDs != uids.ModeSingle {
		host.log.Warn("all cells share the supervisor's own uid: the kernel does not let it map a range (CAP_SETUID, CAP_SETGID)", "uid", os.Geteuid())
	}
	if host.landlock, err = landlock.ABI(); err != nil {
		host.log.Warn("cells run without the layer landlock, which would confine them a second time", "reason", err)
	}
	state := cfg.StateDir
	if state == "" {
		state = instance.DefaultState()
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	instance.RemoveLeftovers(state, host.log)
	if err := host.leaseIDs(cfg.share()); err != nil {
		return nil, err
	}
	back.Add(host.releaseIDs)
	host.uids = uids.NewPool(host.ids)

	if host.dir, err = instance.Take(state); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	back.Add(host.dir.Drop)
	if err := host.ids.Reachable(host.dir.Path); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if host.cgroup, err = cgroup.Open(cgroup.Config{Name: host.dir.Name, Prefix: instance.Prefix, AllowMissing: cfg.AllowMissing, Again: host.takes(ShortcutCgroupReuse)}); err != nil {
		return nil, err
	}
	back.Add(func() { _ = host.cgroup.Close() })
	if err := host.dir.NoteCgroups(host.cgroup.Dirs()); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	back.Keep()
	return host, nil
}

// UIDs returns [uids.ModeRange] or [uids.ModeSingle].
func (h *Host) UIDs() uids.Mode {
	if h.ids.Single {
		return uids.ModeSingle
	}
	return uids.ModeRange
}

// LandlockABI returns the version of Landlock that restricts cells, or 0 if the kernel
// has none.
func (h *Host) LandlockABI() int { return h.landlock }

// leaseIDs narrows the range to a part that no other instance on the machine has.
func (h *Host) leaseIDs(count int) error {
	if h.ids.Single {
		return nil
	}
	taken, err := lease.Take(h.ids.First, h.ids.Count, count)
	if err != nil {
		return fmt.Errorf("uid_base and uid_count: %w; end another instance, or set another range", err)
	}
	h.lease = taken
	h.ids.First, h.ids.Count = taken.First, taken.Count
	return nil
}

func (h *Host) releaseIDs() {
	if h.lease != nil {
		h.lease.Close()
	}
}

// Unremoved returns how many cells have ended but could not be removed yet.
func (h *Host) Unremoved() int { return h.removals.Count() }

// IdleCgroups returns how many directories are cgroups that wait for their next cell.
func (h *Host) IdleCgroups() int { return cgroup.Idle(h.cgroup) }

// Close removes the cgroups and the instance's directory, and gives the uids back. All
// jails and cells must have been closed.
func (h *Host) Close() error {
	err := errors.Join(h.removals.Close(), h.cgroup.Close())
	h.dir.Drop()
	h.releaseIDs()
	if err != nil {
		return fmt.Errorf("nsjail: close: %w", err)
	}
	return nil
}
