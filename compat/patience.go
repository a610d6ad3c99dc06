package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/hotcell/hotcell/client"
)

// untilKey is the context key of the time until which a request waits.
type untilKey struct{}

// Until returns the time until which a request to hotcell waits; zero: it does not say.
func Until(ctx context.Context) time.Time {
	until, _ := ctx.Value(untilKey{}).(time.Time)
	return until
}

// Pauses before a request is tried again. The line for a cell is what requests wait in;
// they pause only when that is full, or memory, sessions or the key's rate are used up.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = time.Second
)

// patient is a transport that waits for what others hold now.
type patient struct {
	next   http.RoundTripper
	caller *Caller
}

// RoundTrip implements [http.RoundTripper].
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	until := time.Now().Add(min(p.caller.Patience, p.caller.service.MaxWait()))
	r = r.WithContext(context.WithValue(r.Context(), untilKey{}, until))
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		response, err := p.next.RoundTrip(r)
		if err != nil || !refusedForNow(response) || r.Body != nil && r.GetBody == nil {
			return response, err
		}
		some := pause/2 + rand.N(pause) // #nosec G404 -- those refused together must not come back together
		if time.Now().Add(some).After(until) {
			return response, nil
		}
		_ = response.Body.Close()
		select {
		case <-r.Context().Done():
			return nil, context.Cause(r.Context())
		case <-time.After(some):
		}
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// passing are the refusals that pass when others have ended what they do.
var passing = []client.Code{client.CodeRateLimited, client.CodeSaturated, client.CodeUnavailable, client.CodeTooManySessions}

const longestProblem = 64 << 10 // bytes

// refusedForNow reports whether a response is such a refusal. It can still be read.
func refusedForNow(response *http.Response) bool {
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return false
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, longestProblem))
	rest := response.Body
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), rest), rest}
	var problem struct{ Code client.Code }
	return err == nil && json.Unmarshal(text, &problem) == nil && slices.Contains(passing, problem.Code)
}
