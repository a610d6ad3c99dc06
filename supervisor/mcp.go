package supervisor

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/hotcell/hotcell/mcp"
)

// newMCP makes the handler of POST /mcp, whose tools ask the service's own
// handler: so each call is a request of its own, with its key and its limits.
func newMCP(version string, self http.Handler) *mcp.Handler {
	return mcp.NewHandler(mcp.New(mcp.Config{URL: "http://hotcell", Transport: within{self}, Version: version}))
}

// serveMCP serves POST /mcp.
func (s *Service) serveMCP(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	body, done, err := s.readBody(w, r)
	defer done()
	if err != nil {
		return err
	}
	err = s.mcp.Serve(w, r, body)
	if r.Context().Err() != nil {
		return errClientGone
	}
	var refused *mcp.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	code, known := map[int]Code{
		http.StatusBadRequest: CodeInvalidRequest, http.StatusNotFound: CodeNotFound, http.StatusUnsupportedMediaType: CodeUnsupportedMediaType,
	}[refused.Status]
	if !known {
		return internal(err)
	}
	return refuse(code, "%s", refused.Detail)
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
