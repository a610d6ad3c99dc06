package compat

import (
	"fmt"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/client"
)

// API is the API of another project.
type API struct {
	Name   string // below which it is served: /compat/NAME
	Routes []Route
	// Key returns the key that a request carries elsewhere than as a bearer token; empty:
	// none. It may be nil.
	Key func(r *http.Request) string
	// Hosts reports whether a request for that host, without its port, is for the root of
	// this API, whichever address it arrived at. It may be nil.
	Hosts func(host string) bool
	// Node returns the token of the node of the fleet that a request is for: see
	// [Caller.Node]. Empty: any, or this one. It may be nil.
	Node func(r *http.Request) string
	// Hear takes what the API on another node says by [Caller.Tell], or on this one. It must
	// not wait. It may be nil.
	Hear func(what string)
	// Patience is how long the API's clients wait for a cell, unless a handler says
	// otherwise: see [Caller].
	Patience time.Duration
	// Refuse writes a refusal of hotcell's in the API's own shape.
	Refuse func(w http.ResponseWriter, r *http.Request, p *client.Problem)
}

// Route is one address of an API.
type Route struct {
	Method string
	Path   string // {name} matches a segment of the path, {name:(?s:.+)} the rest: see [Caller.Var]
	Open   bool   // it needs no key
	// Serve answers a request. An error that it returns before it has written anything
	// goes to [API.Refuse]. One that is no [*client.Problem] is a failure of the server:
	// the log has it, and the client does not.
	Serve func(w http.ResponseWriter, r *http.Request, c *Caller) error
}

// Hear returns what passes on to APIs what they tell each other on the nodes of a fleet.
func Hear(apis []API) func(api, what string) {
	hear := make(map[string]func(string))
	for _, a := range apis {
		if a.Hear != nil {
			hear[a.Name] = a.Hear
		}
	}
	return func(api, what string) {
		if told := hear[api]; told != nil {
			told(what)
		}
	}
}

// statuses are those of the refusals that an API makes itself.
var statuses = map[client.Code]int{
	client.CodeInvalidJSON: http.StatusBadRequest, client.CodeInvalidRequest: http.StatusBadRequest, client.CodeUnauthorized: http.StatusUnauthorized,
	client.CodeForbidden: http.StatusForbidden, client.CodeNotFound: http.StatusNotFound, client.CodeTooLarge: http.StatusRequestEntityTooLarge,
	client.CodeUnsupportedMediaType: http.StatusUnsupportedMediaType, client.CodeBusy: http.StatusConflict, client.CodeGone: http.StatusGone,
}

// Refuse returns a refusal, for a handler to return.
func Refuse(code client.Code, detail string, values ...any) *client.Problem {
	return &client.Problem{Code: code, Status: statuses[code], Detail: fmt.Sprintf(detail, values...)}
}
