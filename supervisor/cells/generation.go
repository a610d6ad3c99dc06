package cells

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/nsjail"
)

const (
	// StartDeadline bounds the making of a cell in any step.
	StartDeadline = doctor.StartDeadline
	// The pauses between attempts to start a jail, or to make a cell. They are short,
	// so that the service is ready soon after any failure, however long it lasted.
	firstPause, longestPause = 200 * time.Millisecond, time.Second
	// longestBeside is the longest pause between attempts to start a further jail while
	// others serve: each attempt takes a second of processor time, and memory.
	longestBeside = time.Minute
)

// generation is one jail, and how much it has been used.
type generation struct {
	jail      *nsjail.Jail
	isolation []doctor.Check // as the self-test found it
	cells     int            // that exist or are being made
	making    int            // that are being made
	made      int
	failures  int           // to make a cell, in a row
	hung      bool          // it must not be used for more cells
	worn      chan struct{} // closed when the jail must be replaced: see wearOut
	why       ZygoteEnd     // why it must be replaced
	retired   bool          // replaced: it is closed with its last cell
}

// ZygoteEnd is why a jail is replaced. The values label a metric: more may be added,
// none is renamed.
type ZygoteEnd string

const (
	ZygoteDied    ZygoteEnd = "died"
	ZygoteHung    ZygoteEnd = "hung"    // it did not answer in time
	ZygoteFailing ZygoteEnd = "failing" // it failed to make several cells in a row
	ZygoteOld     ZygoteEnd = "old"     // zygote_max_age
	ZygoteUsed    ZygoteEnd = "used"    // zygote_max_cells
)

// ZygoteEnds lists every ZygoteEnd.
var ZygoteEnds = []ZygoteEnd{ZygoteDied, ZygoteHung, ZygoteFailing, ZygoteOld, ZygoteUsed}

// failuresToReplace is how many cells must fail in a row before a jail that seems to
// be alive is replaced. If the jail was not the cause nothing is lost: it serves
// until its replacement does.
const failuresToReplace = 3

// wearOut asks for a replacement of this jail, because it has made as many cells as
// it should, hangs, or keeps failing. The profile's mu must be held.
func (g *generation) wearOut(why ZygoteEnd) {
	select {
	case <-g.worn:
	default:
		g.why = why
		close(g.worn)
	}
}

// noteFailure decides whether a failure to make a cell is a reason to replace the
// jail.
func (p *Profile) noteFailure(g *generation, err error) {
	if isOurWant(err) { // another jail would fail, too
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g.failures++
	switch {
	case errors.Is(err, nsjail.ErrHung) && !g.hung:
		p.log.Error("the zygote hangs; starting another", "generation", g.jail.Generation())
		g.hung = true
		g.wearOut(ZygoteHung)
	case g.failures == failuresToReplace:
		p.log.Error("the zygote makes no cells; starting another", "generation", g.jail.Generation())
		g.wearOut(ZygoteFailing)
	}
}

// isOurWant reports whether a cell could not be made because this process or the
// machine has no descriptors left, which is not the jail's fault.
func isOurWant(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ETOOMANYREFS)
}

func (p *Profile) noteSuccess(g *generation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g.failures = 0
}

// keep keeps a place of p.current taken until ctx ends: g has it, or nobody yet.
func (p *Profile) keep(ctx context.Context, place int, g *generation) {
	for {
		if g != nil && !p.wearsOut(ctx, g) {
			return
		}
		next := p.restart(ctx)
		if next == nil {
			return
		}
		p.replace(place, next)
		g = next
	}
}

// wearsOut waits until a jail must be replaced. It reports false if ctx ends first.
func (p *Profile) wearsOut(ctx context.Context, g *generation) bool {
	var old <-chan time.Time
	if p.cfg.ZygoteMaxAge > 0 {
		old = time.After(p.cfg.ZygoteMaxAge)
	}
	var why ZygoteEnd
	select {
	case <-ctx.Done():
		return false
	case <-g.jail.Done():
		why = ZygoteDied
		p.log.Error("the jail is gone; starting another", "generation", g.jail.Generation(), "error", g.jail.Err())
	case <-old:
		why = ZygoteOld
	case <-g.worn:
		why = g.why
	}
	p.events.ZygoteReplaced(p.cfg.Name, why)
	return true
}

// restart tries until a new jail has started. It returns nil if ctx ends first.
func (p *Profile) restart(ctx context.Context) *generation {
	for pause := firstPause; ; pause = min(2*pause, p.longestPause()) {
		next, err := p.startGeneration(ctx)
		if err == nil {
			return next
		}
		if ctx.Err() == nil {
			p.log.Error("cannot start a jail; trying again", "pause", pause, "error", err)
			p.events.ZygoteStartFailed(p.cfg.Name)
		}
		p.mu.Lock()
		p.startErr = err
		p.tellChange()
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// longestPause returns the longest pause before the next attempt to start a jail.
func (p *Profile) longestPause() time.Duration {
	if len(p.current) > 1 && p.CheckJail() == nil {
		return longestBeside
	}
	return longestPause
}

// replace puts a jail into its place, and retires the one that had it.
func (p *Profile) replace(place int, next *generation) {
	p.mu.Lock()
	g := p.current[place]
	p.current[place], p.startErr = next, nil
	p.tellChange()
	surplus := p.surplus(g)
	unused := false
	if g != nil {
		g.retired = true
		unused = g.cells == 0
	}
	p.mu.Unlock()
	if unused {
		p.closeJail(g)
	}
	p.pool.Replace(func(c *Cell) bool {
		surplus[c.from]--
		return c.from == g || surplus[c.from] >= 0
	})
	p.log.Info("a new jail makes the cells", "generation", next.jail.Generation())
}

// tellChange wakes everything that waits for a jail. mu must be held.
func (p *Profile) tellChange() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// startGeneration starts a jail and tests it. Jails of a profile start one after the
// other, so that a replacement of all of them takes the memory of one more.
func (p *Profile) startGeneration(ctx context.Context) (*generation, error) {
	p.starting.Lock()
	defer p.starting.Unlock()
	profile, err := p.cfg.Jail()
	if err != nil {
		return nil, err
	}
	jail, isolation, err := doctor.Start(ctx, p.host, profile, p.allowMissing)
	if jail == nil {
		return nil, err
	}
	if err == nil {
		err = p.judge(isolation)
	}
	if err != nil {
		return nil, errors.Join(err, jail.Close())
	}
	return &generation{jail: jail, isolation: isolation, worn: make(chan struct{})}, nil
}

// judge returns an error for each layer of isolation that the self-test of a new jail
// did not find and that may not be missing. Such a jail never serves.
func (p *Profile) judge(checks []doctor.Check) error {
	var errs []error
	for _, check := range doctor.Missing(checks) {
		if slices.Contains(p.allowMissing, check.Layer) {
			p.log.Warn("a layer of isolation is missing, and is allowed to", "layer", check.Layer, "found", check.Found)
			continue
		}
		errs = append(errs, fmt.Errorf("profile %q: isolation layer %s does not hold: %s (%s)", p.cfg.Name, check.Layer, check.Found, check.Remedy))
	}
	return errors.Join(errs...)
}

// serves reports whether more cells can be made from the jail; g may be nil. The
// profile's mu must be held.
func (g *generation) serves() bool { return g != nil && !g.hung && g.jail.Err() == nil }

// choose returns the current jail that makes the fewest cells now, and of those the one
// that has the fewest: then they share the work, and each loses as little as possible when
// it dies. avoid is returned only if no other one serves, and nil if none does. mu must be held.
func (p *Profile) choose(avoid *generation) *generation {
	var best *generation
	for _, g := range p.current {
		switch {
		case !g.serves():
		case best == nil || best == avoid:
			best = g
		case g != avoid && (g.making < best.making || g.making == best.making && g.cells < best.cells):
			best = g
		}
	}
	return best
}

// surplus returns how many cells more than its share each current jail has, so that a new
// one gets as many as the others. The cells of the one that left are to be replaced. mu
// must be held.
func (p *Profile) surplus(left *generation) map[*generation]int {
	all, jails := 0, 0
	for _, g := range append([]*generation{left}, p.current...) {
		if g != nil {
			all += g.cells
		}
		if g.serves() && g != left {
			jails++
		}
	}
	surplus := make(map[*generation]int)
	for _, g := range p.current {
		if g.serves() {
			surplus[g] = g.cells - (all+jails-1)/jails
		}
	}
	return surplus
}

// another reports whether cells can be made from another jail.
func (p *Profile) another(than *generation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	g := p.choose(than)
	return g != nil && g != than
}

// useJail returns a current jail to make a cell from, avoid only if no other one serves.
// The caller calls hasMade, and then leaveJail.
func (p *Profile) useJail(ctx context.Context, avoid *generation) (*generation, error) {
	for {
		p.mu.Lock()
		g, err, changed := p.choose(avoid), p.startErr, p.changed
		alive := g != nil
		if alive {
			g.cells++
			g.making++
			g.made++
			if g.made == p.cfg.ZygoteMaxCells {
				g.wearOut(ZygoteUsed)
			}
		}
		p.mu.Unlock()
		switch {
		case alive:
			return g, nil
		case err != nil:
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// hasMade says that the cell that [Profile.useJail] was called for is made, or is not.
func (p *Profile) hasMade(g *generation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g.making--
}

func (p *Profile) leaveJail(g *generation) {
	p.mu.Lock()
	g.cells--
	unused := g.retired && g.cells == 0
	p.mu.Unlock()
	if unused {
		p.closeJail(g)
	}
}

func (p *Profile) closeJail(g *generation) {
	if err := g.jail.Close(); err != nil {
		p.log.Error("cannot close a jail", "error", err)
	}
}

func (p *Profile) isRetired(g *generation) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return g.retired
}
