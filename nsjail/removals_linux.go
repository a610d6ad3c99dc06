package nsjail

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail/uids"
)

// removals tries again to remove what is left of cells until nothing is left: a
// process that ends slowly, or hangs in the kernel, keeps its cgroup. Until then no
// other cell gets the uid.
type removals struct {
	log *slog.Logger

	mu     sync.Mutex // guards what follows; nothing slow happens under it
	left   map[*Cell]bool
	closed chan struct{} // closed when no more tries are made
	trying sync.WaitGroup

	closing sync.Once
}

// ErrRemovedLater is wrapped by [Cell.Close] when something is left of the cell that is
// removed in the background: see [Host.Unremoved]. On a busy machine that may be so though
// nothing is wrong, so the log tells only of what stays.
var ErrRemovedLater = errors.New("hotcell tries again")

// Pauses between two tries to remove a cell.
const removeAgainFirst, removeAgainLongest = 100 * time.Millisecond, 10 * time.Second

// removeQuietly is how many more tries the log does not tell of: some four seconds.
const removeQuietly = 5

func newRemovals(log *slog.Logger) *removals {
	return &removals{log: log, left: make(map[*Cell]bool), closed: make(chan struct{})}
}

// count returns how many cells could not be removed yet.
func (r *removals) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.left)
}

// later tries again in the background.
func (r *removals) later(c *Cell) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left[c] = true
	r.trying.Go(func() { r.again(c) })
}

func (r *removals) again(c *Cell) {
	began := time.Now()
	tries, pause := 0, removeAgainFirst
	for ; ; tries, pause = tries+1, min(2*pause, removeAgainLongest) {
		select {
		case <-r.closed:
			return
		case <-time.After(pause):
		}
		err := c.tryRemove()
		if err == nil {
			break
		}
		if tries+1 == removeQuietly {
			r.log.Warn("nsjail: cannot remove a cell; trying again", "cell", c.id, "uid", c.uid, "error", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.left, c)
	if tries < removeQuietly {
		return
	}
	r.log.Info("nsjail: removed a cell after several tries", "cell", c.id, "took", time.Since(began))
}

// close tries to remove each cell for the last time, and returns an error for those
// that stay. It may be called more than once.
func (r *removals) close() error {
	r.closing.Do(func() { close(r.closed) })
	r.trying.Wait()
	var errs []error
	for c := range r.left {
		if err := c.tryRemove(); err != nil {
			errs = append(errs, fmt.Errorf("cell %d: %w", c.id, err))
		}
	}
	return errors.Join(errs...)
}

// remove gives back the cgroup and the uid of a dead cell. If that fails, it is tried
// again in the background.
func (c *Cell) remove() error {
	err := c.tryRemove()
	if err != nil {
		c.host.removals.later(c)
		return fmt.Errorf("%w (%w)", err, ErrRemovedLater)
	}
	return nil
}

// tryRemove removes the cgroup and then gives back the uid: a removed cgroup has no
// process. In spawn mode fork the cell was also process 1 of a pid namespace, whose
// other processes ended with it. In spawn mode exec it was not, so without cgroups the
// list of all processes must show that none has the uid.
func (c *Cell) tryRemove() error {
	tracked := false
	if c.group != nil {
		if err := c.group.Remove(); err != nil {
			return err
		}
		tracked = c.group.Tracks()
	}
	if c.ownZygote && !tracked && !c.host.ids.Single {
		if pid := uids.InUse()[c.uid]; pid != 0 {
			return fmt.Errorf("process %d still has uid %d", pid, c.uid)
		}
	}
	c.host.uids.Put(c.uid)
	return nil
}
