package nsjail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/hotcell/hotcell/protocol"
)

// THIS FILE IS A SKELETON OF THE API while the real files are being written.

// ErrCellLost is returned by [Cell.Run] when the cell died before any of the
// tenant's code ran: take another cell and try again.
var ErrCellLost = errors.New("the cell died before the script began")

// HostConfig says what all jails of this process share.
type HostConfig struct {
	StateDir     string   // where the instance keeps its files; empty: /run/hotcell, or below the temporary directory
	AllowMissing []string // layers that may be missing, by name: "cgroup-memory", "cgroup-pids", "cgroup-cpu"
	UIDBase      int      // first of the outside uids; 0: 20000
	UIDCount     int      // how many; 0: 40000
	Log          *slog.Logger
}

// Host is this process's share of the machine: its state directory, its cgroups, its uids.
type Host struct{}

// OpenHost cleans up what dead instances left behind, and takes hold of what this one needs.
func OpenHost(ctx context.Context, cfg HostConfig) (*Host, error) { panic("stub") }

// Layers names the isolation layers in force, for /info: "cgroup-memory": "v1".
func (h *Host) Layers() map[string]string { panic("stub") }

// Close removes the cgroups and the state directory. All jails must be closed before.
func (h *Host) Close() error { panic("stub") }

// Profile says what a jail holds.
type Profile struct {
	Name    string
	Mode    protocol.Mode
	Python  string // a virtual environment's directory
	Nsjail  string // the nsjail program; empty: the one in the environment, then the one on PATH
	Preload []string
	Warmup  string
	Limits  Limits // what a parked cell is made with
}

// Jail makes the cells of one profile and generation.
type Jail struct{}

// StartJail starts a zygote (fork) or checks by one start that cells can be made (exec). It returns when everything is imported.
func (h *Host) StartJail(ctx context.Context, p Profile) (*Jail, error) { panic("stub") }

// Spawn makes one cell; it is ready when Spawn returns.
func (j *Jail) Spawn(ctx context.Context) (*Cell, error) { panic("stub") }

// Hello is what the jail said of its interpreter and packages.
func (j *Jail) Hello() protocol.Hello { panic("stub") }

// Generation counts the jails of this process, from 1.
func (j *Jail) Generation() uint64 { panic("stub") }

// Done is closed when the zygote is gone, wanted or not. In exec mode: when Close is called.
func (j *Jail) Done() <-chan struct{} { panic("stub") }

// Err says why it is gone; nil before, and after Close.
func (j *Jail) Err() error { panic("stub") }

// Close ends the jail and every cell of it.
func (j *Jail) Close() error { panic("stub") }

// Cell is one jailed interpreter, used once.
type Cell struct{}

// ID is unique in this process.
func (c *Cell) ID() uint64 { panic("stub") }

// Generation is that of its jail.
func (c *Cell) Generation() uint64 { panic("stub") }

// StartSteps tells how long each step of its making took: "spawn", "cgroup", "isolate", "rehearse".
func (c *Cell) StartSteps() map[string]time.Duration { panic("stub") }

// Alive says whether its process still runs. It costs an atomic load.
func (c *Cell) Alive() bool { panic("stub") }

// Gone is closed when its process is gone.
func (c *Cell) Gone() <-chan struct{} { panic("stub") }

// Run runs the job; it may be called once. When ctx ends, the cell is killed at once and ctx's error returned (wrapped).
// An error that is neither that nor ErrCellLost is our own fault.
func (c *Cell) Run(ctx context.Context, job Job) (Verdict, error) { panic("stub") }

// Close kills the cell, waits until nothing of it is left, and removes its cgroup. It may take some milliseconds; call it off the request path.
func (c *Cell) Close() error { panic("stub") }
