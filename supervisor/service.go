package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/compat/apis"
	"github.com/hotcell/hotcell/doctor"
	"github.com/hotcell/hotcell/mcp"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/cells"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/forward"
	"github.com/hotcell/hotcell/supervisor/jobruns"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/logline"
	"github.com/hotcell/hotcell/supervisor/metrics"
	"github.com/hotcell/hotcell/supervisor/sessions"
	"github.com/hotcell/hotcell/supervisor/terminals"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

// Service is a running hotcell: its listeners, jails and pools.
type Service struct {
	cfg       config.Config
	log       *slog.Logger
	metrics   *metrics.Metrics
	tracing   *tracing.Tracer // nil: off
	line      *line.Line
	turns     *line.Line // for CPU work on clients' bytes
	memory    budget.Budget
	sessions  *sessions.Registry
	jobs      *jobruns.Jobs
	nodes     *forward.Nodes // nil: there is only this one
	mcp       *mcp.Handler
	apis      []compat.API // drop-in APIs
	inside    http.Handler // the service's own handler, for what asks it within this process
	keys      *keys.Ring   // nil: there are no keys
	terminals *terminals.Places
	host      *nsjail.Host
	profiles  map[string]profile

	listeners   []*conns.Listener // the one for clients, then the admin's if there is one, then those of drop-in APIs
	servers     []*http.Server    // one for each
	failed      chan error        // receives the error of a listener that stopped
	connections api.Connections   // limits for clients
	forAPIs     conns.Config      // limits for clients of each address of a drop-in API

	runs     context.Context // when it ends, every running script is killed
	killRuns context.CancelFunc
	idles    context.Context // when it ends, so does what only waits for its client
	endIdles context.CancelFunc
	draining atomic.Bool

	following sync.WaitGroup // the goroutines that watch the keys file
}

// Start listens, starts the jails, and then serves. When it returns, the first cells
// are being made, and clients that have already connected are served. The caller
// closes the service.
func Start(ctx context.Context, cfg config.Config, log *slog.Logger) (*Service, error) {
	s, err := newService(cfg, slog.New(logline.Bounded{Handler: log.Handler()}))
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.failed = make(chan error, len(s.listeners))
	for i, listener := range s.listeners {
		go func() { s.failed <- listener.Serve(s.servers[i]) }()
	}
	attrs := []slog.Attr{slog.String("address", s.Addr().String()), slog.String("version", cfg.Version), slog.Any("memory", config.Size(s.memory.Figure))}
	s.log.LogAttrs(ctx, slog.LevelInfo, "serving", append(attrs, logline.Posture(cfg, s.describe(cfg.AllProfiles()), len(s.keys.Keys()))...)...)
	return s, nil
}

// newService returns a service that does not listen yet and has no cells.
func newService(cfg config.Config, log *slog.Logger) (*Service, error) {
	memory, err := cfg.Memory()
	if err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, log: log, line: newLine(cfg, memory), turns: newTurns(), memory: memory,
		profiles: make(map[string]profile), apis: apis.Named(cfg.Compat),
	}
	s.metrics = metrics.New(cfg, s.state)
	s.terminals = terminals.NewPlaces(cfg.TTYMax)
	s.sessions = sessions.New(cfg.MaxSessions, s.metrics.SessionEnded)
	s.sessions.Failed = func(err error) { log.Error("a session was ended", "error", err) }
	s.runs, s.killRuns = context.WithCancel(context.Background())
	s.idles, s.endIdles = context.WithCancel(context.Background())
	s.nodes = forward.New(forward.Config{Settings: s.cfg, Log: s.log, State: s.told, Runs: s.runs, Hear: compat.Hear(s.apis)})
	s.sessions.NewID = s.nodes.NewID
	s.jobs, err = s.newJobs()
	return s, err
}

func (s *Service) start(ctx context.Context) error {
	var err error
	if s.keys, err = keys.Open(s.cfg, s.memory, s.log, s.metrics.ForgetKey); err != nil {
		return err
	}
	if s.keys != nil {
		s.following.Go(func() { s.keys.Follow(s.runs) })
	}
	if s.cfg.Tracing {
		if s.tracing, err = tracing.Open(ctx, s.cfg.Version, s.log); err != nil {
			return err
		}
	}
	for _, warning := range s.cfg.Warnings() {
		s.log.Warn(warning)
	}
	handler := s.handler()
	s.mcp, s.inside = newMCP(s.cfg.Version, handler), handler
	if err := s.listenForClients(handler); err != nil {
		return err
	}
	if s.cfg.AdminListen != "" {
		if err := s.listen("admin_listen", s.cfg.AdminListen, s.adminHandler(), conns.Config{Most: config.AdminConnections}); err != nil {
			return err
		}
	}
	if err := s.listenForAPIs(); err != nil {
		return err
	}
	if err := doctor.CheckNames(s.cfg.AllowMissing); err != nil {
		return err
	}
	s.host, err = nsjail.OpenHost(s.cfg.Host(s.log))
	if err != nil {
		return err
	}
	for _, cfg := range s.cfg.AllProfiles() {
		opened, err := cells.Open(ctx, cfg, s.cfg.AllowMissing, s.host, s.log, s.metrics)
		if err != nil {
			return err
		}
		s.profiles[cfg.Name] = pooled{opened}
	}
	s.jobs.Start()
	return s.nodes.Join()
}

// ReloadKeys reads the keys file again, if there is one. It reports false if the file
// is invalid: then the log says why, and the previous keys stay in use.
func (s *Service) ReloadKeys() bool { return s.keys == nil || s.keys.Reload() }

// Run waits until ctx ends, or until a listener fails, and then returns its error.
// The service keeps running until it is drained or closed.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return fmt.Errorf("serve: %w", err)
	}
}

const (
	// lastAnswers is how long clients have to take their answers when the grace
	// period is over and their scripts are killed.
	lastAnswers = time.Second
	// keptAlive is how long clients with idle connections have to learn, from the
	// answer to their next request, that the connection closes. To close it earlier
	// would lose a request that is already on its way.
	keptAlive = time.Second
)

// Drain shuts the service down gracefully. It reports that it is not ready, refuses
// new requests, and lets running scripts and their answers finish within the
// configured grace period or until ctx ends. Then it kills the rest. The caller must
// still call Close.
func (s *Service) Drain(ctx context.Context) {
	s.draining.Store(true)
	s.endIdles()
	s.jobs.Drain()
	s.nodes.Tell()
	for _, listener := range s.listeners {
		listener.Draining()
	}
	began := time.Now()
	counts := s.line.Count()
	s.log.Info("draining", "running", counts.Running, "waiting", counts.Waiting, "grace", s.cfg.DrainGrace)
	grace, cancel := context.WithTimeout(ctx, s.cfg.DrainGrace)
	defer cancel()
	empty := s.line.Close()
	s.sessions.Drain()
	select {
	case <-empty:
	case <-grace.Done():
		s.log.Warn("killing what still runs", "running", s.line.Count().Running)
		s.killRuns()
	}
	left, cancel := context.WithTimeout(ctx, max(time.Until(began.Add(s.cfg.DrainGrace)), lastAnswers))
	defer cancel()
	select {
	case <-empty:
	case <-left.Done(): // a request keeps its memory until its answer is taken
	}
	s.sessions.Close()
	// Listeners stay open until here, so that clients get a refusal instead of a
	// failed connection.
	var all sync.WaitGroup
	for _, listener := range s.listeners {
		all.Go(func() { listener.Finish(left, began.Add(min(keptAlive, s.cfg.DrainGrace))) })
	}
	all.Wait()
	if cut := s.listeners[0].Counts().Active; cut > 0 {
		s.log.Warn("clients have not taken their answers in time", "answers", cut)
	}
}

// Close ends the service at once and kills all scripts. When it returns, no process,
// mount, cgroup or directory of the service is left; the nsjail program leaves two empty
// directories that all jails of a user share. It may be called after Drain.
func (s *Service) Close() error {
	s.draining.Store(true)
	s.endIdles()
	s.killRuns()
	s.following.Wait()
	empty := s.line.Close()
	var errs []error
	for i, server := range s.servers { // otherwise a client that does not read would keep its place
		if err := server.Close(); !errors.Is(err, net.ErrClosed) { // Drain has closed it
			errs = append(errs, err)
		}
		s.listeners[i].CloseAll()
	}
	<-empty
	s.jobs.Close()
	s.sessions.Close()
	s.nodes.Leave()
	s.tracing.Close()
	for _, profile := range s.profiles {
		errs = append(errs, profile.Close())
	}
	if s.host != nil {
		errs = append(errs, s.host.Close())
	}
	return errors.Join(errs...)
}
