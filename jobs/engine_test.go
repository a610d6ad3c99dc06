package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/jobs/directory"
)

func open(t *testing.T, dir string, change ...func(*jobs.Config)) *jobs.Engine {
	t.Helper()
	cfg := jobs.Config{
		Dir: dir, MaxBytes: 1 << 30, Node: "here", TTL: time.Hour, MaxAge: time.Hour, MaxAttempts: 3, Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&cfg)
	}
	var engine *jobs.Engine
	var err error
	testkit.Eventually(t, "the store opens", func() bool { // a busy machine may take longer than dialTime
		engine, err = jobs.Open(t.Context(), cfg)
		return err == nil
	}, func() string { return fmt.Sprint(err) })
	t.Cleanup(engine.Close)
	return engine
}

func job(owner string) jobs.Job {
	return jobs.Job{Owner: owner, Kind: "execute", Created: time.Now(), Expires: time.Now().Add(time.Hour)}
}

// must is for what the engine must not refuse.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func submit(t *testing.T, engine *jobs.Engine, given jobs.Job, input string) jobs.Job {
	t.Helper()
	stored, _, err := engine.Submit(t.Context(), given, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func claim(t *testing.T, engine *jobs.Engine) *jobs.Run {
	t.Helper()
	return must[*jobs.Run](t)(engine.Claim(t.Context()))
}

func answer(t *testing.T, engine *jobs.Engine, of jobs.Job) string {
	t.Helper()
	found := must[jobs.Job](t)(engine.Get(t.Context(), of.Owner, of.ID))
	body, _, err := engine.Answer(t.Context(), found)
	if err != nil {
		t.Fatal(err)
	}
	return string(must[[]byte](t)(io.ReadAll(body)))
}

func status(t *testing.T, engine *jobs.Engine, of jobs.Job) jobs.Status {
	t.Helper()
	return must[jobs.Job](t)(engine.Get(t.Context(), of.Owner, of.ID)).Status
}

func TestAJobIsRunAndItsAnswerKept(t *testing.T) {
	engine := open(t, t.TempDir())
	for name, size := range map[string]int{"small": 10, "larger than a message": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			input := string(bytes.Repeat([]byte("i"), size))
			stored := submit(t, engine, job("a"), input)
			if got := status(t, engine, stored); got != jobs.Queued {
				t.Errorf("%s before it is claimed", got)
			}
			run := claim(t, engine)
			if got := must[[]byte](t)(run.Input(t.Context())); string(got) != input || run.ID != stored.ID {
				t.Errorf("job %s with %d bytes, want %s with %d", run.ID, len(got), stored.ID, size)
			}
			if err := run.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := status(t, engine, stored); got != jobs.Running {
				t.Errorf("%s while it runs", got)
			}
			text := string(bytes.Repeat([]byte("o"), size))
			if first, err := run.Finish(t.Context(), []byte(text)); !first || err != nil {
				t.Fatal(first, err)
			}
			if got := status(t, engine, stored); got != jobs.Done || answer(t, engine, stored) != text {
				t.Errorf("%s, or another answer", got)
			}
			if _, err := engine.Get(t.Context(), "b", stored.ID); !errors.Is(err, jobs.ErrNotFound) {
				t.Errorf("another owner gets %v", err)
			}
		})
	}
	counts := must[jobs.Counts](t)(engine.Counts(t.Context()))
	if counts.Queued != 0 || counts.Claimed != 0 || counts.Oldest != 0 {
		t.Errorf("at the end: %+v", counts)
	}
	if list := must[[]jobs.Job](t)(engine.List(t.Context(), "a", "", 10)); len(list) != 2 || list[0].Status != jobs.Done {
		t.Errorf("the list has %+v", list)
	}
}

// What follows its end may fail, or the engine's acknowledgement be lost.
func TestARunThatIsFinishedAgainIsTheOneThatEndedItsJob(t *testing.T) {
	engine := open(t, t.TempDir())
	stored := submit(t, engine, job(""), "")
	run := claim(t, engine)
	if err := run.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if first, err := run.Finish(t.Context(), []byte("answer")); !first || err != nil {
			t.Error(first, err)
		}
	}
	if got := answer(t, engine, stored); got != "answer" {
		t.Errorf("the answer is %q", got)
	}
}

func TestAJobsFirstEndCounts(t *testing.T) {
	engine := open(t, t.TempDir())
	stored := submit(t, engine, job(""), "")
	run := claim(t, engine)
	if _, err := engine.Cancel(t.Context(), "", stored.ID, "why"); err != nil {
		t.Fatal(err)
	}
	<-run.Over()
	if first, err := run.Finish(t.Context(), []byte("done")); first || err != nil || run.Status != jobs.Cancelled {
		t.Error(first, err, run.Status)
	}
	if got := must[jobs.Job](t)(engine.Get(t.Context(), "", stored.ID)); got.Status != jobs.Cancelled || got.Reason != "why" {
		t.Errorf("it is %s: %q", got.Status, got.Reason)
	}
	if _, err := engine.Cancel(t.Context(), "", stored.ID, ""); !errors.Is(err, jobs.ErrOver) {
		t.Error(err)
	}
}

func TestAnIdempotencyKeyMakesOneJob(t *testing.T) {
	engine := open(t, t.TempDir())
	given := job("a")
	given.ID, given.Hash = jobs.IDFor("a", "key"), []byte("hash")
	const times = 10
	olds := make(chan bool, times)
	for range times {
		go func() {
			_, old, err := engine.Submit(context.WithoutCancel(t.Context()), given, nil)
			if err != nil {
				t.Error(err)
			}
			olds <- old
		}()
	}
	made := 0
	for range times {
		if !<-olds {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d jobs were made", made)
	}
	if first, err := claim(t, engine).Finish(t.Context(), []byte("x")); !first || err != nil {
		t.Fatal(first, err)
	}
	if stored, old, err := engine.Submit(t.Context(), given, nil); !old || err != nil || stored.Status != jobs.Done {
		t.Error(stored, old, err)
	}
	given.Hash = []byte("another")
	if _, _, err := engine.Submit(t.Context(), given, nil); !errors.Is(err, jobs.ErrConflict) {
		t.Error(err)
	}
}

func TestAJobThatIsNotBegunInTimeExpires(t *testing.T) {
	engine := open(t, t.TempDir())
	late := job("")
	late.Expires = time.Now()
	asked, claimed := submit(t, engine, late, ""), submit(t, engine, late, "")
	if got := status(t, engine, asked); got != jobs.Expired {
		t.Errorf("%s when it is asked for", got)
	}
	next := submit(t, engine, job(""), "")
	if run := claim(t, engine); run.ID != next.ID {
		t.Errorf("%s is run, not %s", run.ID, next.ID)
	}
	if got := status(t, engine, claimed); got != jobs.Expired {
		t.Errorf("%s when it is claimed", got)
	}
	waited := submit(t, engine, job(""), "")
	run := claim(t, engine)
	run.Expires = time.Now() // while it waits for a place
	if err := run.Begin(t.Context()); !errors.Is(err, jobs.ErrLate) {
		t.Errorf("it is begun: %v", err)
	}
	if err := run.End(t.Context(), jobs.Expired, "why"); err != nil {
		t.Error(err)
	}
	if got := status(t, engine, waited); got != jobs.Expired {
		t.Errorf("%s when it is begun", got)
	}
}

func TestAJobWhoseServerDiedMayBeGivenBackBeforeItBegins(t *testing.T) {
	dir := t.TempDir()
	early := open(t, dir)
	submit(t, early, job(""), "")
	run := claim(t, early)
	if err := errors.Join(run.Begin(t.Context()), run.Begun()(t.Context())); err != nil {
		t.Fatal(err)
	}
	early.Close()
	engine := open(t, dir)
	for range 2 {
		run = claim(t, engine)
		if run.Attempts != 1 {
			t.Errorf("%d attempts, want 1: the server died then", run.Attempts)
		}
		if err := run.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAJobWhoseServerDiesEachTimeIsLost(t *testing.T) {
	dir := t.TempDir()
	early := open(t, dir)
	stored := submit(t, early, job(""), "")
	claim(t, early) // and dies before it has written that the job is begun
	early.Close()
	for death := range 3 {
		engine := open(t, dir)
		run := claim(t, engine)
		if run.Attempts != death {
			t.Errorf("%d attempts, want %d", run.Attempts, death)
		}
		if err := run.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		if death == 0 { // a shutdown is no death
			if err := run.GiveBack(t.Context()); err != nil {
				t.Fatal(err)
			}
			if run = claim(t, engine); run.Begin(t.Context()) != nil {
				t.Fatal("it is not begun again")
			}
		}
		engine.Close()
	}
	engine := open(t, dir)
	other := submit(t, engine, job(""), "")
	if run := claim(t, engine); run.ID != other.ID {
		t.Errorf("job %s is run again", run.ID)
	}
	if got := status(t, engine, stored); got != jobs.Lost {
		t.Errorf("it is %s", got)
	}
}

func TestADirectoryIsOneProcesss(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if _, err := jobs.Open(t.Context(), jobs.Config{Dir: dir, Log: slog.New(slog.DiscardHandler)}); !errors.Is(err, directory.ErrInUse) {
		t.Error(err)
	}
}

func TestAFullStoreRefusesJobsAndKeepsAnswers(t *testing.T) {
	engine := open(t, t.TempDir(), func(cfg *jobs.Config) { cfg.MaxBytes = 4 << 20 })
	var taken []jobs.Job
	for number := 0; ; number++ {
		stored, _, err := engine.Submit(t.Context(), job(""), make([]byte, 100<<10))
		if errors.Is(err, jobs.ErrFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, stored)
		time.Sleep(50 * time.Millisecond) // its use of the disk is looked at once a second
	}
	for range taken {
		run := claim(t, engine)
		if first, err := run.Finish(t.Context(), []byte(run.ID)); !first || err != nil {
			t.Fatal(first, err)
		}
	}
	for _, one := range taken {
		if answer(t, engine, one) != one.ID {
			t.Error("another answer")
		}
	}
}

func TestAnIDThatIsNoneIsNotFound(t *testing.T) {
	engine := open(t, t.TempDir())
	submit(t, engine, job(""), "")
	for _, id := range []string{"", "*", ">", "a.b", "AAAAAAAAAAAAAAAAAAAAAAAAAA\n", fmt.Sprint("AAAAAAAAAAAAAAAAAAAAAAAA", ".*")} {
		if _, err := engine.Get(t.Context(), "", id); !errors.Is(err, jobs.ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestWhatIsToBeToldIsKeptUntilItIsDue(t *testing.T) {
	dir := t.TempDir()
	engine := open(t, dir)
	given := job("a")
	given.Webhook = &jobs.Webhook{URL: "http://there/"}
	submit(t, engine, given, "")
	if _, err := claim(t, engine).Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	told := must[*jobs.Delivery](t)(engine.Told().Claim(t.Context()))
	if told.Job.Status != jobs.Done || told.Job.Webhook.URL != "http://there/" {
		t.Errorf("%+v", told.Job)
	}
	due := time.Now().Add(300 * time.Millisecond)
	if err := told.Again(t.Context(), due, []byte(`{"tries":1}`)); err != nil {
		t.Fatal(err)
	}
	engine.Close()
	engine = open(t, dir)
	told = must[*jobs.Delivery](t)(engine.Told().Claim(t.Context()))
	if time.Now().Before(due) || string(told.State) != `{"tries":1}` {
		t.Errorf("%v early, with %s", time.Until(due), told.State)
	}
	if err := told.Done(t.Context()); err != nil {
		t.Fatal(err)
	}
	if counts := must[jobs.Counts](t)(engine.Counts(t.Context())); counts.Untold != 0 {
		t.Errorf("%+v", counts)
	}
}

func TestTheEngineListensNowhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "jobs")
	open(t, dir)
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip(err)
	}
	testkit.Eventually(t, "it has no socket", func() bool { // those of other tests may be about to go
		entries, err := os.ReadDir("/proc/self/fd")
		return err == nil && !slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
			target, err := os.Readlink(filepath.Join("/proc/self/fd", entry.Name()))
			return err == nil && strings.HasPrefix(target, "socket:")
		})
	}, nil)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
