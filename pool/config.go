package pool

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Config configures a pool. Target, Make and Destroy must be set; zero is a
// sensible value for every other field.
type Config[T any] struct {
	// Target is how many T to keep ready. If it is 0, the pool works on demand:
	// it makes a T when a claim waits for one.
	Target int

	// Make makes one T. It may be slow but must return eventually: the pool sets
	// no deadline. ctx is cancelled when the pool is drained or closed, and never
	// because a claimer gave up. If Make returns an error, there is no T, and Make
	// has cleaned up. Up to Parallel calls run concurrently.
	Make func(ctx context.Context, order Order) (T, error)

	// Destroy destroys one T, whether it was claimed or not. It is called once for
	// each T that Make returned, in a goroutine of its own. Calls may run
	// concurrently.
	Destroy func(T)

	// Alive reports whether a parked T that is about to be handed out still works.
	// The claimer waits for it, so it must be fast. Nil means that a T never dies.
	// A dead T is destroyed, and the claimer gets the next one.
	Alive func(T) bool

	// MaxAge is how long a T may be parked before it is replaced; 0 means forever.
	// The pool hands it out until its replacement is ready, so that the pool does
	// not shrink. A T older than MaxAge can therefore be claimed if making is slow.
	MaxAge time.Duration

	// Parallel is how many calls of Make run concurrently; 0 means 1. Half as many do
	// while eight T for each of them are ready and no claim waits. While Make fails, one
	// runs at a time.
	Parallel int

	// YieldAt and LowWater make refilling yield to requests: the pool does not
	// start Make while YieldAt or more T are claimed, LowWater(target) or more are
	// ready, and no claim waits. Refilling never yields if YieldAt is 0 or
	// LowWater(target) is above the target. A nil LowWater means 0. LowWater is
	// called with the pool's lock held and must not call the pool. It is also how
	// many ready ones ClaimBehind leaves to others, and [Order.Cheap] depends on it.
	YieldAt  int
	LowWater func(target int) int

	// BackoffMin is the pause after the first failure of Make. The pause doubles
	// with each consecutive failure, up to BackoffMax. 0 means 100 ms and 30 s.
	BackoffMin time.Duration
	BackoffMax time.Duration

	// FailFast is the number of consecutive failures of Make after which claims
	// that find nothing ready return an [UnavailableError] instead of waiting;
	// 0 means 3.
	FailFast int
}

// Order says what a T is made for.
type Order struct {
	// Awaited is closed, before the call or during it, when a claim waits for this T and
	// it should be made as fast as possible.
	Awaited <-chan struct{}
	// Cheap is set if it should be made as cheaply as possible: one of ClaimBehind waits for
	// it, or others are claimed, fewer than LowWater are ready and no ClaimBehind waits.
	Cheap bool
}

// withDefaults returns c with defaults filled in, or an error that names each
// invalid field.
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
