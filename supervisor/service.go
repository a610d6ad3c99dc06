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

	"github.com/hotcell/hotcell/mcp"
	"github.com/hotcell/hotcell/nsjail"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/line"
)

// Service is the whole program: listeners, jails, pools.
type Service struct {
	cfg       Config
	log       *slog.Logger
	metrics   *metrics
	tracing   *tracing // nil: off
	line      *line.Line
	turns     *line.Line // for work on clients' bytes
	memory    budget.Budget
	sessions  *sessions
	mcp       *mcp.Handler
	keyring   *keyring     // nil: there are no keys
	terminals atomic.Int64 // how many there are
	host      *nsjail.Host
	profiles  map[string]*profile

	listeners []net.Listener // clients' first, then the admin's if there is one
	servers   []*http.Server // one for each
	failed    chan error     // why a listener stopped

	runs     context.Context // its end kills every running script
	killRuns context.CancelFunc
	draining atomic.Bool

	following sync.WaitGroup // of the keys file
}

// Start listens, warms the jails up, and then serves: when it returns, the
// first cell is in the making, and a client who connected before is served. The
// caller closes the service.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*Service, error) {
	log = slog.New(boundedHandler{log.Handler()})
	memory, err := cfg.Memory()
	if err != nil {
		return nil, err
	}
	cfg.MaxBodies, cfg.maxAnswers = ByteSize(memory.Bodies), memory.Answers
	s := &Service{
		cfg: cfg, log: log, line: newLine(cfg), turns: newTurns(), memory: memory,
		profiles: make(map[string]*profile), failed: make(chan error, 2),
	}
	s.metrics = newMetrics(s)
	s.metrics.openMetrics = cfg.Tracing
	s.sessions = newSessions(cfg.MaxSessions, cfg.MaxSessionsPerKey, s.metrics.sessions)
	s.runs, s.killRuns = context.WithCancel(context.Background())
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	for i, listener := range s.listeners {
		go func() { s.failed <- s.servers[i].Serve(listener) }()
	}
	log.Info("serving", "address", s.Addr(), "version", cfg.Version, "memory", ByteSize(memory.Figure))
	return s, nil
}

func (s *Service) start(ctx context.Context) error {
	var err error
	if s.keyring, err = openKeyring(s.cfg, s.log); err != nil {
		return err
	}
	if s.keyring != nil {
		s.metrics.registry.MustRegister(keyCollector{s.keyring, s.line})
		s.following.Go(func() { s.keyring.follow(s.runs) })
	}
	if s.tracing, err = openTracing(ctx, s.cfg, s.log); err != nil {
		return err
	}
	handler := s.handler()
	s.mcp = newMCP(s.cfg.Version, handler)
	if err := s.listen(s.cfg.Listen, handler); err != nil {
		return err
	}
	if s.cfg.AdminListen != "" {
		if err := s.listen(s.cfg.AdminListen, s.adminHandler()); err != nil {
			return err
		}
	}
	s.host, err = nsjail.OpenHost(s.cfg.Host(s.log))
	if err != nil {
		return err
	}
	for _, cfg := range s.cfg.profiles() {
		profile, err := openProfile(ctx, cfg, s.cfg.AllowMissing, s.host, s.log, s.metrics)
		if err != nil {
			return err
		}
		s.profiles[cfg.Name] = profile
	}
	return nil
}

// profiles are those of the configuration, the default one first.
func (c Config) profiles() []ProfileConfig { return append([]ProfileConfig{c.Profile}, c.Profiles...) }

func (s *Service) listen(address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if err := s.cfg.checkOpen(listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.listeners = append(s.listeners, listener)
	s.servers = append(s.servers, &http.Server{
		Handler: handler,
		// Against clients that are slow on purpose. The body has a deadline of
		// its own: ReadTimeout would end the contexts of long runs.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // clients' doing, mostly
	})
	return nil
}

// ErrOpen is wrapped when everybody who reaches a listener could use it, and
// nobody has said that this is meant.
var ErrOpen = errors.New("without keys hotcell listens on loopback only")

func (c Config) checkOpen(address net.Addr) error {
	tcp, ok := address.(*net.TCPAddr)
	if c.Keys != "" || c.OpenToAll || ok && tcp.IP.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen on %v: %w", address, ErrOpen)
}

// ReloadKeys reads the keys file again. When it cannot be used, the log says
// why, and the keys of before stay in use.
func (s *Service) ReloadKeys() {
	if s.keyring != nil {
		s.keyring.reload(true)
	}
}

// Addr is where clients are served, with the port that port 0 became.
func (s *Service) Addr() net.Addr { return s.listeners[0].Addr() }

// AdminAddr is where the admin listener is; nil without one.
func (s *Service) AdminAddr() net.Addr {
	if len(s.listeners) < 2 {
		return nil
	}
	return s.listeners[1].Addr()
}

// Run waits until ctx ends, or a listener fails: then it returns why. The
// service goes on until it is drained or closed.
func (s *Service) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return fmt.Errorf("serve: %w", err)
	}
}

// Drain ends the service politely: it says that it is not ready, refuses
// requests, lets what runs go on for the grace of the configuration or until
// ctx ends, kills the rest, and waits until the last answer is written. Close
// is still to be called.
func (s *Service) Drain(ctx context.Context) {
	s.draining.Store(true)
	counts := s.line.Count()
	s.log.Info("draining", "running", counts.Running, "waiting", counts.Waiting, "grace", s.cfg.DrainGrace)
	grace, cancel := context.WithTimeout(ctx, s.cfg.DrainGrace)
	defer cancel()
	empty := s.line.Close()
	select {
	case <-empty:
	case <-grace.Done():
		s.log.Warn("killing what still runs", "running", s.line.Count().Running)
		s.killRuns()
		<-empty
	}
	s.sessions.close()
	// Listeners stay open until here, so that clients were told and not refused
	// a connection.
	ctx, cancel = context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, server := range s.servers {
		_ = server.Shutdown(ctx) // Close ends what it leaves
	}
}

// Close ends the service at once, kills what runs, and returns when no process,
// mount, cgroup or directory of it is left. It may be called after Drain.
func (s *Service) Close() error {
	s.draining.Store(true)
	s.killRuns()
	s.following.Wait()
	empty := s.line.Close()
	var errs []error
	for i, server := range s.servers { // else a client that does not read would keep its place
		errs = append(errs, server.Close())
		_ = s.listeners[i].Close() // open still if it was never served
	}
	<-empty
	s.sessions.close()
	s.tracing.close()
	for _, profile := range s.profiles {
		errs = append(errs, profile.close())
	}
	if s.host != nil {
		errs = append(errs, s.host.Close())
	}
	return errors.Join(errs...)
}
