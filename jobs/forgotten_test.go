package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

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

// claimAll submits jobs, claims them, and has the engine forget them.
func claimAll(t *testing.T, engine *jobs.Engine, count int) (runs []*jobs.Run) {
	t.Helper()
	for range count {
		submit(t, engine, job("a"), "")
		runs = append(runs, claim(t, engine))
	}
	for _, run := range runs {
		if err := jobs.Forget(t.Context(), engine, run); err != nil {
			t.Fatal(err)
		}
	}
	return runs
}

// However many jobs are forgotten, one goroutine looks after them, and some at a time.
func TestForgottenJobsAreLookedAfterSomeAtATime(t *testing.T) {
	const count, atATime = 25, 10
	url := member(t, nil).ClientURL()
	patient := func(cfg *jobs.Config) { cfg.AckWait = 2 * time.Second } // a busy machine may stand still for a while
	dead, other := dialled(t, url, patient), dialled(t, url, patient)
	jobs.SetMostForgotten(other, atATime)
	claimAll(t, dead, count)
	listener := must[*nats.Conn](t)(nats.Connect(url))
	defer listener.Close()
	asked := must[*nats.Subscription](t)(listener.SubscribeSync(jobs.HeldSubject + "*"))
	if err := listener.Flush(); err != nil {
		t.Fatal(err)
	}
	dead.Close() // and nothing is given back
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithTimeout(t.Context(), 3*testkit.Patience)
	defer cancel()
	claimed := make(chan string, count)
	go func() {
		for range count {
			run, err := other.Claim(ctx)
			if err != nil {
				break
			}
			claimed <- run.ID
		}
		close(claimed)
	}()
	ids := make(map[string]bool)
	for range 1 + atATime { // and whether it hears itself
		m := must[*nats.Msg](t)(asked.NextMsgWithContext(ctx))
		ids[m.Subject] = true
	}
	if now := runtime.NumGoroutine(); now > before+atATime/2 {
		t.Errorf("%d goroutines while it is asked who has %d jobs; %d before", now, atATime, before)
	}
	for range 2 * atATime { // the others have not been asked about before some of these are queued again
		m := must[*nats.Msg](t)(asked.NextMsgWithContext(ctx))
		ids[m.Subject] = true
	}
	if len(ids) != 1+atATime {
		t.Errorf("it was asked about %d jobs at a time, want %d", len(ids)-1, atATime)
	}
	again := make(map[string]bool)
	for id := range claimed {
		again[id] = true
	}
	if len(again) != count {
		t.Errorf("%d of %d jobs are queued again", len(again), count)
	}
}

// One that cannot be read keeps none of the others waiting.
func TestAForgottenJobWithoutAReadableMarkIsLoggedAndTheNextIsQueuedAgain(t *testing.T) {
	t.Parallel() // it waits for others
	url := member(t, nil).ClientURL()
	var log testkit.Log
	brief := func(cfg *jobs.Config) { cfg.AckWait, cfg.Log = time.Second, slog.New(slog.NewTextHandler(&log, nil)) }
	dead, other := dialled(t, url, brief), dialled(t, url, brief)
	runs := claimAll(t, dead, 2)
	if err := jobs.SpoilMark(t.Context(), dead, runs[0]); err != nil {
		t.Fatal(err)
	}
	dead.Close() // and nothing is given back
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	run, err := other.Claim(ctx)
	if err != nil || run.ID != runs[1].ID {
		t.Fatalf("%+v, %v\n%s", run, err, log.String())
	}
	testkit.Eventually(t, "the log names the other", func() bool {
		return strings.Contains(log.String(), runs[0].ID+" cannot be read")
	}, log.String)
}

// A node of an earlier version does not answer those who ask for a job that it runs.
func TestAForgottenJobOfAnOlderNodeIsLeftToItForAWhile(t *testing.T) {
	t.Parallel() // it waits for others
	url := member(t, nil).ClientURL()
	brief := func(cfg *jobs.Config) { cfg.AckWait = time.Second }
	older, other := dialled(t, url, brief), dialled(t, url, brief)
	runs := claimAll(t, older, 4)
	for i, began := range []time.Time{time.Now(), time.Now().Add(-2 * time.Hour), {}, time.Now()} {
		if err := jobs.MarkAs(t.Context(), older, runs[i], began, i == 3); err != nil {
			t.Fatal(err)
		}
	}
	older.Close() // it is silent, dead or not
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	for range 3 { // the first of them was looked at before
		run, err := other.Claim(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if run.ID == runs[0].ID {
			t.Error("the job that an older node has just begun is queued again")
		}
	}
}

// Others must not seem dead to a node that cannot ask them.
func TestForgottenJobsWaitWhileNodesCannotBeAsked(t *testing.T) {
	t.Parallel() // it waits for others
	var g gate
	s := member(t, func(o *server.Options) { o.CustomClientAuthentication = &g })
	var log testkit.Log
	set := func(cfg *jobs.Config) { cfg.AckWait, cfg.Log = time.Second, slog.New(slog.NewTextHandler(&log, nil)) }
	dead, other := dialled(t, s.ClientURL(), set), dialled(t, s.ClientURL(), set)
	forgotten := claimAll(t, dead, 1)[0]
	dead.Close() // and nothing is given back
	g.rights.Store(&server.Permissions{Publish: &server.SubjectPermission{Deny: []string{jobs.HeldSubject + "*"}}})
	cut(t, s)
	testkit.Eventually(t, "it is back", func() bool { return strings.Contains(log.String(), "is back") }, log.String)
	claimed := make(chan string, 1)
	go func() {
		for t.Context().Err() == nil { // what it asks while it is cut off is lost
			if run, err := other.Claim(t.Context()); err == nil {
				claimed <- run.ID
				return
			}
		}
	}()
	testkit.Eventually(t, "it says that it cannot ask, and why", func() bool {
		said := log.String()
		return strings.Contains(said, "does not come back") && strings.Contains(said, `Violation for Publish to \"hotcell.held.`)
	}, log.String)
	select {
	case <-claimed:
		t.Error("a job is queued again, though no node was asked who has it")
	default:
	}
	g.rights.Store(nil)
	cut(t, s)
	testkit.Eventually(t, "it is queued again", func() bool { return len(claimed) == 1 }, log.String)
	if id := <-claimed; id != forgotten.ID {
		t.Errorf("%q is queued again, want %s", id, forgotten.ID)
	}
}
