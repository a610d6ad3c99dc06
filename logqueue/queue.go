// Package logqueue keeps a log's reader from stopping its writer.
//
// A process that writes its log to a pipe waits when the reader of the pipe
// stops, and is killed by SIGPIPE when the reader is gone: see pipe(7). A
// [Queue] takes lines without waiting, writes them in the background, and
// drops what does not fit.
package logqueue

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// DefaultCapacity is how many bytes a queue holds that was given no capacity.
const DefaultCapacity = 1 << 20

// Queue is a bounded queue of lines in front of a writer. Its methods may be
// called at the same time.
type Queue struct {
	out      io.Writer
	capacity int
	wake     chan struct{} // holds one when there may be something to do
	done     chan struct{} // closed when the goroutine has ended

	mu        sync.Mutex // guards what follows; nothing slow happens under it
	waiting   []byte     // whole lines
	writing   bool       // a batch is being written
	closed    bool
	lost      uint64 // lines in all
	untold    uint64 // of them, those that recovered was not told of
	recovered func(lost uint64)
	idle      chan struct{} // closed and replaced when nothing waits
}

// New starts a queue of at most capacity bytes; 0 means [DefaultCapacity]. The
// caller closes it. Nothing else may write to out.
func New(out io.Writer, capacity int) *Queue {
	if capacity == 0 {
		capacity = DefaultCapacity
	}
	q := &Queue{out: out, capacity: capacity, wake: make(chan struct{}, 1), done: make(chan struct{}), idle: make(chan struct{})}
	go q.run()
	return q
}

// OnRecovery sets a function that is called, from the queue's goroutine, when
// lines were lost and the writer works again. It is told how many were lost
// since the last call, and may write to the queue.
func (q *Queue) OnRecovery(recovered func(lost uint64)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.recovered = recovered
}

// Write queues one or more whole lines. It never waits and never fails: lines
// that do not fit are dropped, and counted by [Queue.Lost].
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

// Lost reports how many lines were dropped: those that did not fit, and those
// that the writer refused.
func (q *Queue) Lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lost
}

// Close writes what waits, but gives up after so long, and reports whether all
// was written. After an unfinished Close the goroutine may still be blocked in
// a write. Later lines are dropped.
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

// flush waits until nothing waits and nothing is being written.
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

// lose counts lines that will not be written. mu is held.
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
	torn := false      // the last write ended within a line
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
			q.nudge() // more may have come
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

// write writes a batch, and reports whether the last line that was begun is not
// whole. The next batch then starts on a line of its own.
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
	if err == nil && untold > 0 && len(q.waiting) <= q.capacity/2 { // there is room to say so
		tell, q.untold = q.recovered, 0
	}
	q.writing = false
	q.mu.Unlock()
	if tell != nil {
		tell(untold)
	}
	return torn
}
