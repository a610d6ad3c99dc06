package program

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// environment is nsjail's: nothing of this process's, which may be secret.
var environment = []string{"PATH=/usr/bin:/bin"}

// usualSlack is the kernel's own timer slack, in ns. This process may have more: a cell
// is not to sleep longer because of that.
const usualSlack = 50_000

// Program is one running nsjail.
type Program struct {
	cmd  *exec.Cmd
	log  *tail
	done chan struct{}
}

// Start starts the nsjail program at path with a configuration. stdio becomes
// stdin and stdout of the jail's process; the caller closes its own copy. What the
// jail writes to its stderr goes to log, as messages of level Debug. The caller
// ends the program with [Program.Kill].
func Start(path string, cfg Config, stdio *os.File, log *slog.Logger) (*Program, error) {
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

	p := &Program{log: &tail{log: log, ended: make(chan struct{})}, done: make(chan struct{})}
	p.cmd = exec.Command(path, "--config", "/proc/self/fd/3")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdio, stdio, logWrite
	p.cmd.ExtraFiles = []*os.File{text}
	p.cmd.Env = environment
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	started := make(chan error)
	go func() {
		// The kernel sends Pdeathsig when the thread that started the child ends, so
		// this thread waits for the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := startWithUsualSlack(p.cmd)
		started <- err
		if err == nil {
			_ = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		_ = logRead.Close()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	go p.log.follow(logRead)
	return p, nil
}

// startWithUsualSlack starts cmd with the timer slack of other programs: a child has that
// of the thread that started it. The thread has its own again afterwards, since it may be
// any thread of the service. The caller has locked it.
func startWithUsualSlack(cmd *exec.Cmd) error {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err == nil {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, usualSlack, 0, 0, 0)
		defer func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) }()
	}
	return cmd.Start()
}

// Kill ends nsjail, and with it everything in the jail, and waits for its end. It may be
// called more than once.
func (p *Program) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Done is closed when nsjail has ended and is reaped.
func (p *Program) Done() <-chan struct{} { return p.done }

// lastWords is how long what the jail wrote is read when something keeps its stderr open.
const lastWords = time.Second

// Ending says in words how nsjail has ended. It waits for that, and until all that the jail
// wrote to its stderr is in [Program.Said].
func (p *Program) Ending() string {
	<-p.done
	select {
	case <-p.log.ended:
	case <-time.After(lastWords):
	}
	return fmt.Sprintf("%s ended: %s", p.cmd.Path, p.cmd.ProcessState)
}

// Said returns the last lines that nsjail and the jail wrote to their stderr.
func (p *Program) Said() string { return p.log.String() }

// configFile returns a file in memory with the configuration: a disk may be full. The
// caller closes it.
func configFile(cfg Config) (*os.File, error) {
	fd, err := unix.MemfdCreate("nsjail.cfg", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), "nsjail.cfg")
	_, err = io.WriteString(file, cfg.render())
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("write nsjail's configuration: %w", err)
	}
	return file, nil
}

// niceness returns the nice value that jails keep: this process's own, or 0 if that is
// less. nsjail sets it, and may not set a lower one than it has.
func niceness() int {
	nice, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return 0
	}
	return max(0, 20-nice) // the system call returns 20 less the value
}
