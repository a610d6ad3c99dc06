package main

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/term"

	"github.com/hotcell/hotcell/internal/cli"
)

// screen is the user's own terminal. While it is raw, every way in which this
// program can end must restore it: restore on a return, guard on a panic, and
// watch on a signal, which does not wait for anything.
type screen struct {
	in, out *os.File

	mu    sync.Mutex
	saved *term.State // of in; nil: it is not raw
}

// resetSequences switch off what a program in the cell may have switched on and
// left: colours, a hidden cursor, bracketed paste, the mouse, the alternate
// buffer, keypad and arrow keys. They change nothing else (xterm's control
// sequences).
const resetSequences = "\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?47l\x1b[?1l\x1b>"

func (s *screen) isTerminal() bool { return term.IsTerminal(int(s.in.Fd())) }

// size returns the terminal's size, or a usual one where there is no terminal.
func (s *screen) size() (columns, rows int) {
	for _, file := range []*os.File{s.out, s.in} {
		if columns, rows, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

// begin makes the terminal raw, if it is one, and calls resize from then on when
// its size changes.
func (s *screen) begin(resize func(columns, rows int)) error {
	// The handler comes first: a signal must not find a raw terminal without it.
	incoming := make(chan os.Signal, 8)
	signal.Notify(incoming, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT,
		syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGWINCH, syscall.SIGPIPE)
	go s.guard(func() { s.watch(incoming, resize) })
	return s.raw()
}

func (s *screen) raw() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.isTerminal() || s.saved != nil {
		return nil
	}
	saved, err := term.MakeRaw(int(s.in.Fd()))
	if err != nil {
		return fmt.Errorf("make the terminal raw: %w", err)
	}
	s.saved = saved
	return nil
}

// restore undoes raw. It may be called any number of times.
func (s *screen) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saved == nil {
		return
	}
	_ = term.Restore(int(s.in.Fd()), s.saved) // nothing else could be tried
	s.saved = nil
	if term.IsTerminal(int(s.out.Fd())) {
		_, _ = s.out.WriteString(resetSequences)
	}
}

// guard runs work in a goroutine of its own. A panic there would end the program
// with a raw terminal: guard restores it first.
func (s *screen) guard(work func()) {
	defer func() {
		if thrown := recover(); thrown != nil {
			s.restore()
			panic(thrown)
		}
	}()
	work()
}

// watch handles signals from other processes. The keys for signals go to the cell.
func (s *screen) watch(incoming <-chan os.Signal, resize func(columns, rows int)) {
	for number := range incoming {
		switch number {
		case syscall.SIGPIPE: // the write returns an error; without a handler the signal would end the program
		case syscall.SIGWINCH:
			resize(s.size())
		case syscall.SIGTSTP:
			s.restore()
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // may return before the program stops
		case syscall.SIGCONT:
			if s.raw() == nil {
				resize(s.size())
			}
		default:
			s.restore()
			fmt.Fprintf(os.Stderr, "hotcell: ended by signal: %v\n", number)
			os.Exit(cli.ExitSignaled + int(number.(syscall.Signal)))
		}
	}
}
