package supervisor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hotcell/hotcell/mcp"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/line"
)

// newMCP returns the handler of POST /mcp. Its tools call the service's own handler,
// so that each call is a request of its own, with its key and its limits. Another API on
// top of hotcell's own can follow this file: CONTRIBUTING.md, "a drop-in API".
func newMCP(version string, self http.Handler) *mcp.Handler {
	server, err := mcp.New(mcp.Config{URL: "http://hotcell", Transport: within{self}, Version: version})
	if err != nil {
		panic(err) // the address is a constant
	}
	return mcp.NewHandler(server)
}

// serveMCP serves POST /mcp.
func (s *Service) serveMCP(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	if !isJSON(r.Header) {
		return notJSON()
	}
	held, err := s.line.Reserve(exchangeOf(r).party.Party, 0)
	if err != nil {
		return explain(r.Context(), err)
	}
	defer held.Release()
	body, err := s.readInto(w, r, held, budget.MCPCopies)
	if err != nil {
		return err
	}
	r = r.WithContext(context.WithValue(r.Context(), heldKey{}, held))
	err = s.mcp.Serve(w, r, body)
	if r.Context().Err() != nil {
		return api.ErrClientGone
	}
	var refused *mcp.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	code, known := map[int]api.Code{
		http.StatusBadRequest: api.CodeInvalidRequest, http.StatusNotFound: api.CodeNotFound, http.StatusUnsupportedMediaType: api.CodeUnsupportedMediaType,
	}[refused.Status]
	if !known {
		return api.Internal(err)
	}
	return api.Refuse(code, "%s", refused.Detail)
}

// heldKey is the context key of the memory that is reserved for a request to /mcp.
type heldKey struct{}

// within is a transport that passes requests to a handler of this process. The memory
// for their answers counts for the request to /mcp that they belong to.
type within struct{ http.Handler }

// RoundTrip implements [http.RoundTripper].
func (h within) RoundTrip(r *http.Request) (*http.Response, error) {
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
