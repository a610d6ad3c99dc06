package supervisor

import (
	"errors"
	"net/http"

	"github.com/hotcell/hotcell/mcp"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/dropin"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// newMCP returns the handler of POST /mcp. Its tools call the service's own handler,
// so that each call is a request of its own, with its key and its limits. Another API on
// top of hotcell's own can follow this file: CONTRIBUTING.md, "a drop-in API".
func newMCP(version string, self http.Handler) *mcp.Handler {
	server, err := mcp.New(mcp.Config{URL: "http://hotcell", Transport: dropin.Inside{Handler: self}, Version: version})
	if err != nil {
		panic(err) // the address is a constant
	}
	return mcp.NewHandler(server)
}

// serveMCP serves POST /mcp.
func (s *Service) serveMCP(w http.ResponseWriter, r *http.Request, _ *exchange) error {
	if problem := api.CheckJSON(r.Header); problem != nil {
		return problem
	}
	held, err := s.line.Hold(exchangeOf(r).party.Party, 0)
	if err != nil {
		return refusals.Explain(r.Context(), err)
	}
	defer held.Release()
	body, err := s.readInto(w, r, held, budget.RelayedCopies)
	if err != nil {
		return err
	}
	r = r.WithContext(dropin.Within(r.Context(), w, r, held.Grow))
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
