package jobs_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/internal/testkit"
	"github.com/hotcell/hotcell/jobs"
)

func TestAJobThatWasAnsweredLongAgoIsNotRunAgain(t *testing.T) {
	engine := open(t, t.TempDir(), func(cfg *jobs.Config) { cfg.TTL = time.Second })
	given := keyed("key")
	stored := submit(t, engine, given, "")
	if first, err := claim(t, engine).Finish(t.Context(), []byte("x")); !first || err != nil {
		t.Fatal(first, err)
	}
	for {
		if _, err := engine.Get(t.Context(), "a", stored.ID); errors.Is(err, jobs.ErrNotFound) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, _, err := engine.Submit(t.Context(), given, nil); !errors.Is(err, jobs.ErrGone) {
		t.Error(err)
	}
}

// A key costs a submission no second write to disk.
func TestASubmissionWithAKeyIsOneMessage(t *testing.T) {
	url := member(t, nil).ClientURL()
	engine := dialled(t, url)
	conn := must[*nats.Conn](t)(nats.Connect(url))
	defer conn.Close()
	js := must[jetstream.JetStream](t)(jetstream.New(conn))
	stored := func() (count uint64) {
		t.Helper()
		streams := js.ListStreams(t.Context())
		for info := range streams.Info() {
			count += info.State.LastSeq
		}
		if err := streams.Err(); err != nil {
			t.Fatal(err)
		}
		return count
	}
	given := keyed("key")
	submit(t, engine, given, "")
	if count := stored(); count != 1 {
		t.Errorf("%d messages are stored, want 1", count)
	}
}

// keyed is a job with an idempotency key.
func keyed(key string) jobs.Job {
	given := job("a")
	given.ID, given.Hash = jobs.IDFor("a", key), []byte("hash of "+key)
	return given
}

// Of two requests with the same key, one may look for the other's job before that is stored,
// and store its own when that has ended.
func TestTwoRequestsWithOneKeyRunOnce(t *testing.T) {
	for name, engine := range map[string]*jobs.Engine{"embedded": open(t, t.TempDir()), "cluster": dialled(t, member(t, nil).ClientURL())} {
		t.Run(name, func(t *testing.T) {
			given := keyed("key")
			stored := submit(t, engine, given, "input")
			if first, err := claim(t, engine).Finish(t.Context(), []byte("answer")); !first || err != nil {
				t.Fatal(first, err)
			}
			if err := jobs.SubmitLate(t.Context(), engine, given, []byte("input")); err != nil {
				t.Fatal(err)
			}
			next := submit(t, engine, job("a"), "")
			if run := claim(t, engine); run.ID != next.ID {
				t.Error("the job of the key runs twice")
			}
			if got := answer(t, engine, stored); got != "answer" {
				t.Errorf("%q", got)
			}
			if counts := must[jobs.Counts](t)(engine.Counts(t.Context())); counts.Queued+counts.Claimed != 1 {
				t.Errorf("%+v", counts)
			}
		})
	}
}

// What has ended makes room, also when there is none for its key.
func TestAJobWithAKeyMakesRoomInAFullStore(t *testing.T) {
	const most, input = 4 << 20, 400 << 10
	engine := open(t, t.TempDir(), func(cfg *jobs.Config) { cfg.MaxBytes = most })
	used := func() int64 { return must[jobs.Counts](t)(engine.Counts(t.Context())).Bytes }
	given := keyed("key")
	stored := submit(t, engine, given, strings.Repeat("x", input))
	run := claim(t, engine)
	var others []*jobs.Run
	for range most / (64 << 10) { // all of them while there is room for jobs
		submit(t, engine, job("a"), "")
		others = append(others, claim(t, engine))
	}
	for _, other := range others {
		if most-used() <= 300<<10 {
			break
		}
		if _, err := other.Finish(t.Context(), make([]byte, 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	jobs.SetTTL(engine, 2*time.Second)
	// The engine takes the answer, with which the store has more than it may have.
	if first, err := run.Finish(t.Context(), make([]byte, input+100<<10)); !first || err != nil {
		t.Fatal(first, err)
	}
	if used() > most {
		t.Errorf("%d bytes are in use, of %d", used(), most)
	}
	testkit.Eventually(t, "its answer goes", func() bool {
		_, err := engine.Get(t.Context(), "a", stored.ID)
		return errors.Is(err, jobs.ErrNotFound)
	}, nil)
	if _, _, err := engine.Submit(t.Context(), given, nil); !errors.Is(err, jobs.ErrGone) {
		t.Error(err)
	}
}
