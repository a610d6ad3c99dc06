package supervisor

import (
	"errors"
	"net/http"
)

// recorder records the status of an answer, how many bytes the connection took, and
// the first error.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing was written yet
	bytes  int64
	err    error // of the first write that failed
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(data)
	w.bytes += int64(n)
	if w.err == nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		w.err = err
	}
	return n, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// complete flushes the answer, and reports whether the connection has taken all of
// it. Whether it then reaches the client cannot be known.
func (w *recorder) complete() bool {
	// Without a length the server does not know yet that the answer is complete.
	if w.err == nil && w.Header().Get("Content-Length") != "" && w.status >= http.StatusOK {
		if err := http.NewResponseController(w.ResponseWriter).Flush(); !errors.Is(err, http.ErrNotSupported) {
			w.err = err
		}
	}
	return w.err == nil && w.status != statusClientGone
}
