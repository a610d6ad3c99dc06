package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
)

func TestAJobThatTheEngineForgetsIsQueuedAgain(t *testing.T) {
	t.Parallel() // it waits for others
	brief := func(cfg *jobs.Config) { cfg.AckWait = time.Second }
	for name, store := range map[string]*jobs.Engine{"embedded": open(t, t.TempDir(), brief), "cluster": dialled(t, member(t, nil).ClientURL(), brief)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
			defer cancel()
			stored := submit(t, store, job("a"), "input")
			run := claim(t, store)
			if err := run.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			if err := jobs.Forget(ctx, store, run); err != nil {
				t.Fatal(err)
			}
			if err := run.GiveBack(ctx); err != nil {
				t.Fatal(err)
			}
			run, err := store.Claim(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if input := must[[]byte](t)(run.Input(ctx)); run.ID != stored.ID || string(input) != "input" {
				t.Errorf("%+v, %q", run.Job, input)
			}
			if first, err := run.Finish(ctx, []byte("answer")); !first || err != nil || answer(t, store, stored) != "answer" {
				t.Error(first, err)
			}
			if counts := must[jobs.Counts](t)(store.Counts(ctx)); counts.Queued+counts.Claimed != 0 {
				t.Errorf("%+v", counts)
			}
		})
	}
}

// A job of a dead node is found while another owner always has more.
func TestAJobOfADeadNodeDoesNotWaitForTheJobsOfOthers(t *testing.T) {
	t.Parallel() // it waits for others
	url := member(t, nil).ClientURL()
	dead, alive := dialled(t, url), dialled(t, url)
	few := submit(t, dead, job("few"), "")
	if err := claim(t, dead).Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	dead.Close()
	submit(t, alive, job("many"), "")
	testkit.Eventually(t, "it is claimed", func() bool {
		submit(t, alive, job("many"), "")
		run := claim(t, alive)
		if _, err := run.Finish(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return run.ID == few.ID
	}, nil)
}
