package dropin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/line"
)

// heldKey is the context key of [WithMemory].
type heldKey struct{}

// WithMemory returns a context for the requests that belong to one whose memory is held.
func WithMemory(ctx context.Context, held *line.Reservation) context.Context {
	return context.WithValue(ctx, heldKey{}, held)
}

// Kept passes requests to a handler of this process, and keeps their answers whole. The
// memory for an answer counts for the request that [WithMemory] says. Where the clients of
// an API wait for memory, and read answers as they are written, [Caller] serves them.
type Kept struct{ http.Handler }

// RoundTrip implements [http.RoundTripper].
func (h Kept) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := r.Clone(r.Context())
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	inner.RemoteAddr, inner.Host = "within", "" // the outer request's name was checked
	held, ok := r.Context().Value(heldKey{}).(*line.Reservation)
	if !ok {
		return nil, errors.New("the request does not belong to one that was counted")
	}
	answer := &written{header: make(http.Header), status: http.StatusOK, held: held}
	h.ServeHTTP(answer, inner)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if answer.err != nil {
		return nil, fmt.Errorf("the answer is too large to be kept now: %w", answer.err)
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// written is a ResponseWriter that keeps the answer.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
	held   *line.Reservation
	err    error // why it keeps no more of it
}

func (w *written) Header() http.Header    { return w.header }
func (w *written) WriteHeader(status int) { w.status = status }

func (w *written) Write(data []byte) (int, error) {
	if w.err == nil {
		w.err = w.held.Grow(budget.MCPAnswerCopies * int64(len(data)))
	}
	if w.err != nil {
		return 0, w.err
	}
	return w.body.Write(data)
}
