package output

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

// LogBytes is the size of a cell's log.
const LogBytes = 64 << 10

const logHead = 32

// Log is where a script's standard output waits until it is written into the pipe, so
// that a print needs no system call and nothing is lost however the cell dies. It is
// memory that the cell writes while this process reads: pyworker/printing.py says what is
// in it. A script may write anything there, and can spoil its own output only: the file is
// read, never mapped, and nothing in it is taken for more than a number below LogBytes.
type Log struct {
	file     *os.File
	received uint64 // from the pipe, as long as the cell lives
}

// NewLog takes over a cell's log, which must be a regular file: reading never waits then.
func NewLog(file *os.File) (*Log, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("the log of READY: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("READY came with a file of mode %v instead of a log", info.Mode())
	}
	return &Log{file: file}, nil
}

// Close gives the memory back. It may be called on nil.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// head is the numbers at a log's beginning.
type head struct{ base, end, passed, trying uint64 }

func (l *Log) head() (head, bool) {
	log := make([]byte, logHead)
	if n, err := l.file.ReadAt(log, 0); n < logHead || err != nil {
		return head{}, false
	}
	number := func(at int) uint64 { return binary.NativeEndian.Uint64(log[8*at:]) }
	return head{base: number(0), end: number(1), passed: number(2), trying: number(3)}, true
}

// rest returns what is in the log and did not get into the pipe, of which all was read that
// had been written at the time of before; seen is what was kept of that. It returns false if
// the cell, which may still run, has written more into the pipe: that would be missing.
func (l *Log) rest(before head, seen []byte) ([]byte, bool) {
	now, ok := l.head()
	from := now.passed - now.base
	if !ok || now.end > LogBytes-logHead || from >= now.end {
		return nil, true
	}
	data := make([]byte, now.end-from)
	n, _ := l.file.ReadAt(data, int64(logHead+from)) // #nosec G115 -- below LogBytes
	data = data[:n]
	if after, ok := l.head(); !ok || after.passed != before.passed || after.base != now.base {
		return nil, false
	}
	// The cell was killed while it wrote a piece into the pipe: none of it is there, or all of
	// it, and then at the end, unless another process wrote behind it.
	if piece := now.trying - now.passed; piece > 0 && piece <= uint64(len(data)) && l.received > now.passed {
		late := min(l.received-now.passed, uint64(len(seen)))
		if bytes.Contains(seen[uint64(len(seen))-late:], data[:piece]) {
			data = data[piece:]
		}
	}
	return data, true
}
