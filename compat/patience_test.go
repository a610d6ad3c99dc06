package compat

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/client"
)

// played is a service that refuses some requests, and then answers.
type played struct {
	Service
	refusals int
	status   int
	code     client.Code
	asked    int
	waits    []time.Time
	bodies   []string
}

const maxWait = 2 * time.Hour

func (p *played) Authorization() string  { return "" }
func (p *played) MaxWait() time.Duration { return maxWait }

func (p *played) RoundTrip(r *http.Request) (*http.Response, error) {
	p.asked++
	p.waits = append(p.waits, Until(r.Context()))
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		p.bodies = append(p.bodies, string(body))
	}
	answer := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Request: r}
	text := `{"status":"ok"}`
	if p.refusals != 0 {
		p.refusals--
		answer.StatusCode, text = p.status, `{"code":"`+string(p.code)+`","detail":"no"}`
		answer.Header.Set("Content-Type", "application/problem+json")
	}
	answer.Body = io.NopCloser(strings.NewReader(text))
	return answer, nil
}

func TestARefusalForWantOfPlacesDoesNotReachTheAPIWhileThereIsTime(t *testing.T) {
	for _, test := range []struct {
		status   int
		code     client.Code
		refusals int
		want     client.Code // empty: it is answered
		once     bool
	}{
		{503, client.CodeSaturated, 5, "", false},
		{429, client.CodeRateLimited, 5, "", false},
		{429, client.CodeTooManySessions, 5, "", false},
		{503, client.CodeUnavailable, 5, "", false},
		{503, client.CodeSaturated, -1, client.CodeSaturated, false},
		{503, client.CodeDraining, 1, client.CodeDraining, true},
		{400, client.CodeInvalidRequest, 1, client.CodeInvalidRequest, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := &played{refusals: test.refusals, status: test.status, code: test.code}
			const patience = 10 * time.Second
			began := time.Now()
			_, err := NewCaller(service, patience).Client().Execute(t.Context(), client.Request{Script: "1"})
			var problem *client.Problem
			if errors.As(err, &problem) != (test.want != "") || problem != nil && problem.Code != test.want {
				t.Errorf("%v: %v", test, err)
			}
			if took := time.Since(began); took > patience || test.once && (took > 0 || service.asked != 1) || test.refusals < 0 && took < patience/2 {
				t.Errorf("%v: took %v, with %d requests", test, took, service.asked)
			}
			for i, until := range service.waits {
				if want := `{"script":"1"}`; !until.Equal(began.Add(patience)) || service.bodies[i] != want {
					t.Errorf("%v: waits until %v, sends %q", test, until, service.bodies[i])
				}
			}
		})
	}
}

func TestAHangUpEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, hangUp := context.WithTimeout(t.Context(), 3*time.Second)
		defer hangUp()
		began := time.Now()
		_, err := NewCaller(&played{refusals: -1, status: 503, code: client.CodeSaturated}, time.Hour).Client().Execute(ctx, client.Request{})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestAHandlersPatienceIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, service := time.Now(), &played{refusals: -1, status: 503, code: client.CodeSaturated}
		c := NewCaller(service, time.Second)
		c.Patience = 24 * time.Hour
		_, err := c.Client().Execute(t.Context(), client.Request{})
		if took := time.Since(began); err == nil || took > maxWait || !service.waits[0].Equal(began.Add(maxWait)) {
			t.Errorf("%v after %v, waits until %v", err, took, service.waits[0])
		}
	})
}

// A body that is passed on has been read when the refusal comes.
func TestAFileIsNotSentTwice(t *testing.T) {
	service := &played{refusals: 1, status: 503, code: client.CodeSaturated}
	session, err := NewCaller(service, time.Hour).Client().Session("s")
	if err != nil {
		t.Fatal(err)
	}
	if err := session.WriteFile(t.Context(), "f", io.MultiReader(strings.NewReader("once"))); err == nil || service.asked != 1 {
		t.Errorf("%v after %d requests", err, service.asked)
	}
}
