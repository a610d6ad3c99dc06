package sessions_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/nsjail/transfer"
	"github.com/hotcell/hotcell/supervisor/sessions"
)

// entered takes a turn that must come at once.
func entered(t *testing.T, session *sessions.Session) *sessions.Turn {
	t.Helper()
	turn, err := session.Enter(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func TestCallersOfASessionTakeTurnsInTheOrderInWhichTheyCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, session, _, _ := begin(t, lasting)
		defer registry.Close()
		turn := entered(t, session)
		var order []int
		left := make(chan struct{})
		for i := range 5 {
			go func() {
				mine, err := session.Enter(t.Context(), time.Hour)
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, i)
				if _, err := session.Enter(t.Context(), 0); !errors.Is(err, sessions.ErrBusy) {
					t.Errorf("somebody passes the line: %v", err)
				}
				time.Sleep(time.Second)
				mine.Leave()
				mine.Leave() // does nothing: the next one keeps its turn
				left <- struct{}{}
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		began := time.Now()
		turn.Leave()
		for range 5 {
			<-left
		}
		if took := time.Since(began); !slices.IsSorted(order) || took != 5*time.Second || session.State().Busy {
			t.Errorf("%v, after %v, %+v", order, took, session.State())
		}
		entered(t, session).Leave()
	})
}

func TestAWaitForATurnEnds(t *testing.T) {
	gone := errors.New("gone")
	for _, c := range []struct {
		name string
		act  func(registry *sessions.Registry, session *sessions.Session, leave context.CancelCauseFunc)
		want error
	}{
		{"with its time", func(*sessions.Registry, *sessions.Session, context.CancelCauseFunc) {}, sessions.ErrBusy},
		{"with its caller", func(_ *sessions.Registry, _ *sessions.Session, leave context.CancelCauseFunc) { leave(gone) }, gone},
		{"with the session", func(_ *sessions.Registry, s *sessions.Session, _ context.CancelCauseFunc) { s.End(sessions.Deleted) }, sessions.ErrOver},
		{"with a drain", func(r *sessions.Registry, _ *sessions.Session, _ context.CancelCauseFunc) { r.Drain() }, sessions.ErrClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				registry, session, _, _ := begin(t, lasting)
				defer registry.Close()
				turn := entered(t, session)
				ctx, leave := context.WithCancelCause(t.Context())
				defer leave(nil)
				time.AfterFunc(time.Second, func() { c.act(registry, session, leave) })
				began := time.Now()
				_, err := session.Enter(ctx, time.Minute)
				if took := time.Since(began); !errors.Is(err, c.want) || took > time.Minute || c.want != sessions.ErrBusy && took != time.Second {
					t.Errorf("%v after %v", err, took)
				}
				turn.Leave() // which must not wait for the one that has left the line
				if over, _ := session.Over(); over == "" {
					entered(t, session).Leave()
				}
			})
		})
	}
}

func TestALineForASessionIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, session, _, _ := begin(t, lasting)
		defer registry.Close()
		turn := entered(t, session)
		ctx, leave := context.WithCancel(t.Context())
		for range 64 {
			go func() {
				if turn, err := session.Enter(ctx, time.Hour); err == nil {
					turn.Leave()
				}
			}()
		}
		synctest.Wait()
		if _, err := session.Enter(t.Context(), time.Hour); !errors.Is(err, sessions.ErrBusy) {
			t.Errorf("one more: %v", err)
		}
		leave()
		synctest.Wait()
		turn.Leave()
		entered(t, session).Leave()
	})
}

// The cell is watched while its turn is somebody's, but nothing runs yet.
func TestACellRestsUntilACallBegins(t *testing.T) {
	_, session, cell, ends := begin(t, lasting)
	turn := entered(t, session)
	cell.dies <- nsjail.Verdict{}
	if why := <-ends; why != sessions.Died {
		t.Errorf("it ended as %s", why)
	}
	if _, err := turn.Call(t.Context(), nsjail.Job{}); !errors.Is(err, sessions.ErrOver) {
		t.Error(err)
	}
	turn.Leave()
}

// A panic of a call is its client's error; the session's place must not be lost with it.
func TestAPanicOfACallEndsItsSession(t *testing.T) {
	_, session, cell, ends := begin(t, lasting)
	close(cell.begun)
	func() {
		defer func() { _ = recover() }()
		_, err := call(t.Context(), session, nsjail.Job{Limits: nsjail.Limits{Wall: time.Minute}})
		t.Errorf("it returned %v", err)
	}()
	if over, _ := session.Over(); over != sessions.Died || <-ends != sessions.Died {
		t.Errorf("it ended as %q", over)
	}
}

func TestASessionThatIsProlongedWhileACallerHasItsTurnDoesNotEndEarlier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry, session, _, _ := begin(t, sessions.Config{TTL: time.Minute, Idle: time.Hour})
		defer registry.Close()
		turn := entered(t, session)
		if err := session.Prolong(time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		turn.Leave()
		if over, _ := session.Over(); over != "" {
			t.Errorf("it ended as %s", over)
		}
	})
}

// A client that knows the id may call before the files of the session are there.
func TestASessionIsBusyUntilItIsFilled(t *testing.T) {
	filled := lasting
	filled.Filled = true
	job := nsjail.Job{Limits: nsjail.Limits{Wall: time.Minute}}
	_, session, cell, _ := begin(t, filled)
	var written []int
	write := func(i int, _ *transfer.Files) error {
		if _, err := call(t.Context(), session, job); !errors.Is(err, sessions.ErrBusy) || !session.State().Busy {
			t.Errorf("a call before file %d: %v", i, err)
		}
		written = append(written, i)
		return nil
	}
	if err := session.Fill(2, write); err != nil || !slices.Equal(written, []int{0, 1}) {
		t.Errorf("%v, %v", written, err)
	}
	go func() { cell.answers <- nsjail.Verdict{} }()
	if _, err := call(t.Context(), session, job); err != nil {
		t.Errorf("a call afterwards: %v", err)
	}
	full := errors.New("the disk is full")
	_, session, _, _ = begin(t, filled)
	if err := session.Fill(2, func(int, *transfer.Files) error { return full }); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	_, session, _, ends := begin(t, filled)
	session.End(sessions.Deleted)
	if err := session.Fill(1, write); !errors.Is(err, sessions.ErrOver) || <-ends != sessions.Deleted {
		t.Errorf("after its end: %v", err)
	}
}
