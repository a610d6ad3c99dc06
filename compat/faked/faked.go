// Package faked serves a drop-in API on top of a hotcell that a test plays: what the API
// asks for, and what it makes of each answer, can be tested without a cell.
package faked

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// Hotcell plays the server below an API.
type Hotcell struct {
	Info    client.Info
	Limits  compat.Limits
	Answer  client.Answer   // to every script
	Printed []client.Event  // what a stream has before the answer
	Problem *client.Problem // the refusal of every script, if set
	Session client.SessionState
	Others  []string              // what other nodes answer
	Before  func(r *http.Request) // called for each request, if set; it may panic

	mu    sync.Mutex
	asked []client.Request
	told  []string
}

// Told returns what the API has told other nodes.
func (h *Hotcell) Told() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told
}

// Asked returns the scripts that were to run so far.
func (h *Hotcell) Asked() []client.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

// Serve returns the handler of an API, at the root.
func Serve(a compat.API, h *Hotcell) http.Handler {
	router := mux.NewRouter().SkipClean(true)
	for _, route := range a.Routes {
		router.Path(route.Path).Methods(route.Method).HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := route.Serve(w, r, compat.NewCaller(service{h, r}, a.Patience))
			var refused *client.Problem
			if errors.As(err, &refused) {
				a.Refuse(w, r, refused)
			} else if err != nil {
				a.Refuse(w, r, &client.Problem{Status: http.StatusInternalServerError, Code: client.CodeInternal, Detail: err.Error()})
			}
		})
	}
	return router
}

// service is what an API's handler asks, for one request.
type service struct {
	h *Hotcell
	r *http.Request
}

func (s service) Authorization() string { return s.r.Header.Get("Authorization") }
func (s service) Owner() string         { return "someone" }
func (s service) Node() string          { return "" }
func (s service) Everywhere(take func([]byte) error) error {
	for _, answer := range s.h.Others {
		_ = take([]byte(answer))
	}
	return nil
}
func (s service) Tell(what string) {
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	s.h.told = append(s.h.told, what)
}
func (s service) MaxWait() time.Duration             { return time.Hour }
func (s service) Var(name string) string             { return mux.Vars(s.r)[name] }
func (s service) Body(time.Duration) ([]byte, error) { return io.ReadAll(s.r.Body) }
func (s service) Limits() compat.Limits              { return s.h.Limits }
func (s service) Part() (compat.Service, func())     { return s, func() {} }
func (s service) Ending() <-chan struct{}            { return nil }
func (s service) Hold(int64, time.Duration) error    { return nil }
func (s service) Turn(_ int, work func()) error      { work(); return nil }
func (s service) Live(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}

// RoundTrip implements [http.RoundTripper].
func (s service) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	if s.h.Before != nil {
		s.h.Before(r)
	}
	s.h.serve(answer, r)
	return answer.Result(), nil
}

func (h *Hotcell) serve(w http.ResponseWriter, r *http.Request) {
	write := func(kind string, status int, value any) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	}
	if r.URL.Path == "/info" {
		write("application/json", http.StatusOK, h.Info)
		return
	}
	if r.URL.Path == "/sessions" && r.Method == http.MethodGet { // none that lives
		write("application/json", http.StatusOK, map[string]any{"sessions": []client.SessionState{}})
		return
	}
	refuse := func(p client.Problem) { write("application/problem+json", p.Status, p) }
	if r.Body == nil || r.Body == http.NoBody { // nothing is to run
		if place, ok := strings.CutPrefix(r.URL.Path, "/sessions/"); ok && r.Method == http.MethodGet && place == h.Session.ID {
			write("application/json", http.StatusOK, h.Session)
			return
		}
		refuse(client.Problem{Status: http.StatusNotFound, Code: client.CodeNotFound, Detail: "the test has no " + r.Method + " " + r.URL.Path})
		return
	}
	var asked client.Request
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		refuse(client.Problem{Status: http.StatusBadRequest, Code: client.CodeInvalidJSON, Detail: err.Error()})
		return
	}
	h.mu.Lock()
	h.asked = append(h.asked, asked)
	h.mu.Unlock()
	switch {
	case h.Problem != nil:
		refuse(*h.Problem)
	case r.Header.Get("Accept") == "application/x-ndjson":
		type event struct {
			Event string `json:"event"`
			Data  any    `json:"data"`
		}
		for _, printed := range h.Printed {
			name := map[bool]string{false: "stdout", true: "stderr"}[printed.Stderr]
			write("application/x-ndjson", http.StatusOK, event{name, map[string]string{"text": printed.Text}})
		}
		write("application/x-ndjson", http.StatusOK, event{"result", h.Answer})
	default:
		write("application/json", http.StatusOK, h.Answer)
	}
}
