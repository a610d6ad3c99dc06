// Package logqueue keeps the reader of a log from blocking its writer.
//
// A process that writes its log to a pipe blocks when the reader stops reading,
// and is killed by SIGPIPE when the reader is gone: see pipe(7). A [Queue] accepts
// lines without blocking, writes them in the background, and drops lines that do
// not fit.
package logqueue

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// DefaultCapacity is the capacity, in bytes, that [New] uses for 0.
const DefaultCapacity = 1 << 20

// A Queue is a bounded queue of lines in front of a writer. Its methods are safe
// for concurrent use.
type Queue struct {
	out      io.Writer
	capacity int
	wake     chan struct{} // has an element if there may be something to do
	done     chan struct{} // closed when the goroutine has ended

	mu        sync.Mutex // guards what follows; nothing slow happens while it is held
	waiting   []byte     // whole lines
	writing   bool       // a batch is being written
	closed    bool
	lost      uint64 // all lost lines
	untold    uint64 // those not yet reported to recovered
	recovered func(lost uint64)
	idle      chan struct{} // closed and replaced when the queue is empty
}

// New starts a queue of at most capacity bytes in front of out; 0 means
// [DefaultCapacity]. The caller must close the queue. Nothing else may write to out.
func New(out io.Writer, capacity int) *Queue {
	if capacity == 0 {
		capacity = DefaultCapacity
	}
	q := &Queue{out: out, capacity: capacity, wake: make(chan struct{}, 1), done: make(chan struct{}), idle: make(chan struct{})}
	go q.run()
	return q
}

// OnRecovery sets a function that the queue's goroutine calls when the writer works
// again after lines were lost. Its argument is the number of lines lost since the
// last call. It may write to the queue.
func (q *Queue) OnRecovery(recovered func(lost uint64)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.recovered = recovered
}

// Write queues one or more complete lines. It never blocks and never fails. Lines
// that do not fit are dropped and counted by [Queue.Lost].
func (q *Queue) Write(lines []byte) (int, error) {
	q.mu.Lock()
	if q.closed || len(q.waiting)+len(lines) > q.capacity {
		q.lose(lines)
	} else {
		q.waiting = append(q.waiting, lines...)
	}
	q.mu.Unlock()
	q.nudge()
	return len(lines), nil
}

// Lost returns the number of dropped lines: those that did not fit and those that
// could not be written.
func (q *Queue) Lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lost
}

// Close writes the queued lines, gives up after within, and reports whether all
// lines were written. If not, the queue's goroutine may still be blocked in a
// write. Lines written after Close are dropped.
func (q *Queue) Close(within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	flushed := q.flush(timer.C)
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.nudge()
	if !flushed {
		return false
	}
	<-q.done
	return true
}

// flush waits until the queue is empty and no write is in progress.
func (q *Queue) flush(late <-chan time.Time) bool {
	for {
		q.mu.Lock()
		empty, idle := len(q.waiting) == 0 && !q.writing, q.idle
		q.mu.Unlock()
		if empty {
			return true
		}
		select {
		case <-idle:
		case <-late:
			return false
		}
	}
}

func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// lose counts lines that will not be written. The caller holds mu.
func (q *Queue) lose(lines []byte) {
	n := uint64(bytes.Count(lines, []byte("\n"))) // #nosec G115 -- not negative
	if len(lines) > 0 && lines[len(lines)-1] != '\n' {
		n++
	}
	q.lost += n
	q.untold += n
}

func (q *Queue) run() {
	defer close(q.done)
	var spare []byte   // the buffer of the last batch
	torn := false      // the last write ended in the middle of a line
	for range q.wake { // never closed
		q.mu.Lock()
		batch := q.waiting
		q.waiting = spare[:0]
		q.writing = len(batch) > 0
		closed := q.closed
		q.mu.Unlock()
		if len(batch) > 0 {
			torn = q.write(batch, torn)
			spare = batch
			q.nudge() // more lines may have arrived
			continue
		}
		spare = batch
		q.mu.Lock()
		close(q.idle)
		q.idle = make(chan struct{})
		q.mu.Unlock()
		if closed {
			return
		}
	}
}

// write writes a batch and reports whether it ended in the middle of a line. If so,
// the next batch starts on a new line.
func (q *Queue) write(batch []byte, torn bool) bool {
	var err error
	if torn {
		_, err = q.out.Write([]byte("\n"))
	}
	n := 0
	if err == nil {
		torn = false
		n, err = q.out.Write(batch)
	}
	if err != nil && n > 0 {
		torn = batch[n-1] != '\n'
	}
	q.mu.Lock()
	if err != nil {
		q.lose(batch[n:])
	}
	var tell func(uint64)
	untold := q.untold
	if err == nil && untold > 0 && len(q.waiting) <= q.capacity/2 { // there is room for the report
		tell, q.untold = q.recovered, 0
	}
	q.writing = false
	q.mu.Unlock()
	if tell != nil {
		tell(untold)
	}
	return torn
}
