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

// Terminal is our end of a terminal whose other end one cell gets. The kernel
// holds some 70 KiB between the two, and whoever writes more waits for the other
// side: nothing is held here, and nothing that comes out of it is looked at.
//
// One goroutine may read and another write. The caller closes it.
type Terminal struct {
	master *os.File // non-blocking, and never given away
	slave  *os.File // until a cell has it

	over atomic.Bool // nothing more will be written on the other side
	left int         // how much Read still gives then; the reader's own
}

// lastOutput is more than the kernel holds of what was written before the end.
// Something that a cell has hidden from its end could write for ever.
const lastOutput = 1 << 20

// Open makes a terminal of that size in a devpts, whose directory it is given.
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

// openSlave opens the other end without a path, ioctl_tty(2).
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

// Close ends reads and writes, and hangs up on whoever should still be there.
func (t *Terminal) Close() error {
	t.over.Store(true)
	return errors.Join(t.master.Close(), t.CloseSlave())
}

// CloseSlave closes our copy of the other end, once a cell has its own: else the
// end of the cell's would not be the end.
func (t *Terminal) CloseSlave() error {
	if t.slave == nil {
		return nil
	}
	slave := t.slave
	t.slave = nil
	return slave.Close()
}

// control calls with the descriptor of our end.
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

// Resize tells the terminal its size; what runs in its foreground gets SIGWINCH.
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

// Read gives what the cell writes, and io.EOF once that is all.
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
				// The kernel looks for output first and for the other end then, and
				// both may have come and gone in between: the second time counts.
				closed = true
				continue
			}
			if !errors.Is(err, unix.EINTR) {
				return !errors.Is(err, unix.EAGAIN) || t.over.Load()
			}
		}
	}
	if waited := raw.Read(read); waited != nil { // it is over: what came until then is still there
		if waited = raw.Control(func(fd uintptr) { read(fd) }); waited != nil {
			return 0, io.EOF // closed
		}
	}
	if t.over.Load() && n > 0 {
		t.left -= n
	}
	if err != nil || n <= 0 || t.left < 0 { // EIO: nobody has the other end any more, pty(7)
		return 0, io.EOF
	}
	return n, nil
}

// Write gives p to the cell, and waits while the cell does not read and the
// kernel holds no more.
func (t *Terminal) Write(p []byte) (int, error) {
	written := 0
	for {
		// Every second it looks by itself: not everything that makes room
		// wakes a waiting writer.
		_ = t.master.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := t.master.Write(p[written:])
		written += n
		if !errors.Is(err, os.ErrDeadlineExceeded) || t.over.Load() {
			return written, err
		}
	}
}

// Slave is the other end, for a cell. It is in blocking mode, and stays ours to close.
func (t *Terminal) Slave() (int, error) {
	fd := int(t.slave.Fd()) // #nosec G115 -- a descriptor
	if err := unix.SetNonblock(fd, false); err != nil {
		return -1, fmt.Errorf("set the terminal to blocking mode: %w", err)
	}
	return fd, nil
}

// End tells that everything has been written on the other side.
func (t *Terminal) End() {
	t.over.Store(true)
	_ = t.master.SetDeadline(time.Unix(1, 0)) // wakes reader and writer
}
