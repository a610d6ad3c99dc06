package testkit

import (
	"bytes"
	"os"
	"strings"
	"sync"
)

// Log collects what is written to it, and can be read meanwhile.
type Log struct {
	// Path is the file that holds the log, where the program writes it to one
	// itself. Set it before the log is used.
	Path string

	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all that was written so far.
func (l *Log) String() string {
	if l.Path != "" {
		text, _ := os.ReadFile(l.Path)
		return string(text)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Tail is the last 40 lines, without those of requests that went well.
func (l *Log) Tail() string {
	var kept []string
	for line := range strings.Lines(l.String()) {
		if !strings.Contains(line, "msg=request") || strings.Contains(line, "level=ERROR") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-40):], "")
}
