package pty

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is hotcell's end of a terminal whose other end a cell gets. The kernel buffers
// about 70 KiB between the two, and a writer of more waits for the other side. Nothing
// is buffered here, and nothing that comes out of it is interpreted.
//
// One goroutine may read and another write. The caller closes it.
type Terminal struct {
	master *os.File // non-blocking, and never given away
	slave  *os.File // nil when a cell has it

	over atomic.Bool // nothing more will be written on the other side
	left int         // how much Read still returns then; only the reader uses it
}

// lastOutput is more than the kernel buffers of what was written before the end. A process
// that a cell has hidden could go on writing without an end.
const lastOutput = 1 << 20

// Open makes a terminal of that size in the devpts whose directory is given.
func Open(devpts *os.File, columns, rows uint16) (*Terminal, error) {
	raw, err := devpts.SyscallConn()
	if err != nil {
		return nil, err
	}
	master := -1
	var opened error
	err = raw.Control(func(dir uintptr) {
		master, opened = unix.Openat(int(dir), "ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0) // #nosec G115 -- a descriptor
	})
	if err = errors.Join(err, opened); err != nil {
		return nil, fmt.Errorf("open ptmx: %w", err)
	}
	t := &Terminal{master: os.NewFile(uintptr(master), "terminal"), left: lastOutput} // #nosec G115 -- a descriptor
	if err := errors.Join(t.control(t.openSlave), t.Resize(columns, rows)); err != nil {
		_ = t.Close()
		return nil, err
	}
	return t, nil
}

// openSlave opens the other end without a path (ioctl_tty(2)).
func (t *Terminal) openSlave(master int) error {
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(master), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC) // #nosec G115 -- a descriptor
	if errno != 0 {
		return fmt.Errorf("the other end: %w", errno)
	}
	t.slave = os.NewFile(slave, "terminal")
	return nil
}

// Close ends reads and writes, and hangs up on a process that still has the other end.
func (t *Terminal) Close() error {
	t.over.Store(true)
	return errors.Join(t.master.Close(), t.CloseSlave())
}

// CloseSlave closes this process's copy of the other end when a cell has its own.
// Otherwise Read would not see the end of the cell's copy.
func (t *Terminal) CloseSlave() error {
	if t.slave == nil {
		return nil
	}
	slave := t.slave
	t.slave = nil
	return slave.Close()
}

// control calls a function with the descriptor of hotcell's end.
func (t *Terminal) control(call func(fd int) error) error {
	raw, err := t.master.SyscallConn()
	if err != nil {
		return err
	}
	var called error
	if err := raw.Control(func(fd uintptr) { called = call(int(fd)) }); err != nil {
		return err
	}
	return called
}

// Resize sets the size of the terminal. What runs in its foreground gets SIGWINCH.
func (t *Terminal) Resize(columns, rows uint16) error {
	return t.control(func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows})
	})
}

// Press sends a signal to what runs in the foreground, as a terminal's keys do:
// SIGINT, SIGQUIT and SIGTSTP (pty(7)). It is no error when nobody is there.
func (t *Terminal) Press(key unix.Signal) error {
	return t.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TIOCSIG, int(key)) })
}

// Read returns what the cell writes, and io.EOF at the end.
func (t *Terminal) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	raw, err := t.master.SyscallConn()
	if err != nil {
		return 0, err
	}
	read := func(fd uintptr) bool {
		closed := false
		for {
			n, err = unix.Read(int(fd), p)
			if errors.Is(err, unix.EIO) && !closed {
				// The kernel looks for output first and then for the other end. Both may
				// have come and gone in between, so only the second answer counts.
				closed = true
				continue
			}
			if !errors.Is(err, unix.EINTR) {
				return !errors.Is(err, unix.EAGAIN) || t.over.Load()
			}
		}
	}
	if waited := raw.Read(read); waited != nil { // it is over, and what came before is still there
		if waited = raw.Control(func(fd uintptr) { read(fd) }); waited != nil {
			return 0, io.EOF // closed
		}
	}
	if t.over.Load() && n > 0 {
		t.left -= n
	}
	if err != nil || n <= 0 || t.left < 0 { // EIO: no process has the other end (pty(7))
		return 0, io.EOF
	}
	return n, nil
}

// Write gives p to the cell. It waits while the cell does not read and the kernel's buffer
// is full.
func (t *Terminal) Write(p []byte) (int, error) {
	written := 0
	for {
		// It tries again every second, since not everything that makes room wakes a
		// waiting writer.
		_ = t.master.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := t.master.Write(p[written:])
		written += n
		if !errors.Is(err, os.ErrDeadlineExceeded) || t.over.Load() {
			return written, err
		}
	}
}

// Slave returns the other end, in blocking mode, to be sent to a cell. It still belongs to
// the terminal: see [Terminal.CloseSlave].
func (t *Terminal) Slave() (int, error) {
	fd := int(t.slave.Fd()) // #nosec G115 -- a descriptor
	if err := unix.SetNonblock(fd, false); err != nil {
		return -1, fmt.Errorf("set the terminal to blocking mode: %w", err)
	}
	return fd, nil
}

// End says that everything has been written on the other side: then Read returns what is
// left and Write fails.
func (t *Terminal) End() {
	t.over.Store(true)
	_ = t.master.SetDeadline(time.Unix(1, 0)) // wakes reader and writer
}
