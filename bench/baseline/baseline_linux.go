package baseline

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/hotcell/hotcell/bench/traffic"
)

// baselineSource is the Python side of the baselines.
//
//go:embed baseline.py
var baselineSource string

// Baseline answers requests without hotcell. Several goroutines may call Do at once;
// Close ends its process.
type Baseline interface {
	Do(ctx context.Context, request []byte) ([]byte, error)
	Close() error
}

// baseline returns the command that runs baseline.py in one of its modes.
func (i Interpreter) baseline(mode string) *exec.Cmd {
	command := i.Command("-I", "-B", "-c", baselineSource, mode)
	command.Stderr = os.Stderr
	return command
}

// startDeadline is for the imports and the warm-up of a baseline.
const startDeadline = time.Minute

// resident is one warm process that runs each line of its stdin as a request: one at
// a time, in one interpreter.
type resident struct {
	mu      sync.Mutex
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// StartResident starts one warm process, which warms up with a request of its own.
func StartResident(python Interpreter, warmUp []byte) (Baseline, error) {
	r := &resident{command: python.baseline("resident")}
	var err error
	if r.in, err = r.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := r.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = bufio.NewReaderSize(out, 64<<10)
	if err := r.command.Start(); err != nil {
		return nil, fmt.Errorf("start the resident process: %w", err)
	}
	ready, err := r.Do(context.Background(), warmUp)
	if err != nil || string(ready) != "ready" {
		return nil, errors.Join(fmt.Errorf("the resident process said %q: %w", ready, err), r.Close())
	}
	return r, nil
}

func (r *resident) Do(_ context.Context, request []byte) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, err := r.in.Write(append(request[:len(request):len(request)], '\n')); err != nil {
		return nil, err
	}
	line, err := r.out.ReadBytes('\n')
	return bytes.TrimSpace(line), err
}

func (r *resident) Close() error {
	return errors.Join(r.in.Close(), r.command.Wait())
}

// forkServer is one warm process that forks for each request, as many at a time
// as there are requests.
type forkServer struct {
	command *exec.Cmd
	address *net.UnixAddr
	dir     string
}

// StartForkServer starts one warm process that forks for each request.
func StartForkServer(python Interpreter, warmUp []byte) (_ Baseline, err error) {
	f := &forkServer{command: python.baseline("fork")}
	if f.dir, err = os.MkdirTemp("", "hotcell-bench-"); err != nil {
		return nil, err
	}
	f.address = &net.UnixAddr{Net: "unix", Name: filepath.Join(f.dir, "socket")}
	listener, err := net.ListenUnix("unix", f.address)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(f.dir))
	}
	listener.SetUnlinkOnClose(false)
	defer listener.Close() // the process has a copy
	file, err := listener.File()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(f.dir))
	}
	defer file.Close()
	f.command.Stdin = file
	if err := f.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the fork server: %w", err), os.RemoveAll(f.dir))
	}
	ctx, cancel := context.WithTimeout(context.Background(), startDeadline)
	defer cancel()
	ready, err := f.Do(ctx, warmUp)
	if err != nil || string(ready) != "ready" {
		return nil, errors.Join(fmt.Errorf("the fork server said %q: %w", ready, err), f.Close())
	}
	return f, nil
}

func (f *forkServer) Do(ctx context.Context, request []byte) ([]byte, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", f.address.Name)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	if _, err := connection.Write(append(request[:len(request):len(request)], '\n')); err != nil {
		return nil, err
	}
	answer, err := bufio.NewReader(connection).ReadBytes('\n') // the process ends later
	return bytes.TrimSpace(answer), err
}

func (f *forkServer) Close() error {
	_ = f.command.Process.Kill() // an error would come from Wait too
	var exit *exec.ExitError
	err := f.command.Wait()
	if errors.As(err, &exit) {
		err = nil
	}
	return errors.Join(err, os.RemoveAll(f.dir))
}

// oneNsjail starts an nsjail for each request, with an interpreter that imports
// pandas.
type oneNsjail struct {
	program string
	args    []string
}

// OpenNsjails finds the nsjail of the environment; nothing is started in advance.
func OpenNsjails(python Interpreter, _ []byte) (Baseline, error) {
	found, err := filepath.Glob(filepath.Join(python.env, "lib", "python3*", "site-packages", "nsjail", "bin", "nsjail"))
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("find nsjail in %s: %w", python.env, os.ErrNotExist)
	}
	args := []string{
		"--mode", "o", "--quiet", "--user", "99999:20000:1", "--group", "99999:20000:1", "--disable_proc", "--iface_no_lo",
		"--rlimit_as", "max", "--rlimit_fsize", "max", "--rlimit_nofile", "1024", "--time_limit", "60",
		"--env", "OPENBLAS_NUM_THREADS=1",
	}
	args = append(args, python.binds()...)
	// A script without pandas would not need them, but a service cannot know that.
	source := "import numpy, pandas\n" + baselineSource
	args = append(args, "--bindmount_ro", "/dev/urandom", "--tmpfsmount", "/tmp", "--", "/env/bin/python3", "-I", "-B", "-c", source, "once")
	return oneNsjail{found[0], args}, nil
}

func (o oneNsjail) Do(ctx context.Context, request []byte) ([]byte, error) {
	command := exec.CommandContext(ctx, o.program, o.args...)
	command.Stdin = bytes.NewReader(request)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("nsjail per request: %w %.500s", err, stderr.Bytes())
	}
	return bytes.TrimSpace(out), nil
}

func (oneNsjail) Close() error { return nil }

// Ask sends a request to a baseline without HTTP.
func Ask(ctx context.Context, b Baseline, request traffic.Request) traffic.Sample {
	begin := time.Now()
	result, err := b.Do(ctx, request.Body)
	sample := traffic.Sample{Outcome: traffic.OK, Latency: time.Since(begin), Right: err == nil && string(result) == request.Result}
	if !sample.Right {
		sample.Outcome, sample.Err = "lost", fmt.Errorf("%s: %.200q (%w)", request.Name, result, errors.Join(err, errWrong))
	}
	return sample
}

var errWrong = errors.New("wrong answer")
