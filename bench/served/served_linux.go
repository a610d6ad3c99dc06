// Package served runs hotcell serve as a process of its own.
package served

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
)

// Start runs `PROGRAM serve` with the settings of the environment and of flags,
// and returns when it is ready.
func Start(ctx context.Context, program string, flags ...string) (address string, process *os.Process, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, err
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return "", nil, nil, err
	}
	state, err := os.MkdirTemp("", "hotcell-bench-")
	if err != nil {
		return "", nil, nil, err
	}
	cmd := exec.Command(program, append([]string{"serve", "--listen", address, "--state-dir", filepath.Join(state, "run"), "--jobs-dir", filepath.Join(state, "jobs")}, flags...)...) // #nosec G204 -- whoever measures names it
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	stop = func() error {
		err := cmd.Process.Signal(syscall.SIGTERM)
		return errors.Join(err, cmd.Wait(), os.RemoveAll(state))
	}
	if err := errors.Join(os.Chmod(state, 0o755), cmd.Start()); err != nil { // #nosec G302 -- jails go through it
		return "", nil, nil, errors.Join(err, os.RemoveAll(state))
	}
	service := traffic.NewClient("http://"+address, "")
	defer service.Close()
	for began := time.Now(); time.Since(began) < time.Minute && traffic.Sleep(ctx, 50*time.Millisecond); {
		if service.Ready(ctx) {
			return address, cmd.Process, stop, nil
		}
	}
	return "", nil, nil, errors.Join(errors.New("not ready within a minute"), ctx.Err(), stop())
}
