package jobruns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/jobs"
	"github.com/hotcell/hotcell/jobs/directory"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/secrets"
	"github.com/hotcell/hotcell/webhooks"
)

// Config is what jobs need of the service. Its functions may be called concurrently.
type Config struct {
	Settings config.Config
	Log      *slog.Logger
	Line     *line.Line

	// Runs ends when running scripts are killed, with the reason as its cause; Idles,
	// when those who only wait are sent away.
	Runs, Idles context.Context

	// Owner returns on whose behalf a job runs; false if there is no such key any more.
	Owner func(name, id string) (Owner, bool)
	// Explain turns an error of a context into a problem, or into [api.ErrClientGone].
	Explain func(ctx context.Context, err error) error
	// Ended is told how jobs end that were run here.
	Ended func(status jobs.Status)
	// Told is told of each attempt to deliver a webhook: what became of the delivery, or
	// [webhooks.Retried].
	Told func(outcome webhooks.Outcome)
	// Redelivered is told of each job that somebody began before, and died.
	Redelivered func()
}

// Owner is the key that made a job.
type Owner interface {
	Profiles() []config.Profile // that it may use, with its maxima
	Party() line.Party
	// Begin waits for a place for a job; in a batch, each counts against the key's rate.
	Begin(wait context.Context, profile string, job *nsjail.Job, inBatch bool) (batches.Place, error)
	// Turn does work on a number of bytes of the owner's.
	Turn(ctx context.Context, bytes int, work func()) error
	// BatchRan is told each verdict of a batch.
	BatchRan(api.Verdict)
}

// Jobs are the jobs of a service.
type Jobs struct {
	cfg      Config
	webhooks *webhooks.Sender
	crowd    crowd // webhooks that are on their way
	lists    lists // that are read
	failures failures

	claims  context.Context // ends when no more jobs are claimed
	endNow  context.CancelFunc
	workers sync.WaitGroup

	opening sync.Mutex // guards what follows; held while the store is opened, which may take a minute
	failed  error      // why it could not be opened
	again   time.Time  // when it is tried again
	closed  bool

	mu    sync.Mutex // guards store
	store jobs.Store // nil: nobody has needed it
}

// New returns the jobs of a service. Of what is on disk, only the secrets of webhooks
// are read yet.
func New(cfg Config) (*Jobs, error) {
	allow, err := webhooks.ParseAllow(cfg.Settings.WebhookAllow)
	if err != nil {
		return nil, err
	}
	file, err := secrets.Open(cfg.Settings, cfg.Log)
	if err != nil {
		return nil, err
	}
	j := &Jobs{cfg: cfg, webhooks: &webhooks.Sender{Allow: allow, Secrets: file, Timeout: webhooks.Timeout}}
	j.lists.all = make(chan struct{}, mostLists)
	j.claims, j.endNow = context.WithCancel(context.Background())
	return j, nil
}

// pause is how long it takes until something that failed is tried again.
const pause = time.Second

// Start opens the store if there may be jobs in it: in the cluster, or because this
// service was ended before they were.
func (j *Jobs) Start() {
	if !j.cfg.Settings.Jobs || !j.kept() {
		return
	}
	j.workers.Go(func() {
		defer panics.Caught(func(err error) { j.cfg.Log.Error("jobs are not run", "error", err) })
		for logged := ""; ; {
			_, err := j.open()
			if err == nil || j.claims.Err() != nil {
				return
			}
			if err.Error() != logged {
				logged = err.Error()
				j.cfg.Log.Error("jobs wait: their store cannot be opened", "error", err)
			}
			select {
			case <-j.claims.Done():
				return
			case <-time.After(pause):
			}
		}
	})
}

// kept reports whether there may be a job.
func (j *Jobs) kept() bool { return j.cfg.Settings.Nats != "" || directory.Kept(j.dir()) }

func (j *Jobs) dir() string {
	if given := j.cfg.Settings.JobsDir; given != "" {
		return given
	}
	return directory.Default()
}

// opened returns the store, or [jobs.ErrNotFound] if there was never a job: looking for one
// makes no store.
func (j *Jobs) opened() (jobs.Store, error) {
	store := j.known()
	switch {
	case store != nil:
		return store, nil
	case !j.kept():
		return nil, jobs.ErrNotFound
	}
	return j.open()
}

// known returns the store if it is open, or nil. It does not wait for one who opens it.
func (j *Jobs) known() jobs.Store {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.store
}

func (j *Jobs) know(store jobs.Store) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.store = store
}

// open returns the store, which it opens if nobody has needed it before.
func (j *Jobs) open() (jobs.Store, error) {
	if store := j.known(); store != nil {
		return store, nil
	}
	j.opening.Lock()
	defer j.opening.Unlock()
	switch store := j.known(); {
	case j.closed:
		return nil, errors.New("the service is shutting down")
	case store != nil: // meanwhile
		return store, nil
	case time.Now().Before(j.again):
		return nil, j.failed
	}
	s := j.cfg.Settings
	if s.Node == "" {
		s.Node, _ = os.Hostname() // empty if there is none: it is for people
	}
	workers := batches.Behind() + 1 // one is left when a key has long jobs in all places
	store, err := jobs.Open(context.Background(), jobs.Config{
		Dir: j.dir(), MaxBytes: int64(s.JobsMaxBytes),
		URL: s.Nats, Credentials: s.NatsCredentials, CA: s.NatsCA, Cert: s.NatsCert, Key: s.NatsKey, Replicas: s.NatsReplicas,
		Node: fmt.Sprintf("%s/%d", s.Node, os.Getpid()), TTL: s.JobTTL, MaxAge: s.JobExpires, MaxAttempts: s.MaxDeliveries, AckWait: s.JobTakeover, PerOwner: workers - 1, Log: j.cfg.Log,
	})
	if err != nil {
		j.failed, j.again = err, time.Now().Add(pause)
		return nil, err
	}
	j.know(store)
	for range workers {
		j.workers.Go(func() {
			defer panics.Caught(func(err error) { j.cfg.Log.Error("a worker of jobs has ended", "error", err) })
			j.work(store)
		})
	}
	for range tellers {
		j.workers.Go(func() {
			defer panics.Caught(func(err error) { j.cfg.Log.Error("a worker of webhooks has ended", "error", err) })
			j.tell(store)
		})
	}
	return store, nil
}

// State returns figures of all jobs, or nil if the store is not open or does not answer.
func (j *Jobs) State() *jobs.Counts {
	store := j.known()
	if store == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), pause)
	defer cancel()
	counts, err := store.Counts(ctx)
	if err != nil {
		return nil
	}
	return &counts
}

// Drain claims no more jobs. Those that wait for a place are given back.
func (j *Jobs) Drain() { j.endNow() }

// Close waits until what runs has ended, or is given back, and closes the store. The
// service has ended its runs before.
func (j *Jobs) Close() {
	j.endNow()
	j.workers.Wait()
	j.opening.Lock()
	defer j.opening.Unlock()
	j.closed = true
	if store := j.known(); store != nil {
		store.Close()
		j.know(nil)
	}
}
