package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/pool"
)

// profile is one set of libraries at work: a jail, and the pool of cells that
// are made from it. Jails come and go, one generation after the other: when one
// dies, and when it has grown old, since its cells share a memory layout.
type profile struct {
	cfg          ProfileConfig
	host         *nsjail.Host
	log          *slog.Logger
	metrics      *metrics
	pool         *pool.Pool[*cell]
	allowMissing []string // layers of isolation, by name

	mu       sync.Mutex // guards what follows, and the generations; nothing slow happens under it
	current  *generation
	startErr error         // why there is no new one yet; nil while none has failed
	changed  chan struct{} // closed and replaced when current or startErr changes

	stop   context.CancelFunc
	keeper sync.WaitGroup
}

type cell struct {
	*nsjail.Cell
	from *generation
}

// openProfile returns when the jail is warm and has passed its self-test; the
// cells come after. The caller closes the profile.
func openProfile(ctx context.Context, cfg ProfileConfig, allowMissing []string, host *nsjail.Host, log *slog.Logger, metrics *metrics) (*profile, error) {
	p := &profile{
		cfg: cfg, allowMissing: allowMissing, host: host, log: log.With("profile", cfg.Name), metrics: metrics, changed: make(chan struct{}),
	}
	metrics.beginProfile(cfg.Name)
	first, err := p.startGeneration(ctx)
	if err != nil {
		return nil, err
	}
	p.current = first
	// Empty at first, so that no cell is made before p.pool is set.
	p.pool, err = pool.New(pool.Config[*cell]{
		Make:     p.makeCell,
		Destroy:  p.destroyCell,
		Alive:    func(c *cell) bool { return c.Alive() },
		MaxAge:   cfg.CellMaxAge,
		Parallel: cfg.RefillParallel,
		// While scripts run, only the half that bursts need is refilled: making
		// a cell takes more CPU than a short script, and comes from its share.
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
	p.keeper.Go(func() { p.keep(ctx, first) })
	if cfg.PoolMax > cfg.PoolSize {
		p.keeper.Go(func() { p.scale(ctx) })
	}
	return p, nil
}

// lookEvery is how often demand is looked at.
const lookEvery = time.Second

// scale has the pool follow demand until ctx ends.
func (p *profile) scale(ctx context.Context) {
	scaler := pool.Scaler{Min: p.cfg.PoolSize, Max: p.cfg.PoolMax, ShrinkAfter: p.cfg.PoolShrinkAfter}
	p.pool.Autoscale(ctx, scaler, lookEvery, func(target int, why pool.Reason) {
		p.metrics.resizes.WithLabelValues(p.cfg.Name, string(why)).Inc()
		p.log.Debug("the pool has another size", "target", target, "reason", why)
	})
}

// close waits until every claimed cell is released, and leaves nothing.
func (p *profile) close() error {
	p.stop()
	p.keeper.Wait()
	p.pool.Close()
	return p.current.jail.Close()
}

// makeCell makes a cell for the pool. While a jail is being started it waits,
// unless that has failed. A cell that somebody waits for is made in haste.
func (p *profile) makeCell(ctx context.Context, awaited <-chan struct{}) (*cell, error) {
	for {
		g, err := p.useJail(ctx)
		if err != nil {
			return nil, err
		}
		made, err := g.jail.SpawnFor(ctx, awaited)
		if err != nil {
			if ctx.Err() == nil {
				p.log.Warn("cannot make a cell", "error", err)
				p.noteFailure(g, err)
			}
			p.leaveJail(g)
			return nil, err
		}
		p.noteSuccess(g)
		c := &cell{made, g}
		if p.isRetired(g) { // a new jail came while this one was being made
			p.destroyCell(c)
			continue
		}
		for step, took := range made.StartSteps() {
			p.metrics.cellStart.WithLabelValues(p.cfg.Name, step).Observe(took.Seconds())
		}
		go func() { // a parked cell that dies is replaced before a claim finds it
			<-c.Gone()
			p.pool.Discard(func(parked *cell) bool { return parked == c })
		}()
		return c, nil
	}
}

func (p *profile) destroyCell(c *cell) {
	if err := c.Close(); err != nil {
		p.log.Error("cannot remove a cell", "error", err)
	}
	p.leaveJail(c.from)
}

// jail is the current one, which may be dead.
func (p *profile) jail() *nsjail.Jail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current.jail
}

// isolation is what the self-test of the current jail found.
func (p *profile) isolation() []nsjail.Check {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current.isolation
}
