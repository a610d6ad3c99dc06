package jobs_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs"
)

// A job that may be stored, though nobody has said so, keeps its input and its answer.
func TestWhatMayBeStoredKeepsItsObject(t *testing.T) {
	for name, want := range map[string]struct {
		err  error
		kept bool
	}{
		"the engine refuses":       {&jetstream.APIError{ErrorCode: 10047}, false},
		"nobody answers":           {nats.ErrTimeout, true},
		"the connection is lost":   {nats.ErrConnectionClosed, true},
		"the client does not wait": {context.Canceled, true},
	} {
		bucket := &bucketOfOne{}
		jobs.DropRefused(t.Context(), bucket, "object", errors.Join(want.err))
		if kept := !slices.Contains(bucket.dropped, "object"); kept != want.kept {
			t.Errorf("%s: kept is %t, want %t", name, kept, want.kept)
		}
	}
}

// bucketOfOne remembers what was deleted.
type bucketOfOne struct {
	jetstream.ObjectStore
	dropped []string
}

func (b *bucketOfOne) Delete(_ context.Context, name string) error {
	b.dropped = append(b.dropped, name)
	return nil
}

func TestAJobWithoutItsInputIsLost(t *testing.T) {
	url := cluster(t)
	engine := open(t, "", func(cfg *jobs.Config) { cfg.URL = url })
	stored := submit(t, engine, job("a"), string(make([]byte, 1<<20)))
	conn := must[*nats.Conn](t)(nats.Connect(url))
	defer conn.Close()
	js := must[jetstream.JetStream](t)(jetstream.New(conn))
	bucket := must[jetstream.ObjectStore](t)(js.ObjectStore(t.Context(), "hotcell-inputs"))
	for _, object := range must[[]*jetstream.ObjectInfo](t)(bucket.List(t.Context())) {
		if err := bucket.Delete(t.Context(), object.Name); err != nil {
			t.Fatal(err)
		}
	}
	run := claim(t, engine)
	if _, err := run.Input(t.Context()); !errors.Is(err, jobs.ErrNoInput) {
		t.Fatal(err)
	}
	if err := run.End(t.Context(), jobs.Lost, "why"); err != nil {
		t.Fatal(err)
	}
	if got := must[jobs.Job](t)(engine.Get(t.Context(), "a", stored.ID)); got.Status != jobs.Lost || got.Reason != "why" {
		t.Errorf("it is %s: %q", got.Status, got.Reason)
	}
}
