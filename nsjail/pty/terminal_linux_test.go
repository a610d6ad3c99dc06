package pty_test

import (
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/hotcell/hotcell/nsjail/pty"
)

// open makes a terminal, and a copy of its other end, which a cell would have.
func open(t *testing.T) (*pty.Terminal, *os.File) {
	t.Helper()
	dev, err := os.Open("/dev")
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	terminal, err := pty.Open(dev, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	slave, err := terminal.Slave()
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.FcntlInt(uintptr(slave), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := terminal.CloseSlave(); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "slave")
	t.Cleanup(func() { _ = file.Close() })
	return terminal, file
}

func TestWhatWasWrittenBeforeTheEndIsReadBeforeIt(t *testing.T) {
	for name, end := range map[string]func(*pty.Terminal, *os.File){
		"the other end is closed":           func(_ *pty.Terminal, cell *os.File) { _ = cell.Close() },
		"it is ended while a cell hides it": func(terminal *pty.Terminal, _ *os.File) { terminal.End() },
	} {
		t.Run(name, func(t *testing.T) {
			terminal, cell := open(t)
			if _, err := io.WriteString(cell, "last words"); err != nil {
				t.Fatal(err)
			}
			end(terminal, cell)
			if text, err := io.ReadAll(terminal); err != nil || string(text) != "last words" {
				t.Errorf("it gave %q, %v", text, err)
			}
		})
	}
}

func TestAWriterThatWaitsForACellIsWokenByTheEnd(t *testing.T) {
	terminal, cell := open(t)
	mode, err := unix.IoctlGetTermios(int(cell.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Lflag &^= unix.ICANON | unix.ECHO // otherwise the kernel drops what is too much
	if err := unix.IoctlSetTermios(int(cell.Fd()), unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	written := make(chan error)
	go func() {
		_, err := terminal.Write(make([]byte, 1<<20)) // more than the kernel holds
		written <- err
	}()
	terminal.End()
	if err := <-written; err == nil {
		t.Error("all of it was written, and nobody read it")
	}
}

func TestTheOtherSideSeesTheSize(t *testing.T) {
	terminal, cell := open(t)
	for _, want := range [][2]uint16{{80, 24}, {132, 50}} {
		if err := terminal.Resize(want[0], want[1]); err != nil {
			t.Fatal(err)
		}
		size, err := unix.IoctlGetWinsize(int(cell.Fd()), unix.TIOCGWINSZ)
		if err != nil || size.Col != want[0] || size.Row != want[1] {
			t.Errorf("the size is %+v, %v, want %v", size, err, want)
		}
	}
}
