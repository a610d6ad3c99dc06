package nsjail

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// program is one running nsjail, with our end of the socket that is its
// child's stdin and stdout.
type program struct {
	control *net.UnixConn // SOCK_SEQPACKET: a packet is a frame
	cmd     *exec.Cmd
	log     *tail
	done    chan struct{} // closed when nsjail has ended and is reaped
}

// startProgram starts nsjail with a configuration. The caller ends it by kill.
func startProgram(path string, cfg config, log *slog.Logger) (*program, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socketpair: %w", err)
	}
	far := os.NewFile(uintptr(pair[1]), "control")
	defer far.Close()
	control, err := unixConn(pair[0])
	if err != nil {
		return nil, err
	}
	var back undo
	defer back.run()
	back.add(func() { _ = control.Close() })

	text, err := configFile(cfg)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	logRead, logWrite, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	defer logWrite.Close()
	back.add(func() { _ = logRead.Close() })

	p := &program{control: control, log: &tail{log: log}, done: make(chan struct{})}
	p.cmd = exec.Command(path, "--config", "/proc/self/fd/3")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = far, far, logWrite
	p.cmd.ExtraFiles = []*os.File{text}
	p.cmd.Env = []string{"PATH=/usr/bin:/bin"} // nothing of ours, which may be secret
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	started := make(chan error)
	go func() {
		// Pdeathsig is sent when the thread that started the child ends, so this
		// thread stays with it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	go p.log.follow(logRead)
	back.keep()
	return p, nil
}

// kill ends nsjail, and with it everything in the jail, and waits for it.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
	_ = p.control.Close()
}

// configFile holds the configuration in memory: nothing is written to a disk
// that may be full.
func configFile(cfg config) (*os.File, error) {
	fd, err := unix.MemfdCreate("nsjail.cfg", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), "nsjail.cfg")
	if _, err := io.WriteString(file, cfg.render()); err != nil {
		return nil, fmt.Errorf("write nsjail's configuration: %w", err)
	}
	_, err = file.Seek(0, io.SeekStart)
	return file, err
}

// unixConn takes over fd, whatever comes of it.
func unixConn(fd int) (*net.UnixConn, error) {
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	return conn.(*net.UnixConn), nil
}

// tail logs what a jail writes to its stderr (nsjail's warnings, what libraries
// print while they load) and keeps the last lines for error messages.
type tail struct {
	log *slog.Logger

	mu    sync.Mutex // guards lines
	lines []string
}

const (
	tailLines     = 20
	tailLineBytes = 4096
)

func (t *tail) follow(from io.ReadCloser) {
	defer from.Close()
	reader := bufio.NewReaderSize(from, tailLineBytes)
	for {
		text, err := reader.ReadSlice('\n') // a line, or as much of it as fits
		if line := strings.TrimRight(string(text), "\n"); line != "" {
			t.log.Debug("jail", "says", line)
			t.mu.Lock()
			t.lines = append(t.lines, line)
			if len(t.lines) > tailLines {
				t.lines = t.lines[1:]
			}
			t.mu.Unlock()
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
