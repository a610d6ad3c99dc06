package conns

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// Count returns a function that returns how long the body of r is: what the client has
// announced, or else what has been read of it.
func Count(r *http.Request) func() int64 {
	if announced := r.ContentLength; announced >= 0 {
		return func() int64 { return announced }
	}
	counted := &counted{ReadCloser: r.Body}
	r.Body = counted
	return counted.read.Load
}

type counted struct {
	io.ReadCloser
	read atomic.Int64 // a batch is still read when it is answered
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read.Add(int64(n))
	return n, err
}

// Recorder records the status of an answer, how many bytes the connection took, and
// the first error.
type Recorder struct {
	http.ResponseWriter
	Status int   // 0: nothing was written yet
	Bytes  int64 // that the connection took
	err    error // of the first write that failed
}

// WriteHeader implements [http.ResponseWriter].
func (w *Recorder) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *Recorder) Write(data []byte) (int, error) {
	if w.Status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(data)
	w.Bytes += int64(n)
	if w.err == nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		w.err = err
	}
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *Recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Complete flushes the answer, and reports whether the connection has taken all of
// it. Whether it then reaches the client cannot be known.
func (w *Recorder) Complete() bool {
	// Without a length the server does not know yet that the answer is complete.
	if w.err == nil && w.Header().Get("Content-Length") != "" && w.Status >= http.StatusOK {
		if err := http.NewResponseController(w.ResponseWriter).Flush(); !errors.Is(err, http.ErrNotSupported) {
			w.err = err
		}
	}
	return w.err == nil
}
