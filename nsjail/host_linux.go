package nsjail

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/nsjail/lease"
	"github.com/hotcell/hotcell/nsjail/uids"
	"github.com/hotcell/hotcell/pyworker"
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
	Log  *slog.Logger
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
	dir    string // of this instance, below the state directory
	lock   *os.File
	cgroup cgroup.Tree
	ids    uids.Range
	lease  *lease.Lease // nil for a single uid
	uids   *uids.Pool
	// landlock is the ABI that cells use, or 0.
	landlock int

	removals *removals

	cells       atomic.Uint64
	generations atomic.Uint64
}

// Files in an instance's directory.
const (
	lockFile    = "lock"    // locked with flock(2) while the instance lives
	cgroupsFile = "cgroups" // its cgroup directories, one a line
	workerDir   = "worker"  // the Python package that runs in jails
)

// instancePrefix begins the name of each instance, which its directory and its cgroups
// have.
const instancePrefix = "hotcell-"

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
	host := &Host{log: cfg.Log, ids: ids, removals: newRemovals(cfg.Log)}
	var back undo
	defer back.run()
	if host.ids.Single && cfg.UIDs != uids.ModeSingle {
		host.log.Warn("all cells share the supervisor's own uid: the kernel does not let it map a range (CAP_SETUID, CAP_SETGID)", "uid", os.Geteuid())
	}
	if host.landlock, err = landlock.ABI(); err != nil {
		host.log.Warn("cells run without the layer landlock, which would confine them a second time", "reason", err)
	}
	state := cfg.StateDir
	if state == "" {
		state = defaultStateDir()
	}
	if err := os.MkdirAll(state, 0o755); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	removeLeftovers(state, host.log)
	if err := host.leaseIDs(cfg.share()); err != nil {
		return nil, err
	}
	back.add(host.releaseIDs)
	host.uids = uids.NewPool(host.ids)

	name := instancePrefix + randomName()
	if err := host.takeDir(state, name); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	back.add(host.dropDir)
	if err := host.ids.Reachable(host.dir); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if host.cgroup, err = cgroup.Open(cgroup.Config{Name: name, Prefix: instancePrefix, AllowMissing: cfg.AllowMissing}); err != nil {
		return nil, err
	}
	back.add(func() { _ = host.cgroup.Close() })
	list := strings.Join(host.cgroup.Dirs(), "\n")
	if err := os.WriteFile(filepath.Join(host.dir, cgroupsFile), []byte(list), 0o644); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	back.keep()
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
func (h *Host) Unremoved() int { return h.removals.count() }

// takeDir makes the instance's directory. It locks the directory before others can see
// it under its name, so that none takes it for that of a dead instance.
func (h *Host) takeDir(state, name string) error {
	fresh, err := os.MkdirTemp(state, ".new-")
	if err != nil {
		return err
	}
	var back undo // otherwise half of it would stay on a full disk
	defer back.run()
	back.add(func() {
		_ = os.RemoveAll(fresh)
		_ = h.lock.Close() // nil is fine
	})
	h.dir = filepath.Join(state, name)
	if err := os.Chmod(fresh, 0o755); err != nil {
		return err
	}
	if h.lock, err = os.OpenFile(filepath.Join(fresh, lockFile), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	if err := unix.Flock(int(h.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	if err := writeWorker(filepath.Join(fresh, workerDir)); err != nil {
		return err
	}
	if err := environment.WriteFigures(filepath.Join(fresh, workerDir)); err != nil {
		return err
	}
	if err := os.Rename(fresh, h.dir); err != nil {
		return err
	}
	back.keep()
	return nil
}

// dropDir removes the instance's directory, and the last instance its parent. The empty
// directories on which the nsjail program mounts roots, /tmp/nsjail.UID.root and .tmp,
// stay: all nsjails of a user share them, and one that starts just now would fail.
func (h *Host) dropDir() {
	_ = os.RemoveAll(h.dir)
	_ = h.lock.Close()
	state := filepath.Dir(h.dir)
	if state == defaultStateDir() {
		_ = os.Remove(state) // which fails while there are others
	}
}

// writeWorker writes the embedded Python package below dir. Everybody can read it.
func writeWorker(dir string) error {
	target := filepath.Join(dir, "pyworker")
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	names, err := fs.Glob(pyworker.Files, "*.py")
	if err != nil {
		return err
	}
	for _, name := range names {
		text, err := pyworker.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Close removes the cgroups and the instance's directory, and gives the uids back. All
// jails and cells must have been closed.
func (h *Host) Close() error {
	err := errors.Join(h.removals.close(), h.cgroup.Close())
	h.dropDir()
	h.releaseIDs()
	if err != nil {
		return fmt.Errorf("nsjail: close: %w", err)
	}
	return nil
}

func defaultStateDir() string {
	if os.Geteuid() == 0 {
		return "/run/hotcell"
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "hotcell")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("hotcell-%d", os.Geteuid()))
}

func randomName() string {
	var raw [6]byte
	_, _ = rand.Read(raw[:]) // never fails, crypto/rand
	return hex.EncodeToString(raw[:])
}
