package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
)

// use does all that a node does with jobs in a cluster.
func use(ctx context.Context, url string, log *testkit.Log) error {
	engine, err := jobs.Open(ctx, jobs.Config{
		URL: url, Node: "here", AckWait: time.Second, TTL: time.Hour, MaxAge: time.Hour, MaxAttempts: 3, MaxBytes: 1 << 30,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		return err
	}
	defer engine.Close()
	large := bytes.Repeat([]byte("x"), 4<<20)
	given := job("a")
	given.Webhook = &jobs.Webhook{URL: "http://127.0.0.1"}
	given.ID, given.Hash = jobs.IDFor("a", "key"), []byte("hash")
	stored, _, err := engine.Submit(ctx, given, large)
	if err != nil {
		return err
	}
	run, err := engine.Claim(ctx)
	if err != nil {
		return err
	}
	if err := errors.Join(jobs.Forget(ctx, engine, run), run.GiveBack(ctx)); err != nil { // it is queued again
		return err
	}
	if run, err = engine.Claim(ctx); err != nil {
		return err
	}
	if _, err := run.Input(ctx); err != nil {
		return err
	}
	if err := run.Begin(ctx); err != nil {
		return err
	}
	if _, err := run.Finish(ctx, large); err != nil {
		return err
	}
	told, err := engine.Told().Claim(ctx)
	if err != nil {
		return err
	}
	_, listed := engine.List(ctx, "a", "", 10)
	_, counted := engine.Counts(ctx)
	found, got := engine.Get(ctx, "a", stored.ID)
	answer, _, read := engine.Answer(ctx, found)
	if err := errors.Join(told.Done(ctx), listed, counted, got, read); err != nil {
		return err
	}
	return answer.Close()
}

func TestADocumentedUserOfAClusterHasAllRightsThatJobsNeed(t *testing.T) {
	t.Parallel() // it waits for others
	url := testkit.LimitedUsers(t, map[string]string{"all": ""})
	var log testkit.Log
	ctx, cancel := context.WithTimeout(t.Context(), 3*testkit.Patience)
	defer cancel()
	if err := use(ctx, url("all"), &log); err != nil || strings.Contains(log.String(), "lacks a right") {
		t.Errorf("%v\n%s", err, log.String())
	}
}

// Those of sessions are package fleet's.
func TestARightThatJobsLackInAClusterIsNamed(t *testing.T) {
	t.Parallel() // it waits for others
	sessions := regexp.MustCompile(`hotcell\.nodes|hotcell\.said|-claims`)
	testkit.EachRightIsNamed(t, func(right string) bool { return !sessions.MatchString(right) }, func(t *testing.T, url string, log *testkit.Log, stop <-chan struct{}) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { <-stop; cancel() }()
		_, _ = fmt.Fprintln(log, use(ctx, url, log))
	})
}

// The store is opened again and again.
func TestWhatAUserOfAClusterLacksIsSaidOnce(t *testing.T) {
	t.Parallel() // it waits for others
	url := testkit.LimitedUsers(t, map[string]string{"one": "publish " + jobs.HeldSubject + "*"})
	var log testkit.Log
	logger := slog.New(slog.NewTextHandler(&log, nil))
	why := make(map[string]bool)
	for range 2 {
		_, err := jobs.Open(t.Context(), jobs.Config{URL: url("one"), TTL: time.Hour, MaxAge: time.Hour, MaxBytes: 1 << 30, Log: logger})
		why[fmt.Sprint(err)] = true
	}
	if said := strings.Count(log.String(), "lacks a right"); said != 1 || len(why) != 1 {
		t.Errorf("%d times; the reasons are %v\n%s", said, why, log.String())
	}
}
