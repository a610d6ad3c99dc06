package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/pool"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/line"
)

func TestProblemsHaveTheContractsForm(t *testing.T) {
	p := refuse(CodeSaturated, "all %d", 3)
	p.retryAfter, p.cause = 1200*time.Millisecond, errors.New("secret")
	w := httptest.NewRecorder()
	p.write(w, "id-1")
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"type": "urn:hotcell:problem:saturated", "title": "All places are taken", "status": 503.0, "detail": "all 3", "code": "saturated",
		"request_id": "id-1", "error": map[string]any{"type": "saturated", "message": "all 3", "line": nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestEveryCodeHasAStatusAndATitle(t *testing.T) {
	for code, row := range codes {
		if row.status < 400 || row.title == "" {
			t.Errorf("%s: %+v", code, row)
		}
	}
}

func TestWhatEndedARunBecomesARefusal(t *testing.T) {
	cases := []struct {
		err   error
		code  Code
		retry time.Duration
	}{
		{line.ErrFull, CodeSaturated, time.Second},
		{errWaitedTooLong, CodeSaturated, time.Second},
		{errDraining, CodeDraining, time.Second},
		{pool.ErrClosed, CodeDraining, time.Second},
		{&pool.UnavailableError{Failures: 3, RetryAfter: 5 * time.Second, Err: errors.New("secret")}, CodeUnavailable, 5 * time.Second},
		{errEpidemic, CodeUnavailable, time.Second},
		{fmt.Errorf("run: %w", protocol.ErrTooLarge), CodeTooLarge, 0},
		{errors.New("secret"), CodeInternal, 0},
	}
	for _, c := range cases {
		var p *Problem
		if err := explain(t.Context(), c.err); !errors.As(err, &p) || p.Code != c.code || p.retryAfter != c.retry || !errors.Is(err, c.err) {
			t.Errorf("%v: %+v", c.err, p)
		}
		if body, err := json.Marshal(p); err != nil || strings.Contains(string(body), "secret") {
			t.Errorf("%v tells of the inside: %s", c.err, body)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(nil)
	if err := explain(ctx, errors.New("whatever")); !errors.Is(err, errClientGone) {
		t.Errorf("hung up: %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(errDraining)
	var p *Problem
	if err := explain(ctx, errors.New("whatever")); !errors.As(err, &p) || p.Code != CodeDraining {
		t.Errorf("killed while draining: %v", err)
	}
}
