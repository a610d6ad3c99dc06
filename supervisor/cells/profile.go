package cells

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Events receives what happens to the cells of a profile, by the profile's name. Its
// methods may be called concurrently.
type Events interface {
	CellMade(profile string, steps map[string]time.Duration) // steps: how long each took
	PoolResized(profile string, why pool.Reason)
	ZygoteReplaced(profile string, why ZygoteEnd)
	ZygoteStartFailed(profile string)
}

// Profile is one set of libraries in use: a jail, and the pool of cells that are made
// from it, or several jails with a zygote each, since a zygote makes one cell at a time.
// They share nothing: each imports, is tested and is replaced by itself, when it dies,
// hangs, or has grown old (its cells share one memory layout). Each jail is one generation.
type Profile struct {
	cfg          config.Profile
	allowMissing []string // layers of isolation that may be missing, by name
	host         *nsjail.Host
	log          *slog.Logger
	events       Events
	pool         *pool.Pool[*Cell]

	mu       sync.Mutex    // guards the fields below and the generations; held for short times only
	current  []*generation // a place for each zygote; nil until its first jail has started
	startErr error         // why no new jail has started yet; nil if no start has failed
	changed  chan struct{} // closed and replaced when current or startErr changes

	starting sync.Mutex // held while a jail starts

	stop   context.CancelFunc
	keeper sync.WaitGroup
}

// Open starts a profile. It returns when a jail is warm and has passed its self-test;
// further ones are started, and the cells made, afterwards. allowMissing names the layers of isolation that may be
// missing. The caller closes the profile.
func Open(ctx context.Context, cfg config.Profile, allowMissing []string, host *nsjail.Host, log *slog.Logger, events Events) (*Profile, error) {
	p := &Profile{cfg: cfg, allowMissing: allowMissing, host: host, log: log.With("profile", cfg.Name), events: events, changed: make(chan struct{})}
	first, err := p.startGeneration(ctx)
	if err != nil {
		return nil, err
	}
	p.current = make([]*generation, cfg.ZygoteCount())
	p.current[0] = first
	// The pool is empty at first, so that makeCell is not called before p.pool is
	// set.
	p.pool, err = pool.New(pool.Config[*Cell]{
		Make:     p.makeCell,
		Destroy:  p.destroyCell,
		Alive:    func(c *Cell) bool { return c.jailed.Alive() },
		MaxAge:   cfg.CellMaxAge,
		Parallel: cfg.RefillParallel,
		// While scripts run, the pool is refilled only to the half that bursts need:
		// making a cell takes more CPU time than a short script, and would take it
		// from the scripts.
		YieldAt:    1,
		LowWater:   func(target int) int { return (target + 1) / 2 },
		BackoffMin: firstPause,
		BackoffMax: longestPause,
	})
	if err == nil {
		err = p.pool.Resize(cfg.PoolSize)
	}
	if err != nil {
		return nil, errors.Join(err, first.jail.Close())
	}
	ctx, p.stop = context.WithCancel(context.Background())
	for place, g := range p.current {
		p.keeper.Go(func() { p.keep(ctx, place, g) })
	}
	if cfg.PoolMax > cfg.PoolSize {
		p.keeper.Go(func() { p.scale(ctx) })
	}
	return p, nil
}

// lookEvery is how often scale looks at demand.
const lookEvery = time.Second

// scale lets the size of the pool follow demand until ctx ends.
func (p *Profile) scale(ctx context.Context) {
	scaler := pool.Scaler{Min: p.cfg.PoolSize, Max: p.cfg.PoolMax, ShrinkAfter: p.cfg.PoolShrinkAfter}
	p.pool.Autoscale(ctx, scaler, lookEvery, func(target int, why pool.Reason) {
		p.events.PoolResized(p.cfg.Name, why)
		p.log.Debug("the pool has another size", "target", target, "reason", why)
	})
}

// Close waits until every claimed cell is released, and removes everything.
func (p *Profile) Close() error {
	p.stop()
	p.keeper.Wait()
	p.pool.Close()
	var errs []error
	for _, g := range p.current {
		if g != nil {
			errs = append(errs, g.jail.Close())
		}
	}
	return errors.Join(errs...)
}

// makeCell makes a cell for the pool. While no jail serves, it waits, unless an
// attempt to start one has failed. If a jail fails to make it, another one tries.
// A cheap cell does not rehearse: that would cost more time than it saves.
func (p *Profile) makeCell(ctx context.Context, order pool.Order) (*Cell, error) {
	var failed *generation
	for {
		g, err := p.useJail(ctx, failed)
		if err != nil {
			return nil, err
		}
		made, err := g.jail.SpawnFor(ctx, order.Awaited, !order.Cheap)
		p.hasMade(g)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Warn("cannot make a cell", "error", err)
				p.noteFailure(g, err)
			}
			p.leaveJail(g)
			if failed == nil && ctx.Err() == nil && !isOurWant(err) && p.another(g) {
				failed = g
				continue
			}
			return nil, err
		}
		p.noteSuccess(g)
		c := &Cell{jailed: made, from: g, profile: p}
		if p.isRetired(g) { // the jail was replaced meanwhile
			p.destroyCell(c)
			continue
		}
		p.events.CellMade(p.cfg.Name, made.StartSteps())
		go func() { // replace a parked cell that dies before a claim finds it
			<-made.Gone()
			p.pool.Discard(func(parked *Cell) bool { return parked == c })
		}()
		return c, nil
	}
}

func (p *Profile) destroyCell(c *Cell) {
	if err := c.jailed.Close(); err != nil && !errors.Is(err, nsjail.ErrRemovedLater) { // which tells of itself
		p.log.Error("cannot remove a cell", "error", err)
	}
	p.leaveJail(c.from)
}

// Stats returns how many cells there are, and how many there were.
func (p *Profile) Stats() pool.Stats { return p.pool.Stats() }

// CheckCells returns why no cell is ready, or nil. If requests hold all cells and
// making new ones works, it returns nil: the service is busy, but ready. Otherwise a
// load balancer would remove it whenever it is used most.
func (p *Profile) CheckCells() error {
	switch stats := p.pool.Stats(); {
	case stats.Ready > 0 || stats.Target == 0 && stats.ConsecutiveFailures == 0:
		return nil
	case stats.ConsecutiveFailures > 0:
		return fmt.Errorf("none is warm: %d attempts in a row to make one have failed", stats.ConsecutiveFailures)
	case stats.Claimed == 0:
		return errors.New("none is warm yet")
	default:
		return nil
	}
}
