package removals

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Removals tries again to remove what is left of cells until nothing is left: a
// process that ends slowly, or hangs in the kernel, keeps its cgroup.
type Removals struct {
	log *slog.Logger

	mu     sync.Mutex // guards what follows; nothing slow happens under it
	left   map[uint64]func() error
	closed chan struct{} // closed when no more tries are made
	trying sync.WaitGroup

	closing sync.Once
}

// Pauses between two tries to remove a cell.
const againFirst, againLongest = 100 * time.Millisecond, 10 * time.Second

// New returns one with nothing to remove. The caller closes it.
func New(log *slog.Logger) *Removals {
	return &Removals{log: log, left: make(map[uint64]func() error), closed: make(chan struct{})}
}

// Count returns how many cells could not be removed yet.
func (r *Removals) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.left)
}

// quietly is how many more tries the log does not tell of: some four seconds.
const quietly = 5

// Later tries again in the background. uid is only for the log.
func (r *Removals) Later(cell uint64, uid int, try func() error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left[cell] = try
	r.trying.Go(func() { r.again(cell, uid, try) })
}

func (r *Removals) again(cell uint64, uid int, try func() error) {
	began := time.Now()
	tries, pause := 0, againFirst
	for ; ; tries, pause = tries+1, min(2*pause, againLongest) {
		select {
		case <-r.closed:
			return
		case <-time.After(pause):
		}
		err := try()
		if err == nil {
			break
		}
		if tries+1 == quietly {
			r.log.Warn("nsjail: cannot remove a cell; trying again", "cell", cell, "uid", uid, "error", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.left, cell)
	if tries < quietly {
		return
	}
	r.log.Info("nsjail: removed a cell after several tries", "cell", cell, "took", time.Since(began))
}

// Close tries to remove each cell for the last time, and returns an error for those
// that stay. It may be called more than once.
func (r *Removals) Close() error {
	r.closing.Do(func() { close(r.closed) })
	r.trying.Wait()
	var errs []error
	for cell, try := range r.left {
		if err := try(); err != nil {
			errs = append(errs, fmt.Errorf("cell %d: %w", cell, err))
		}
	}
	return errors.Join(errs...)
}
