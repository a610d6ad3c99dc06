package dropin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/budget"
)

// Inside passes requests to a handler of this process, and their answers back piece by
// piece. Answers in JSON, which are decoded, count for the memory of the request that
// [Within] names. It implements [http.RoundTripper].
type Inside struct{ http.Handler }

// outer is the request to which those inside belong.
type outer struct {
	w    http.ResponseWriter
	r    *http.Request
	take func(bytes int64) error
}

type outerKey struct{}

// Within returns a context for requests that belong to r, which w answers. take counts
// the memory of their answers.
func Within(ctx context.Context, w http.ResponseWriter, r *http.Request, take func(bytes int64) error) context.Context {
	return context.WithValue(ctx, outerKey{}, outer{w, r, take})
}

// RoundTrip implements [http.RoundTripper].
func (h Inside) RoundTrip(r *http.Request) (*http.Response, error) {
	belongs, ok := r.Context().Value(outerKey{}).(outer)
	if !ok {
		return nil, errors.New("the request does not belong to one that was counted")
	}
	ctx, cancel := context.WithCancel(r.Context())
	inner := r.Clone(ctx)
	if inner.Body == nil {
		inner.Body = http.NoBody
	} else if inner.Body != http.NoBody && inner.ContentLength == 0 {
		inner.ContentLength = -1
	}
	inner.RemoteAddr, inner.Host = belongs.r.RemoteAddr, "" // the outer request's name was checked
	inner.Header.Set("User-Agent", belongs.r.UserAgent())
	from, into := io.Pipe()
	answer := &passed{header: make(http.Header), begun: make(chan struct{}), into: into, outer: http.NewResponseController(belongs.w), take: belongs.take}
	stop := context.AfterFunc(ctx, func() { _ = into.CloseWithError(context.Cause(ctx)) })
	ended := make(chan struct{})
	var thrown error // set before ended is closed
	go func() {
		defer close(ended)
		defer panics.Caught(func(err error) {
			thrown = err
			_ = into.CloseWithError(err)
		})
		h.ServeHTTP(answer, inner)
		_ = inner.Body.Close()
		answer.WriteHeader(http.StatusOK)
		answer.end(inner.Method)
	}()
	// The handler soon notices that the context has ended, and then ends what it does.
	end := func() { cancel(); stop(); <-ended }
	select {
	case <-answer.begun:
	case <-ended:
		if thrown != nil {
			end()
			return nil, thrown
		}
	case <-ctx.Done():
	}
	if err := context.Cause(ctx); err != nil {
		end()
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.sent, Body: &passedBody{PipeReader: from, end: sync.OnceFunc(end)}, ContentLength: -1, Request: r,
	}, nil
}

// passedBody is the body of an answer; to close it ends the request.
type passedBody struct {
	*io.PipeReader
	end func()
}

// Close implements [io.Closer].
func (b *passedBody) Close() error {
	err := b.PipeReader.Close()
	b.end()
	return err
}

// passed is a ResponseWriter whose answer somebody reads as it is written.
type passed struct {
	header http.Header
	sent   http.Header
	status int
	counts bool
	begun  chan struct{} // closed once sent, status and counts are set
	once   sync.Once
	into   *io.PipeWriter
	take   func(bytes int64) error
	bytes  int64 // that were read
	err    error
	outer  *http.ResponseController
}

func (w *passed) Header() http.Header { return w.header }

func (w *passed) WriteHeader(status int) {
	if status < http.StatusOK {
		return
	}
	w.once.Do(func() {
		w.status, w.sent = status, w.header.Clone()
		w.counts = strings.Contains(w.header.Get("Content-Type"), "json") // files are passed on
		close(w.begun)
	})
}

func (w *passed) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.counts && w.err == nil {
		if err := w.take(budget.RelayedAnswerCopies * int64(len(data))); err != nil {
			w.err = fmt.Errorf("the answer is too large to be kept now: %w", err)
		}
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.into.Write(data)
	w.bytes += int64(n)
	return n, err
}

// FlushError is for [http.ResponseController]: what is written has been read.
func (w *passed) FlushError() error { return nil }

// SetReadDeadline ends a body that is passed on.
func (w *passed) SetReadDeadline(t time.Time) error { return w.outer.SetReadDeadline(t) }

// SetWriteDeadline ends an answer.
func (w *passed) SetWriteDeadline(time.Time) error { return w.into.CloseWithError(io.ErrUnexpectedEOF) }

// end ends the answer. One that is shorter than it said is incomplete: a connection would
// have been aborted.
func (w *passed) end(method string) {
	said := w.sent.Get("Content-Length")
	if w.err == nil && said != "" && said != strconv.FormatInt(w.bytes, 10) && method != http.MethodHead {
		w.err = io.ErrUnexpectedEOF
	}
	_ = w.into.CloseWithError(w.err)
}
