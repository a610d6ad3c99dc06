package jobruns_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/jobruns"
)

func TestAFailureOfAllWorkersIsLoggedOnceUntilOneHasSuccess(t *testing.T) {
	t.Parallel() // it waits for a pause
	var log testkit.Log
	j, err := jobruns.New(jobruns.Config{Settings: config.Default(), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	logged := func() int { return strings.Count(log.String(), "it is tried again") }
	const workers = 32
	var failed atomic.Int32
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			jobruns.UntilDrained(j, "it is tried again", func() error { failed.Add(1); return errors.New("no leader") })
		})
	}
	testkit.Eventually(t, "some fail twice", func() bool { return failed.Load() > workers }, nil)
	if n := logged(); n != 1 {
		t.Errorf("%d lines", n)
	}
	succeeded := false
	all.Go(func() {
		jobruns.UntilDrained(j, "it is tried again", func() error {
			if succeeded {
				return errors.New("no leader")
			}
			succeeded = true
			return nil
		})
	})
	testkit.Eventually(t, "it is logged again", func() bool { return logged() == 2 }, nil)
	j.Drain()
	all.Wait()
	if n := logged(); n != 2 {
		t.Errorf("%d lines", n)
	}
}
