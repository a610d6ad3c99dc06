package jobs_test

import (
	"context"
	"errors"
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

// Another node leaves it alone while it runs, and not what comes after it.
func TestAJobThatTheEngineForgetsRunsOnce(t *testing.T) {
	t.Parallel() // it waits for others
	url := member(t, nil).ClientURL()
	patient := func(cfg *jobs.Config) { cfg.AckWait = 2 * time.Second } // a busy machine may stand still for a while
	slow, other := dialled(t, url, patient), dialled(t, url, patient)
	var runs []*jobs.Run
	for range 2 {
		submit(t, slow, job("a"), "")
		run := claim(t, slow)
		if err := errors.Join(run.Begin(t.Context()), jobs.Forget(t.Context(), slow, run)); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	if err := runs[1].GiveBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	if next := claim(t, other); next.ID != runs[1].ID {
		t.Fatal("another has the job, which still runs")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second) // it looks again meanwhile
	defer cancel()
	if next, err := other.Claim(ctx); err == nil {
		t.Fatalf("another has a job: %v; %s still runs", next.ID, runs[0].ID)
	}
	slow.Close() // and nothing is given back
	if next := claim(t, other); next.ID != runs[0].ID || next.Attempts != 1 {
		t.Errorf("%+v", next.Job)
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
