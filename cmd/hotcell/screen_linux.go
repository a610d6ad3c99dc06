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

// screen is the user's own terminal. While it is raw, every end of this program
// must put it back: a return by restore, a panic by guard, and a signal by
// watch, which does not wait for anything.
type screen struct {
	in, out *os.File

	mu    sync.Mutex
	saved *term.State // of in; nil: it is as it was
}

// What a program in the cell may have switched on and left behind: colours, a
// hidden cursor, pasting in brackets, the mouse, the other buffer, keypad and
// arrow keys. It is harmless where it was not (xterm's control sequences).
const resetSequences = "\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?47l\x1b[?1l\x1b>"

func (s *screen) isTerminal() bool { return term.IsTerminal(int(s.in.Fd())) }

// size is the terminal's, or a usual one where there is none.
func (s *screen) size() (columns, rows int) {
	for _, file := range []*os.File{s.out, s.in} {
		if columns, rows, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

// begin makes the terminal raw, if it is one, and tells of its new sizes from
// then on.
func (s *screen) begin(resize func(columns, rows int)) error {
	// Before it is raw: a signal in between must find its handler.
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

// restore puts the terminal back; it may be called any number of times.
func (s *screen) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saved == nil {
		return
	}
	_ = term.Restore(int(s.in.Fd()), s.saved) // there is nothing else that could be tried
	s.saved = nil
	if term.IsTerminal(int(s.out.Fd())) {
		_, _ = s.out.WriteString(resetSequences)
	}
}

// guard runs work, which a goroutine of its own may do: without it a panic there
// would end the program before anybody puts the terminal back.
func (s *screen) guard(work func()) {
	defer func() {
		if thrown := recover(); thrown != nil {
			s.restore()
			panic(thrown)
		}
	}()
	work()
}

// watch acts on signals from outside; the keys for them are the cell's.
func (s *screen) watch(incoming <-chan os.Signal, resize func(columns, rows int)) {
	for number := range incoming {
		switch number {
		case syscall.SIGPIPE: // whoever wrote learns it; unwatched it would end us
		case syscall.SIGWINCH:
			resize(s.size())
		case syscall.SIGTSTP:
			s.restore()
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) // which may return before it stops us
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
