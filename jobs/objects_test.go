package jobs_test

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs"
)

func TestAJobWithoutItsInputIsLost(t *testing.T) {
	url := member(t, nil).ClientURL()
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
