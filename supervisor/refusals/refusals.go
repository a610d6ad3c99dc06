// Package refusals turns what kept a request from its answer into the problem that the client
// is told.
//
//	refusals.go  the reasons, and Explain
package refusals

import (
	"context"
	"errors"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// What can keep a request from an answer.
var (
	ErrWaitedTooLong = errors.New("no cell was free in time")
	ErrEpidemic      = errors.New("several cells in a row failed before the script started")
	ErrDraining      = errors.New("the service is shutting down")
	ErrRevoked       = errors.New("the request's key was revoked")
)

// Explain turns the error that kept a script from running, or from running to its
// end, into the client's problem. ctx is the context of the run; if it has ended, its
// cause counts.
func Explain(ctx context.Context, err error) error {
	var p *api.Problem
	if errors.As(err, &p) { // it is explained already
		return p
	}
	if cause := context.Cause(ctx); panics.Is(cause) {
		return api.Internal(cause)
	}
	if ctx.Err() != nil {
		if err = context.Cause(ctx); !errors.Is(err, ErrDraining) && !errors.Is(err, ErrRevoked) {
			return api.ErrClientGone
		}
	}
	var unavailable *pool.UnavailableError
	var slow *line.SlowError
	switch {
	case errors.As(err, &slow) && slow.Party:
		p = api.Refuse(api.CodeRateLimited, "too many requests with one key: %v", err)
		p.RetryAfter = max(time.Second, slow.Expected-slow.Bound)
	case errors.As(err, &slow):
		p = api.Refuse(api.CodeSaturated, "all places are taken: %v", err)
		p.RetryAfter = max(time.Second, slow.Expected-slow.Bound)
	case errors.Is(err, sessions.ErrExists):
		p = api.Refuse(api.CodeSessionExists, "this key has a live session of that id")
	case errors.Is(err, sessions.ErrTooMany):
		p = api.Refuse(api.CodeTooManySessions, "too many sessions: delete one that you no longer need, or wait")
		p.RetryAfter = 10 * time.Second
	case errors.Is(err, line.ErrFull), errors.Is(err, ErrWaitedTooLong), errors.Is(err, line.ErrBytes):
		p = api.Refuse(api.CodeSaturated, "all places are taken: %v", err)
		p.RetryAfter = time.Second
	case errors.Is(err, line.ErrPartyFull), errors.Is(err, line.ErrPartyBytes):
		p = api.Refuse(api.CodeRateLimited, "too many requests with one key: %v", err)
		p.RetryAfter = time.Second
	case errors.Is(err, ErrRevoked):
		p = InvalidKey("the key was revoked while the request waited or ran")
	case errors.Is(err, ErrDraining), errors.Is(err, sessions.ErrClosed), errors.Is(err, line.ErrClosed), errors.Is(err, pool.ErrClosed):
		p = api.Refuse(api.CodeDraining, "the server is shutting down; another may be there soon")
		p.RetryAfter = time.Second
	case errors.As(err, &unavailable):
		p = api.Refuse(api.CodeUnavailable, "no cell can be created right now; the server keeps trying")
		p.RetryAfter = unavailable.RetryAfter
	case errors.Is(err, ErrEpidemic):
		p = api.Refuse(api.CodeUnavailable, "%v", ErrEpidemic)
		p.RetryAfter = time.Second
	case errors.Is(err, line.ErrTooLarge):
		p = api.Refuse(api.CodeLimitTooHigh, "the limits of the request allow a larger answer than max_memory permits: lower output_bytes, result_bytes, files_bytes or outputs_bytes")
	case errors.Is(err, protocol.ErrTooLarge):
		p = api.Refuse(api.CodeTooLarge, "the encoded request is too large for a cell")
	default:
		return api.Internal(err)
	}
	p.Cause = err
	return p
}

// Unauthorized refuses a request without a key that is in use.
func Unauthorized(challenge, detail string) *api.Problem {
	p := api.Refuse(api.CodeUnauthorized, "%s", detail)
	p.Challenge = challenge
	return p
}

// InvalidKey refuses a request whose key is unknown or was revoked.
func InvalidKey(detail string) *api.Problem {
	return Unauthorized(`Bearer error="invalid_token"`, detail)
}

// TooManyConnections returns the answer, as bytes on the wire, to a client that
// connects when the limit on connections is reached.
func TooManyConnections() []byte {
	p := api.Refuse(api.CodeSaturated, "too many connections: all are in use, or all that one address may have")
	p.RetryAfter = time.Second
	return p.Bytes()
}

// TakeTurn counts a request against the rate of its key, which may be nil.
func TakeTurn(key *keys.Key, now time.Time) error {
	if key == nil {
		return nil
	}
	wait := key.TakeTurn(now)
	if wait == 0 {
		return nil
	}
	p := api.Refuse(api.CodeRateLimited, "key %q may send %v requests a second", key.Name, key.Rate())
	p.RetryAfter = wait
	return p
}
