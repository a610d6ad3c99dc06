package refusals_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

func TestWhatEndedARunBecomesARefusal(t *testing.T) {
	cases := []struct {
		err   error
		code  api.Code
		retry time.Duration
	}{
		{line.ErrFull, api.CodeSaturated, time.Second},
		{refusals.ErrWaitedTooLong, api.CodeSaturated, time.Second},
		{refusals.ErrDraining, api.CodeDraining, time.Second},
		{pool.ErrClosed, api.CodeDraining, time.Second},
		{&pool.UnavailableError{Failures: 3, RetryAfter: 5 * time.Second, Err: errors.New("secret")}, api.CodeUnavailable, 5 * time.Second},
		{refusals.ErrEpidemic, api.CodeUnavailable, time.Second},
		{fmt.Errorf("run: %w", protocol.ErrTooLarge), api.CodeTooLarge, 0},
		{errors.New("secret"), api.CodeInternal, 0},
	}
	for _, c := range cases {
		var p *api.Problem
		if err := refusals.Explain(t.Context(), c.err); !errors.As(err, &p) || p.Code != c.code || p.RetryAfter != c.retry || !errors.Is(err, c.err) {
			t.Errorf("%v: %+v", c.err, p)
		}
		if body, err := json.Marshal(p); err != nil || strings.Contains(string(body), "secret") {
			t.Errorf("%v tells of the inside: %s", c.err, body)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(nil)
	if err := refusals.Explain(ctx, errors.New("whatever")); !errors.Is(err, api.ErrClientGone) {
		t.Errorf("hung up: %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(new(panics.Error))
	if p := (*api.Problem)(nil); !errors.As(refusals.Explain(ctx, errors.New("whatever")), &p) || p.Code != api.CodeInternal || !panics.Is(p) {
		t.Errorf("a panic: %v", p)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(refusals.ErrDraining)
	var p *api.Problem
	if err := refusals.Explain(ctx, errors.New("whatever")); !errors.As(err, &p) || p.Code != api.CodeDraining {
		t.Errorf("killed while draining: %v", err)
	}
}
