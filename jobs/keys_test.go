package jobs_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs"
)

func TestAJobThatWasAnsweredLongAgoIsNotRunAgain(t *testing.T) {
	engine := open(t, t.TempDir(), func(cfg *jobs.Config) { cfg.TTL = time.Second })
	given := job("a")
	given.ID, given.Hash = jobs.IDFor("a", "key"), []byte("hash")
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
	given := job("a")
	given.ID, given.Hash = jobs.IDFor("a", "key"), []byte("hash")
	submit(t, engine, given, "")
	if count := stored(); count != 1 {
		t.Errorf("%d messages are stored, want 1", count)
	}
}
