package supervisor

import (
	"bytes"
	"io"
	"net/http"

	"github.com/hotcell/hotcell/mcp"
)

// newMCP makes the handler of POST /mcp, whose tools ask the service's own
// handler: so each call is a request of its own, with its key and its limits.
func newMCP(version string, self http.Handler) http.Handler {
	return mcp.Handler(mcp.New(mcp.Config{URL: "http://hotcell", Transport: within{self}, Version: version}))
}

// serveMCP serves POST /mcp.
func (s *Service) serveMCP(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	r.Body = http.MaxBytesReader(w, r.Body, int64(s.cfg.MaxBody))
	s.mcp.ServeHTTP(w, r)
	return nil
}

// within answers requests by a handler of this process.
type within struct{ http.Handler }

// RoundTrip implements [http.RoundTripper].
func (h within) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := r.Clone(r.Context())
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	inner.RemoteAddr, inner.Host = "within", "" // the name was checked before
	answer := &written{header: make(http.Header), status: http.StatusOK}
	h.ServeHTTP(answer, inner)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

// written is a ResponseWriter that keeps what is written.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header            { return w.header }
func (w *written) WriteHeader(status int)         { w.status = status }
func (w *written) Write(data []byte) (int, error) { return w.body.Write(data) }
