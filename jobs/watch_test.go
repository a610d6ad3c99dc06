package jobs_test

import (
	"errors"
	"testing"

	"github.com/hotcell/hotcell/jobs"
)

// Whoever waits for a job where it runs gets each state and the answer as they were stored.
func TestThoseWhoWaitForAJobGetItsAnswer(t *testing.T) {
	engine := open(t, t.TempDir())
	for name, size := range map[string]int{"small": 10, "not kept in memory": 100 << 10, "larger than a message": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			stored := submit(t, engine, job("a"), "input")
			changed, stop := engine.Watch(stored.ID)
			defer stop()
			run := claim(t, engine)
			if err := run.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
			<-changed
			if got := must[jobs.Job](t)(engine.Get(t.Context(), "a", stored.ID)); got.Status != jobs.Running || got.Attempts != 1 {
				t.Errorf("begun: %+v", got)
			}
			if _, err := engine.Get(t.Context(), "b", stored.ID); err == nil {
				t.Error("another owner gets it")
			}
			text := string(make([]byte, size))
			if first, err := run.Finish(t.Context(), []byte(text)); !first || err != nil {
				t.Fatal(first, err)
			}
			<-changed
			got := must[jobs.Job](t)(engine.Get(t.Context(), "a", stored.ID))
			if got.Status != jobs.Done || answer(t, engine, got) != text {
				t.Errorf("%+v, or another answer", got)
			}
			stop()
			if again := must[jobs.Job](t)(engine.Get(t.Context(), "a", stored.ID)); again.Status != jobs.Done || answer(t, engine, again) != text || !again.Ended.Equal(got.Ended) {
				t.Errorf("what is stored differs from what was told: %+v", again)
			}
		})
	}
}

// watched returns a job that has begun, and that somebody waits for.
func watched(t *testing.T) (*jobs.Engine, jobs.Job, *jobs.Run) {
	t.Helper()
	engine := open(t, t.TempDir())
	stored := submit(t, engine, job("a"), "input")
	_, stop := engine.Watch(stored.ID)
	t.Cleanup(stop)
	run := claim(t, engine)
	if err := run.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return engine, stored, run
}

// A job that is given back is no longer begun, for those who wait for it either.
func TestAJobThatIsGivenBackWaitsAgain(t *testing.T) {
	engine, stored, run := watched(t)
	if err := run.GiveBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := must[jobs.Job](t)(engine.Get(t.Context(), "a", stored.ID)); got.Status != jobs.Queued || got.Attempts != 0 || got.Node != "" || !got.Began.IsZero() {
		t.Errorf("given back: %+v", got)
	}
	if again := claim(t, engine); again.ID != stored.ID || again.Attempts != 0 {
		t.Errorf("claimed again: %+v", again.Job)
	}
}

// A job that was cancelled is not claimed, also if its message is still there.
func TestAJobThatWasCancelledIsNotClaimed(t *testing.T) {
	engine := open(t, t.TempDir())
	cancelled := submit(t, engine, job("a"), "")
	if err := jobs.EndUntold(t.Context(), engine, must[jobs.Job](t)(engine.Get(t.Context(), "a", cancelled.ID))); err != nil {
		t.Fatal(err)
	}
	next := submit(t, engine, job("a"), "")
	if run := claim(t, engine); run.ID != next.ID {
		t.Errorf("%s is claimed, not %s", run.ID, next.ID)
	}
}

// The first end counts, also where those who wait have not been told of it yet.
func TestAnEndThatNobodyWasToldOfCounts(t *testing.T) {
	engine, stored, run := watched(t)
	if err := jobs.EndUntold(t.Context(), engine, run.Job); err != nil {
		t.Fatal(err)
	}
	if got, err := engine.Cancel(t.Context(), "a", stored.ID, "once more"); !errors.Is(err, jobs.ErrOver) || got.Status != jobs.Cancelled {
		t.Errorf("cancelled once more: %+v %v", got, err)
	}
	if first, err := run.Finish(t.Context(), []byte("late")); first || err != nil {
		t.Errorf("finished: %v %v", first, err)
	}
	if got := must[jobs.Job](t)(engine.Get(t.Context(), "a", stored.ID)); got.Status != jobs.Cancelled {
		t.Errorf("%+v", got)
	}
}
