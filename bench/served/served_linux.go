// Package served runs hotcell serve as a process of its own.
package served

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Service is a hotcell serve that runs.
type Service struct {
	Address  string // host:port
	StateDir string
	command  *exec.Cmd
	ended    chan error
	dir      string // its state and its jobs, unless the configuration says where its state is
}

// Start runs `PROGRAM serve` with a configuration, without the profiles besides the default
// one, and returns when it is ready. Only what differs from the defaults is given to it, and
// by flags: a program that is older has not all settings.
func Start(ctx context.Context, program string, cfg config.Config) (_ *Service, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cfg.Listen = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, err
	}
	s := &Service{Address: cfg.Listen, ended: make(chan error, 1)}
	if s.dir, err = os.MkdirTemp("", "hotcell-bench-"); err != nil {
		return nil, err
	}
	if cfg.StateDir == "" {
		cfg.StateDir = filepath.Join(s.dir, "run")
	}
	s.StateDir, cfg.JobsDir, cfg.LogLevel = cfg.StateDir, filepath.Join(s.dir, "jobs"), max(cfg.LogLevel, slog.LevelWarn)
	s.command = exec.Command(program, append([]string{"serve"}, flags(&cfg)...)...) // #nosec G204 -- whoever measures names it
	s.command.Stderr = os.Stderr
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "HOTCELL_") { // the settings, which the configuration has
			s.command.Env = append(s.command.Env, variable)
		}
	}
	// A signal of the terminal is for the measurement, which then ends the service.
	s.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGTERM}
	if err := errors.Join(os.Chmod(s.dir, 0o755), s.command.Start()); err != nil { // #nosec G302 -- jails go through it
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	go func() { s.ended <- s.command.Wait() }()
	asker := traffic.NewClient(s.URL(), "")
	defer asker.Close()
	for began := time.Now(); time.Since(began) < time.Minute && traffic.Sleep(ctx, 10*time.Millisecond); {
		if asker.Ready(ctx) {
			return s, nil
		}
		if len(s.ended) > 0 {
			return nil, errors.Join(fmt.Errorf("%s serve ended before it was ready", program), s.Close())
		}
	}
	return nil, errors.Join(cmp.Or(ctx.Err(), errors.New("not ready within a minute")), s.Close())
}

// flags returns the settings that differ from the defaults.
func flags(cfg *config.Config) (all []string) {
	defaults := config.Default()
	for _, setting := range config.Settings {
		if value := setting.Value(cfg); value != setting.Value(&defaults) {
			all = append(all, "--"+setting.Flag()+"="+value)
		}
	}
	return all
}

// URL returns the service's base URL.
func (s *Service) URL() string { return "http://" + s.Address }

// PID returns the process id of hotcell's own process.
func (s *Service) PID() int { return s.command.Process.Pid }

// Close ends the service, and waits for its end.
func (s *Service) Close() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return errors.Join(<-s.ended, os.RemoveAll(s.dir))
}
