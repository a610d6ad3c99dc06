package nsjail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail/cgroup"
	"github.com/hotcell/hotcell/nsjail/environment"
	"github.com/hotcell/hotcell/nsjail/landlock"
	"github.com/hotcell/hotcell/nsjail/program"
	"github.com/hotcell/hotcell/nsjail/seccomp"
	"github.com/hotcell/hotcell/nsjail/snapshot"
	"github.com/hotcell/hotcell/nsjail/wire"
	"github.com/hotcell/hotcell/protocol"
)

// Profile is what a jail is made of.
type Profile struct {
	Name    string
	Mode    protocol.Mode
	Root    string   // the directory whose /usr, /bin and /lib jails see; empty: /
	Python  string   // the directory of a virtual environment, made with an interpreter of that root
	Nsjail  string   // the nsjail program; empty: see [program.Find]
	Preload []string // modules to import, in this order
	// Environment has variables, NAME=value, of the interpreter and so of all scripts.
	Environment []string
	Warmup      string // a script with a main, run to warm up; the operator's, so not hostile
	Limits      Limits // of a cell that waits for a job
	NoSnapshot  string // why its zygote takes no snapshot; empty: it does if it can

	// MaxProcesses is the most that a job may ask for; 0: Limits.Processes.
	MaxProcesses int
}

// Jail makes the cells of one profile. In spawn mode fork it has a zygote; in spawn mode
// exec each cell has an nsjail and an interpreter of its own.
type Jail struct {
	host       *Host
	profile    Profile
	env        *environment.Environment
	generation uint64
	started    time.Time
	hello      protocol.Hello
	reads      cgroup.ReadLimit
	unlimited  error  // why reads from disks are not limited, or nil
	noSnapshot string // why none was taken, or empty
	snapshot   snapshot.Result
	zygote     *zygote // nil in spawn mode exec
	terminals  *os.File

	done  chan struct{}
	close sync.Once
	err   error // set before done is closed
}

var errJailClosed = errors.New("the jail is closed")

// StartJail starts a jail and returns when everything is imported and warm. An error
// names the step that failed. In spawn mode exec it imports everything once and throws
// that interpreter away, so that mistakes show at the start. The caller closes the jail.
func (h *Host) StartJail(ctx context.Context, p Profile) (*Jail, error) {
	jail, err := h.startJail(ctx, p, h.whyNoSnapshot(p))
	if failed := new(snapshotError); errors.As(err, &failed) && ctx.Err() == nil {
		jail, err = h.startJail(ctx, p, failed.Error())
	}
	if err != nil {
		return nil, fmt.Errorf("nsjail: start jail %q: %w", p.Name, err)
	}
	return jail, nil
}

// startJail starts a jail. noSnapshot is why it takes no snapshot; if it is empty, the error may
// be a [snapshotError].
func (h *Host) startJail(ctx context.Context, p Profile, noSnapshot string) (*Jail, error) {
	if p.Mode != protocol.ModeFork && p.Mode != protocol.ModeExec {
		return nil, fmt.Errorf("invalid spawn mode %q: use %q or %q", p.Mode, protocol.ModeFork, protocol.ModeExec)
	}
	env, err := environment.Open(p.Root, p.Python, p.Nsjail, h.ids)
	if err != nil {
		return nil, err
	}
	jail := &Jail{host: h, profile: p, env: env, generation: h.generations.Add(1), started: time.Now(), done: make(chan struct{}), noSnapshot: noSnapshot}
	zygote, err := jail.startZygote(ctx)
	if err != nil {
		return nil, err
	}
	jail.hello, jail.terminals = zygote.hello, zygote.terminals
	if jail.reads, jail.unlimited = jail.tryReadLimit(); jail.unlimited != nil {
		h.log.Info("nsjail: reads from disks are not limited", "jail", p.Name, "error", jail.unlimited)
	}
	if p.Mode == protocol.ModeExec {
		zygote.kill()
		return jail, nil
	}
	jail.zygote = zygote
	go func() {
		<-zygote.program.Done()
		zygote.mu.Lock()
		err := zygote.ended
		zygote.mu.Unlock()
		if err == nil {
			err = wire.ErrHungUp
		}
		jail.finish(fmt.Errorf("nsjail: jail %q: %w", p.Name, err))
	}()
	if noSnapshot == "" {
		jail.snapshot, err = jail.takeSnapshot(ctx)
	} else if noSnapshot != notAskedFor {
		h.log.Info("nsjail: the zygote takes no snapshot", "jail", p.Name, "reason", noSnapshot)
	}
	if err != nil {
		return nil, errors.Join(&snapshotError{err}, jail.Close())
	}
	return jail, nil
}

func (j *Jail) startZygote(ctx context.Context) (*zygote, error) {
	cfg := j.config()
	var readable []string
	for _, shown := range environment.Files(cfg.Mounts) {
		readable = append(readable, shown.Target)
	}
	return startZygote(ctx, j.host, j.env.Nsjail, cfg, protocol.Start{
		Protocol:      protocol.Version,
		Mode:          j.profile.Mode,
		Preload:       append([]string{}, j.profile.Preload...), // never null
		Warmup:        j.profile.Warmup,
		ZygoteSeccomp: seccomp.ZygoteFilter(j.shared()),
		Seccomp:       seccomp.CellFilter(),
		Landlock:      landlock.Policy(j.host.landlock, readable),
		OSFork:        !j.host.takes(ShortcutLibcFork),
		PrintThrough:  !j.host.takes(ShortcutPrintLog),
		Snapshot:      j.noSnapshot == "",
	})
}

// shared returns what the jail's cells share. In spawn mode exec each cell has a network
// namespace of its own, and so socket names of its own.
func (j *Jail) shared() seccomp.Shared {
	return seccomp.Shared{
		UID:      j.host.ids.Single,
		Names:    j.profile.Mode == protocol.ModeFork && !landlock.KeepsNamesApart(j.host.landlock),
		Snapshot: j.noSnapshot == "",
	}
}

// UnixSockets reports whether its cells can make Unix sockets. They can where nothing of
// a sibling is to be reached by a socket's name.
func (j *Jail) UnixSockets() bool { return !j.shared().Names }

// config returns the configuration of the nsjail program. It is the same in both modes.
func (j *Jail) config() program.Config {
	uid, gid := j.host.ids.Outside()
	ids := program.IDs{Inside: j.host.ids.First, UID: uid, GID: gid, Count: j.host.ids.Count}
	return j.env.Config("hotcell-"+j.profile.Name, ids, j.host.dir.Worker(), j.profile.Environment)
}

// Host returns the host that it belongs to.
func (j *Jail) Host() *Host { return j.host }

// Profile returns what it was made of.
func (j *Jail) Profile() Profile { return j.profile }

// Hello returns what the jail said about its interpreter and packages.
func (j *Jail) Hello() protocol.Hello { return j.hello }

// Generation counts the jails of this process, from 1.
func (j *Jail) Generation() uint64 { return j.generation }

// Started returns when its start began.
func (j *Jail) Started() time.Time { return j.started }

// ZygotePID returns the zygote's process on the host, or 0 in spawn mode exec.
func (j *Jail) ZygotePID() int {
	if j.zygote == nil {
		return 0
	}
	return j.zygote.pid
}

// Done is closed when the zygote has ended, and all its cells with it, because of Close
// or by itself. In spawn mode exec it is closed by Close.
func (j *Jail) Done() <-chan struct{} { return j.done }

// Err returns why the jail has ended. It is nil while it lives, and after Close.
func (j *Jail) Err() error {
	select {
	case <-j.done:
		return j.err
	default:
		return nil
	}
}

// Close ends the zygote and with it every cell that it made. The cells still have to be
// closed. In spawn mode exec cells live on until they are closed.
func (j *Jail) Close() error {
	j.finish(nil)
	_ = j.terminals.Close() // it may be closed already
	if j.zygote != nil {
		j.zygote.kill()
	}
	return nil
}

func (j *Jail) finish(err error) {
	j.close.Do(func() {
		j.err = err
		close(j.done)
	})
}

// Deadlines for making a cell, when the caller's context has none that is earlier. Each is
// far more than it ever takes, so that only what hangs meets it.
const (
	answerDeadline = 3 * time.Second  // for a zygote to fork
	forkDeadline   = 8 * time.Second  // the same, and the cell's own steps
	execDeadline   = 20 * time.Second // the same, with the imports
)

// ErrHung is wrapped by [Jail.Spawn] when the zygote does not answer. The jail makes no
// more cells and must be replaced. The cells that it has made still work.
var ErrHung = errors.New("the zygote does not answer")
