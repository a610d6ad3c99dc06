package pool

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Config says what a pool holds and how it refills. Target, Make and Destroy
// are the ones to think about; zero is a sensible value of every other field.
type Config[T any] struct {
	// Target is how many T to keep ready. With 0 the pool works on demand: a T
	// is made when somebody waits for one.
	Target int

	// Make makes one T. It may take its time, but must give up by itself some
	// day: the pool sets no deadline. ctx ends when the pool is drained or
	// closed, never because a claimer gave up. With an error there is no T, and
	// Make has cleaned up after itself. Up to Parallel calls run at once. awaited
	// is closed, at once or later, when a claim waits for this T, so that it should
	// be made in haste.
	Make func(ctx context.Context, awaited <-chan struct{}) (T, error)

	// Destroy destroys one T, claimed before or not. It is called once for each
	// T that Make returned, always in a goroutine of its own, and many calls may
	// run at once.
	Destroy func(T)

	// Alive is asked about a parked T that is about to be handed out, on the
	// claimer's time: let it be quick. Nil means that a T never dies. A dead T
	// is destroyed, and the claimer gets the next.
	Alive func(T) bool

	// MaxAge is how long a T may be parked before it is replaced; 0 is for ever.
	// It is handed out until its replacement is there, so that the level does
	// not dip: a T older than MaxAge can still be claimed when making takes long.
	MaxAge time.Duration

	// Parallel is how many Make run at once; 0 means 1. While Make fails, one
	// runs at a time.
	Parallel int

	// YieldAt and LowWater make refilling yield to requests: no Make is started
	// while YieldAt or more T are claimed, LowWater of the target or more are
	// ready, and nobody waits. With YieldAt 0 refilling never yields, and with a
	// LowWater above the target it does not either. Nil means 0. It is called
	// under the pool's lock: it reckons, and calls nothing of the pool.
	YieldAt  int
	LowWater func(target int) int

	// BackoffMin is the pause after Make failed for the first time. It doubles
	// with each failure in a row, up to BackoffMax. 0 means 100 ms and 30 s.
	BackoffMin time.Duration
	BackoffMax time.Duration

	// FailFast is how many Make must fail in a row before claims that find
	// nothing ready are refused with an [UnavailableError] instead of waiting;
	// 0 means 3.
	FailFast int
}

// withDefaults gives the config that the pool works with, or an error that
// names each field that is wrong.
func (c Config[T]) withDefaults() (Config[T], error) {
	var errs []error
	if c.Make == nil {
		errs = append(errs, errors.New("pool: Make is nil, must be a function"))
	}
	if c.Destroy == nil {
		errs = append(errs, errors.New("pool: Destroy is nil, must be a function"))
	}
	errs = append(errs,
		notNegative("Target", c.Target),
		notNegative("MaxAge", c.MaxAge),
		notNegative("Parallel", c.Parallel),
		notNegative("YieldAt", c.YieldAt),
		notNegative("BackoffMin", c.BackoffMin),
		notNegative("BackoffMax", c.BackoffMax),
		notNegative("FailFast", c.FailFast),
	)
	c.Parallel = max(c.Parallel, 1)
	if c.LowWater == nil {
		c.LowWater = func(int) int { return 0 }
	}
	if c.FailFast == 0 {
		c.FailFast = 3
	}
	if c.BackoffMin == 0 {
		c.BackoffMin = 100 * time.Millisecond
	}
	if c.BackoffMax == 0 {
		c.BackoffMax = max(30*time.Second, c.BackoffMin)
	}
	if c.BackoffMax > 0 && c.BackoffMax < c.BackoffMin {
		errs = append(errs, fmt.Errorf("pool: BackoffMax is %v, must be BackoffMin (%v) or more", c.BackoffMax, c.BackoffMin))
	}
	return c, errors.Join(errs...)
}

func notNegative[N int | time.Duration](field string, value N) error {
	if value < 0 {
		return fmt.Errorf("pool: %s is %v, must be 0 or more", field, value)
	}
	return nil
}
