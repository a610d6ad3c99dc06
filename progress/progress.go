// Package progress reports how far a long operation has come, on standard error: on
// a terminal by one line that is rewritten, otherwise by a line for each step.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/hotcell/hotcell/internal/columns"
)

const refresh = time.Second

// Line reports on one operation. A nil Line reports nothing.
type Line struct {
	out   io.Writer
	width func() int // 0: out is no terminal

	mu    sync.Mutex
	text  string
	began time.Time // of the step
	stop  chan struct{}
	done  sync.WaitGroup
}

// New returns a Line that writes to a file such as [os.Stderr].
func New(file *os.File) *Line {
	return newLine(file, func() int { return columns.Of(file) })
}

func newLine(out io.Writer, width func() int) *Line {
	l := &Line{out: out, width: width, stop: make(chan struct{})}
	if width() > 0 {
		l.done.Go(l.tick)
	}
	return l
}

// tick updates the time on the line.
func (l *Line) tick() {
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
			l.mu.Lock()
			l.draw()
			l.mu.Unlock()
		}
	}
}

// Step begins the next step. If about is not 0, it is how long the step should take.
func (l *Line) Step(what string, about time.Duration) {
	if l == nil {
		return
	}
	if about > 0 {
		what = fmt.Sprintf("%s (about %s)", what, about)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text, l.began = what, time.Now()
	if l.width() == 0 {
		fmt.Fprintln(l.out, what)
		return
	}
	l.draw()
}

// Update changes the text of the step, on a terminal only.
func (l *Line) Update(what string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.began.IsZero() {
		l.began = time.Now()
	}
	l.text = what
	l.draw()
}

// draw needs mu.
func (l *Line) draw() {
	width := l.width()
	if width == 0 || l.text == "" {
		return
	}
	line := []rune(l.text)
	elapsed := fmt.Sprintf("  %s", time.Since(l.began).Truncate(time.Second))
	if room := max(width-1-len(elapsed), 0); len(line) > room {
		line = line[:room]
	}
	fmt.Fprintf(l.out, "\r\x1b[K%s%s", string(line), elapsed)
}

// End removes the line. It must be called once.
func (l *Line) End() {
	if l == nil {
		return
	}
	close(l.stop)
	l.done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.width() > 0 {
		fmt.Fprint(l.out, "\r\x1b[K")
	}
}
