package sessions_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// longCell runs calls that end only when they have to.
type longCell struct{ *fakeCell }

func (c *longCell) Call(_, caller context.Context, job nsjail.Job) (nsjail.Verdict, error) {
	select {
	case <-time.After(job.Limits.Wall):
		return nsjail.Verdict{Status: protocol.StatusTimeout}, nil
	case <-caller.Done():
		if errors.Is(context.Cause(caller), context.DeadlineExceeded) {
			return nsjail.Verdict{Status: protocol.StatusTimeout}, nil
		}
		return nsjail.Verdict{Status: protocol.StatusException}, nil
	}
}

// A session's end moves: what runs when it is prolonged goes on, within its own limits.
func TestWhatRunsGoesOnInASessionThatIsProlonged(t *testing.T) {
	for name, c := range map[string]struct {
		wall, until, want time.Duration // since the session began; until 0: it is not prolonged
	}{
		"to its end":            {time.Hour, 0, time.Minute},
		"to the new end":        {time.Hour, 10 * time.Minute, 10 * time.Minute},
		"to its own limit":      {2 * time.Minute, 10 * time.Minute, 2 * time.Minute},
		"to the end before":     {time.Hour, 40 * time.Second, time.Minute},
		"as short as it was":    {45 * time.Second, 10 * time.Minute, 45 * time.Second},
		"short, and not longer": {45 * time.Second, 40 * time.Second, 45 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			registry := sessions.New(1, func(sessions.End) {})
			defer registry.Close()
			if err := registry.Reserve(sessions.Place{}, 1); err != nil {
				t.Fatal(err)
			}
			session, err := registry.Add(sessions.Config{TTL: time.Minute, Idle: time.Hour}, &longCell{newFakeCell()})
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if c.until > 0 {
				time.AfterFunc(30*time.Second, func() {
					if err := session.Prolong(began.Add(c.until)); err != nil {
						t.Error(err)
					}
				})
			}
			got, err := call(t.Context(), session, nsjail.Job{Limits: nsjail.Limits{Wall: c.wall}})
			if took := time.Since(began); err != nil || got.Status != protocol.StatusTimeout || took != c.want {
				t.Errorf("%s: %s after %v, want %v; %v", name, got.Status, took, c.want, err)
			}
			synctest.Wait()
			if over, _ := session.Over(); (over == "") != (time.Until(session.Expires()) > 0) {
				t.Errorf("%s: afterwards it has ended as %q, %v before its end", name, over, time.Until(session.Expires()))
			}
		})
	}
}

func TestATransferGoesOnInASessionThatIsProlonged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, session, _, _ := begin(t, sessions.Config{TTL: time.Second, Idle: time.Hour})
		before := session.Expires()
		err := move(t.Context(), session, func(ctx context.Context, _ *transfer.Files) error {
			if err := session.Prolong(before.Add(time.Hour)); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return errors.New("it ended as if the session had not been prolonged")
			case <-time.After(time.Minute):
				return nil
			}
		})
		if over, _ := session.Over(); err != nil || over != "" {
			t.Errorf("over: %q; %v", over, err)
		}
	})
}
