package pool

import (
	"errors"
	"fmt"
	"time"
)

// ErrClosed is returned by Claim if the pool is drained or closed, or is drained
// or closed while the claim waits.
var ErrClosed = errors.New("pool: closed")

// UnavailableError is returned by Claim if nothing is ready and the last Failures
// calls of Make failed.
type UnavailableError struct {
	Failures   int           // consecutive
	RetryAfter time.Duration // until the pool retries; never 0
	Err        error         // the last failure
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("pool: unavailable: %d in a row could not be made, next try in %v: %v",
		e.Failures, e.RetryAfter.Round(time.Millisecond), e.Err)
}

// Unwrap returns the last failure of Make.
func (e *UnavailableError) Unwrap() error { return e.Err }
