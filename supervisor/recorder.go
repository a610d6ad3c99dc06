package supervisor

import (
	"errors"
	"net/http"
)

// recorder notes the status, how many bytes the connection took, and whether it
// took all.
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

// Unwrap is for [http.ResponseController].
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// complete sends what is still held here, and reports whether the connection has
// taken the whole answer. It may be on its way when the client leaves; nobody
// can know that.
func (w *recorder) complete() bool {
	// Without a length the server would not know yet that this is all.
	if w.err == nil && w.Header().Get("Content-Length") != "" && w.status >= http.StatusOK {
		if err := http.NewResponseController(w.ResponseWriter).Flush(); !errors.Is(err, http.ErrNotSupported) {
			w.err = err
		}
	}
	return w.err == nil && w.status != statusClientGone
}
