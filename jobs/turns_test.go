package jobs_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs"
)

// submitMany submits jobs of an owner at the same time, which share the disk's syncs.
func submitMany(t *testing.T, engine *jobs.Engine, owner string, number int) []jobs.Job {
	t.Helper()
	made, begun := make([]jobs.Job, number), time.Now().Add(-time.Hour/2)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			given := job(owner)
			given.Created = begun.Add(time.Duration(i) * time.Millisecond)
			stored, _, err := engine.Submit(t.Context(), given, nil)
			if err != nil {
				t.Error(err)
			}
			made[i] = stored
		})
	}
	all.Wait()
	return made
}

func finish(t *testing.T, run *jobs.Run) {
	t.Helper()
	if first, err := run.Finish(t.Context(), []byte("{}")); !first || err != nil {
		t.Fatal(first, err)
	}
}

func TestAKeyWithManyJobsDoesNotDelayThoseOfOthers(t *testing.T) {
	engine := open(t, t.TempDir())
	submitMany(t, engine, "many", 100)
	var running []*jobs.Run
	for range 4 { // as many as may run
		running = append(running, claim(t, engine))
	}
	submit(t, engine, job("late"), "")
	submit(t, engine, job("later"), "")
	var order []string
	for range 6 {
		finish(t, running[0])
		running = append(running[1:], claim(t, engine))
		order = append(order, running[3].Owner)
	}
	if want := []string{"late", "later", "many", "many", "many", "many"}; !slices.Equal(order, want) {
		t.Errorf("then come the jobs of %v, want %v", order, want)
	}
}

func TestAKeyLeavesOneOfThoseWhoRunJobsToOthers(t *testing.T) {
	engine := open(t, t.TempDir(), func(cfg *jobs.Config) { cfg.PerOwner = 2 })
	submitMany(t, engine, "many", 5)
	claim(t, engine)
	long := claim(t, engine)
	next := make(chan *jobs.Run)
	go func() {
		defer close(next)
		for range 2 {
			run, err := engine.Claim(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			next <- run
		}
	}()
	submit(t, engine, job("other"), "")
	if run := <-next; run == nil || run.Owner != "other" {
		t.Errorf("claimed is %+v, not the other key's job", run)
	}
	finish(t, long)
	if run := <-next; run == nil || run.Owner != "many" {
		t.Errorf("then %+v, not a job of the first key", run)
	}
}

func TestKeysShareThoseWhoRunJobs(t *testing.T) {
	engine := open(t, t.TempDir())
	for _, owner := range []string{"a", "b", "c"} {
		submitMany(t, engine, owner, 8)
	}
	had := make(map[string]int)
	for claimed := 1; claimed <= 12; claimed++ {
		run := claim(t, engine)
		had[run.Owner]++
		finish(t, run)
		if claimed%3 == 0 && (had["a"] != had["b"] || had["b"] != had["c"]) {
			t.Errorf("after %d turns: %v", claimed, had)
		}
	}
	long := claim(t, engine) // its owner has a job that runs: the others come first
	for range 4 {
		run := claim(t, engine)
		if run.Owner == long.Owner {
			t.Errorf("another job of %q is begun before those of keys that have none", run.Owner)
		}
		finish(t, run)
	}
}

func TestNodesShareTheJobsOfAllKeys(t *testing.T) {
	url := member(t, nil).ClientURL()
	at := func(cfg *jobs.Config) { cfg.URL = url }
	one, two := open(t, "", at), open(t, "", at)
	var submitted, run []string
	for number := range 6 {
		submitted = append(submitted, submit(t, one, job(fmt.Sprint(number%2)), "").ID)
	}
	for range 3 {
		for _, engine := range []*jobs.Engine{one, two} {
			claimed := claim(t, engine)
			run = append(run, claimed.ID)
			finish(t, claimed)
		}
	}
	slices.Sort(submitted)
	slices.Sort(run)
	if !slices.Equal(submitted, run) {
		t.Errorf("submitted %v, run %v", submitted, run)
	}

	// A node whose consumer somebody has removed makes it again, and what it runs goes on.
	running := submit(t, one, job("0"), "")
	held := claim(t, one)
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js := must[jetstream.JetStream](t)(jetstream.New(conn))
	for name := range must[jetstream.Stream](t)(js.Stream(t.Context(), "HOTCELL_JOBS")).ConsumerNames(t.Context()).Name() {
		if err := js.DeleteConsumer(t.Context(), "HOTCELL_JOBS", name); err != nil {
			t.Fatal(err)
		}
	}
	stored := submit(t, one, job("0"), "")
	if claimed := claim(t, one); claimed.ID != stored.ID {
		t.Errorf("job %s, want %s", claimed.ID, stored.ID)
	}
	if held.ID != running.ID {
		t.Errorf("job %s was claimed, want %s", held.ID, running.ID)
	}
	finish(t, held)
}

func TestAListHasTheNewestJobsOfAKey(t *testing.T) {
	engine := open(t, t.TempDir())
	const many, most = 60, 5
	var ended, waiting []string
	ids := func(list []jobs.Job) (ids []string) {
		for _, job := range list {
			ids = append(ids, job.ID)
		}
		return ids
	}
	for _, job := range submitMany(t, engine, "a", 12) {
		finish(t, claim(t, engine))
		ended = append([]string{job.ID}, ended...)
	}
	oldest := submit(t, engine, job("a"), "")
	running := claim(t, engine)
	if running.ID != oldest.ID || running.Begin(t.Context()) != nil {
		t.Fatal("it is not begun")
	}
	for range many {
		submit(t, engine, job("b"), "")
		waiting = append([]string{submit(t, engine, job("a"), "").ID}, waiting...)
	}
	cases := []struct {
		status jobs.Status
		most   int
		want   []string
	}{
		{"", most, waiting[:most]},
		{"", 1000, append(append(slices.Clone(waiting), oldest.ID), ended...)},
		{jobs.Queued, most, waiting[:most]},
		{jobs.Queued, 1000, waiting},
		{jobs.Running, most, []string{oldest.ID}},
		{jobs.Done, most, ended[:most]},
		{jobs.Lost, most, nil},
	}
	for _, c := range cases {
		list := must[[]jobs.Job](t)(engine.List(t.Context(), "a", c.status, c.most))
		if got := ids(list); !slices.Equal(got, c.want) {
			t.Errorf("%d jobs of status %q: %v, want %v", c.most, c.status, got, c.want)
		}
		for _, one := range list {
			switch {
			case c.status != "" && one.Status != c.status, one.ID == oldest.ID && one.Status != jobs.Running:
				t.Errorf("job %s is %q among those of status %q", one.ID, one.Status, c.status)
			}
		}
	}
	if list := must[[]jobs.Job](t)(engine.List(t.Context(), "nobody", "", most)); len(list) != 0 {
		t.Errorf("another key has %v", ids(list))
	}
}
