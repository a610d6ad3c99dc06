package testkit

import (
	"bytes"
	"os"
	"strings"
	"sync"
)

// Log collects what is written to it. It can be read at any time.
type Log struct {
	// Path is the file of the log, if the program writes to a file itself. Set it
	// before the log is used.
	Path string

	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns everything that was written so far.
func (l *Log) String() string {
	if l.Path != "" {
		text, _ := os.ReadFile(l.Path)
		return string(text)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Tail returns the last 40 lines, without those of successful requests.
func (l *Log) Tail() string {
	var kept []string
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, "msg=request") || strings.Contains(line, "level=ERROR") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-40):], "")
}
