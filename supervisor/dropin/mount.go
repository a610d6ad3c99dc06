package dropin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/supervisor/api"
)

// Mount serves an API below prefix. handler returns the handler of one of its routes.
func Mount(router *mux.Router, a compat.API, prefix string, handler func(compat.Route) http.Handler) {
	for _, route := range a.Routes {
		methods := []string{route.Method}
		if route.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		router.Path(prefix + route.Path).Methods(methods...).Handler(handler(route))
	}
	router.PathPrefix(prefix + "/").Handler(handler(compat.Route{Open: true, Serve: func(_ http.ResponseWriter, r *http.Request, _ *compat.Caller) error {
		return compat.Refuse(client.CodeNotFound, "there is no %s %s", api.Shorten(r.Method), api.Shorten(r.URL.Path))
	}}))
}

// WithKey returns the request with its key as a bearer token, wherever the API has it.
func WithKey(r *http.Request, a compat.API) *http.Request {
	if a.Key == nil {
		return r
	}
	key := a.Key(r)
	if key == "" {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+key)
	return r
}

// Below returns a request to the root of an API as one below its own path, where the API is
// at any address of a service. claimed: it is for a host that the API claims, and stays as it is.
func Below(r *http.Request, a compat.API, claimed bool) *http.Request {
	if claimed || strings.HasPrefix(r.URL.Path, "/compat/"+a.Name+"/") {
		return r
	}
	below := r.Clone(r.Context())
	below.URL.Path = "/compat/" + a.Name + r.URL.Path
	if r.URL.RawPath != "" {
		below.URL.RawPath = "/compat/" + a.Name + r.URL.RawPath
	}
	return below
}

// AfterLabel returns a host without its first label: of the name under which an API is
// served.
func AfterLabel(host string) string {
	if _, rest, ok := strings.Cut(host, "."); ok {
		return rest
	}
	return host
}

// Refused returns the problem that an error of an API's handler stands for, and what the
// API is told of it.
func Refused(err error, id string) (*api.Problem, *client.Problem) {
	var p *api.Problem
	var told *client.Problem
	switch {
	case errors.As(err, &p):
	case errors.As(err, &told):
		p = api.Refuse(api.Code(told.Code), "%s", told.Detail)
		p.Status, p.RetryAfter = told.Status, told.RetryAfter
	default:
		p = api.Internal(err)
	}
	return p, &client.Problem{
		Type: p.Type, Title: p.Title, Status: p.Status, Detail: p.Detail, Code: client.Code(p.Code), RequestID: id, RetryAfter: p.RetryAfter,
		Err: client.ProblemError{Type: p.Err.Type, Message: p.Err.Message},
	}
}
