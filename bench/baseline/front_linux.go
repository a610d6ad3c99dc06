package baseline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Front is HTTP in front of a baseline, with as little code as possible. It is a process of
// its own, as hotcell serve is, so that both have the same client and pay for the same.
type Front struct {
	URL     string
	command *exec.Cmd
	in      io.Closer
}

// FrontCommand is the command of this program that calls [ServeFront] with its arguments.
const FrontCommand = "baseline"

// Names of fronts.
const (
	Resident  = "resident"
	Fork      = "fork"
	Nsjail    = "nsjail"
	NewPython = "new-python" // of SandboxFusion's API
)

var starts = map[string]func(Interpreter, []byte) (Baseline, error){Resident: StartResident, Fork: StartForkServer, Nsjail: OpenNsjails}

// StartFront starts the baseline of a name, which warms up with a request of its own, and
// returns when it serves.
func StartFront(name string, python Interpreter, warmUp []byte) (*Front, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f := &Front{command: exec.Command(self, FrontCommand, name, python.root, python.env)} // #nosec G204 -- ourselves
	f.command.Stderr = os.Stderr
	f.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a signal of the terminal is for the measurement
	in, err := f.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	f.in = in
	out, err := f.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := f.command.Start(); err != nil {
		return nil, err
	}
	_, err = in.Write(append(warmUp[:len(warmUp):len(warmUp)], '\n'))
	if err == nil {
		f.URL, err = bufio.NewReader(out).ReadString('\n')
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the baseline %s: %w", name, err), f.Close())
	}
	f.URL = strings.TrimSpace(f.URL)
	return f, nil
}

// Close ends the process and its baseline.
func (f *Front) Close() error { return errors.Join(f.in.Close(), f.command.Wait()) }

// ServeFront is what the process of a front does. It reads the warm-up from in, writes its
// URL to out, and serves until in ends: with the program that started it, at the latest.
func ServeFront(name, root, env string, in io.Reader, out io.Writer) (err error) {
	python, lines := Interpreter{root, env}, bufio.NewReader(in)
	warmUp, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}
	handler := programs(python)
	if start := starts[name]; start != nil {
		baseline, err := start(python, warmUp[:len(warmUp)-1])
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, baseline.Close()) }()
		handler = execute(baseline.Do)
	} else if name != NewPython {
		return fmt.Errorf("unknown baseline %q", name)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server, served := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	_, err = fmt.Fprintf(out, "http://%s\n", listener.Addr())
	_, ended := io.Copy(io.Discard, lines)
	err = errors.Join(err, ended, server.Close())
	if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(err, failed)
	}
	return err
}

// execute answers POST /execute.
func execute(do func(ctx context.Context, request []byte) ([]byte, error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /execute", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
		var result []byte
		if err == nil {
			result, err = do(r.Context(), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		for _, part := range [][]byte{[]byte(`{"status":"ok","result":`), result, []byte("}\n")} {
			_, _ = w.Write(part) // fails only if the client is gone
		}
	})
	return mux
}
