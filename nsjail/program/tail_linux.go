package program

import (
	"bufio"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// tail logs what a jail writes to its stderr, such as nsjail's warnings and what libraries
// print while they load. It keeps the last lines for error messages.
type tail struct {
	log   *slog.Logger
	ended chan struct{} // closed when nothing more comes

	mu    sync.Mutex // guards lines
	lines []string
}

const (
	tailLines     = 20
	tailLineBytes = 4096
)

func (t *tail) follow(from io.ReadCloser) {
	defer close(t.ended)
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
