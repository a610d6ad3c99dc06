package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hotcell/hotcell/jobs/cluster"
	"github.com/hotcell/hotcell/jobs/directory"
)

// Config says where jobs are kept, and for how long.
type Config struct {
	Dir      string // of the engine in this process; it is made if it is missing
	MaxBytes int64  // that the engine in this process may have on disk

	URL         string // of a cluster; empty: the engine is in this process
	Credentials string // a credentials file; empty: none
	CA          string // a file with the certificates that the cluster's is checked with; empty: the system's
	Cert, Key   string // files with a certificate to show, and its key; empty: none
	Replicas    int    // of each stream of a cluster: 1 or 3

	Node        string        // this node's name
	TTL         time.Duration // how long an answer is kept
	MaxAge      time.Duration // the longest time from a job's creation to its expiry
	PerOwner    int           // jobs of one owner that may be claimed here at a time; 0: any number
	MaxAttempts int           // how often a job is begun whose server dies each time
	AckWait     time.Duration // how long a node may be silent until others get its jobs; 0: 30 s
	Log         *slog.Logger
}

// Engine is a Store in NATS JetStream.
type Engine struct {
	cfg    Config
	here   *embedded // nil: it is elsewhere
	locked *os.File  // the directory's lock; nil: there is none
	conn   *nats.Conn
	js     jetstream.JetStream

	jobs, marks, ends, hooks jetstream.Stream
	tellers                  jetstream.Consumer
	seen                     jetstream.KeyValue
	inputs, answers          jetstream.ObjectStore
	turns                    *turns
	shares                   shares
	sweeping                 sync.Mutex    // is held while jobs are looked for that the engine has forgotten
	mostForgotten            int           // of those that are looked after at a time
	since                    atomic.Uint64 // messages up to this one may have been claimed or ended before

	mu       sync.Mutex // guards what follows
	watchers map[string]*watch
	runs     map[string]*Run // that are claimed here, by their ids
	used     int64           // bytes on disk
	looked   time.Time
}

const (
	// startTime is how long the engine may take to start, which reads what is on disk.
	startTime = time.Minute
	// dialTime is how long a cluster may take to be ready. One without a leader does not
	// answer at all.
	dialTime = 5 * time.Second
)

// Open starts the engine, or connects to it, and makes what is missing there. The error
// may wrap [directory.ErrInUse].
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	cfg.AckWait = cmp.Or(cfg.AckWait, ackWait)
	e := &Engine{cfg: cfg, mostForgotten: mostForgotten, turns: newTurns(cfg.PerOwner), watchers: make(map[string]*watch), runs: make(map[string]*Run)}
	open, most := func() error { return e.connect(cfg.URL) }, dialTime
	if cfg.URL == "" {
		open, most = e.embed, startTime
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	err := open()
	if err == nil {
		err = e.prepare(ctx)
	}
	if err == nil && e.here == nil {
		err = e.listen(ctx)
	}
	if e.conn != nil {
		err = errors.Join(err, cluster.Lacks(e.conn)) // the engine does not answer what it refuses
	}
	if err != nil {
		e.Close()
		return nil, fmt.Errorf("open the store of jobs: %w", err)
	}
	if e.here != nil {
		e.here.tended.Go(e.here.tend)
	}
	return e, nil
}

// listen hears what all nodes are told, and asked. It returns when this node has heard itself.
func (e *Engine) listen(ctx context.Context) error {
	for subject, hear := range map[string]func(what string, m *nats.Msg){
		newsSubject:  func(id string, _ *nats.Msg) { e.changed(id) },
		freshSubject: func(token string, _ *nats.Msg) { e.turns.waits(token) },
		heldSubject:  e.answerHeld,
	} {
		if _, err := e.conn.Subscribe(subject+"*", func(m *nats.Msg) { hear(m.Subject[len(subject):], m) }); err != nil {
			return err
		}
	}
	if _, err := e.conn.RequestWithContext(ctx, heldSubject+self, nil); err != nil {
		return fmt.Errorf("what nodes ask each other (%s*) does not come back to this one: %w", heldSubject, err)
	}
	return nil
}

// embed starts the engine in this process.
func (e *Engine) embed() (err error) {
	if e.locked, err = directory.Lock(e.cfg.Dir); err != nil {
		return err
	}
	if e.here, err = newEmbedded(e); err != nil {
		return err
	}
	return e.connect("", nats.InProcessServer(e.here))
}

// maxMemory is for the state of consumers, which is all that is kept in memory.
const maxMemory = 64 << 20

func (e *Engine) connect(url string, options ...nats.Option) (err error) {
	c := e.cfg
	there := cluster.Config{URL: url, Credentials: c.Credentials, CA: c.CA, Cert: c.Cert, Key: c.Key, Node: c.Node, Log: c.Log}
	options = append(append(there.Options("the store of jobs"), options...),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				c.Log.Warn("the store of jobs is out of reach", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) { c.Log.Info("the store of jobs is back") }),
	)
	if e.conn, err = nats.Connect(url, options...); err != nil {
		return err
	}
	e.js, err = jetstream.New(e.conn, jetstream.WithDefaultTimeout(5*time.Second))
	return err
}

// Close implements [Store].
func (e *Engine) Close() {
	if e.conn != nil {
		e.conn.Close()
	}
	if e.here != nil {
		e.here.close()
	}
	if e.locked != nil {
		_ = e.locked.Close()
	}
}

// engineLog passes the engine's log on. What it says of its start and end is of interest
// to nobody.
type engineLog struct {
	log   *slog.Logger
	wrong func() // is called for each error
}

func (l engineLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l engineLog) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l engineLog) Tracef(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l engineLog) Warnf(format string, v ...any) {
	l.log.Warn("engine of jobs", "said", fmt.Sprintf(format, v...))
}
func (l engineLog) Errorf(format string, v ...any) {
	l.log.Error("engine of jobs", "said", fmt.Sprintf(format, v...))
	l.wrong()
}
func (l engineLog) Fatalf(format string, v ...any) {
	l.log.Error("engine of jobs", "said", fmt.Sprintf(format, v...))
}
