package pool

import (
	"errors"
	"fmt"
	"time"
)

// ErrClosed is what Claim returns when the pool is drained or closed, or
// becomes so while the claim waits.
var ErrClosed = errors.New("pool: closed")

// UnavailableError is what Claim returns when nothing is ready and the last
// Failures calls of Make failed.
type UnavailableError struct {
	Failures   int           // in a row
	RetryAfter time.Duration // until the pool tries again; never 0
	Err        error         // the last failure
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("pool: unavailable: %d in a row could not be made, next try in %v: %v",
		e.Failures, e.RetryAfter.Round(time.Millisecond), e.Err)
}

// Unwrap gives the last failure of Make.
func (e *UnavailableError) Unwrap() error { return e.Err }
