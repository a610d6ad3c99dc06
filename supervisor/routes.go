package supervisor

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/protocol"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/batches"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/forward"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
	"github.com/hotcell/hotcell/supervisor/logline"
	"github.com/hotcell/hotcell/supervisor/playground"
	"github.com/hotcell/hotcell/supervisor/refusals"
	"github.com/hotcell/hotcell/supervisor/tracing"
)

// route is one address. An error that serve returns is written as a problem.
type route struct {
	method string
	path   string
	needs  keys.Right // what the key must have; the default is [rightAny]
	serve  func(w http.ResponseWriter, r *http.Request, x *exchange) error
	quiet  bool // polled every few seconds: logged at level debug
	queues bool // it waits in line for a place

	session bool // it is for the node that has the session of the path
}

func (s *Service) routes() []route {
	lists := forward.Lists{Nodes: s.nodes, Here: s.sessions, Line: s.line}
	routes := []route{
		{method: "POST", path: "/execute", needs: keys.Execute, serve: s.execute, queues: true},
		{method: "POST", path: "/v1/execute", needs: keys.Execute, serve: s.execute, queues: true},
		{method: "POST", path: "/batches", needs: keys.Execute, serve: s.batch},
		{method: "POST", path: "/sessions", needs: keys.Sessions, serve: s.createSession, queues: true},
		{method: "GET", path: "/sessions", needs: keys.Sessions, serve: s.everywhere(lists.Own)},
		{method: "GET", path: "/sessions/{id}", needs: keys.Sessions, serve: s.showSession, session: true},
		{method: "PATCH", path: "/sessions/{id}", needs: keys.Sessions, serve: s.prolongSession, session: true},
		{method: "DELETE", path: "/sessions/{id}", needs: keys.Sessions, serve: s.deleteSession, session: true},
		{method: "POST", path: "/sessions/{id}/execute", needs: keys.Sessions, serve: s.callSession, session: true, queues: true},
		{method: "POST", path: "/sessions/{id}/interrupt", needs: keys.Sessions, serve: s.interruptSession, session: true},
		{method: "GET", path: "/sessions/{id}/files", needs: keys.Sessions, serve: s.listFiles, session: true},
		{method: "GET", path: "/sessions/{id}/files/{path}", needs: keys.Sessions, serve: s.sendFile, session: true},
		{method: "PUT", path: "/sessions/{id}/files/{path}", needs: keys.Sessions, serve: s.receiveFile, session: true},
		{method: "DELETE", path: "/sessions/{id}/files/{path}", needs: keys.Sessions, serve: s.removeFile, session: true},
		{method: "GET", path: "/admin/sessions", needs: keys.Admin, serve: s.everywhere(lists.All)},
		{method: "DELETE", path: "/admin/sessions", needs: keys.Admin, serve: s.everywhere(lists.RemoveAll)},
		{method: "DELETE", path: "/admin/sessions/{id}", needs: keys.Admin, serve: s.everywhere(lists.RemoveOne)},
		{method: "POST", path: "/mcp", serve: s.serveMCP}, // its tools need what their routes need
		{method: "GET", path: "/livez", needs: rightOpen, serve: s.livez, quiet: true},
		{method: "GET", path: "/healthz", needs: rightOpen, serve: s.livez, quiet: true},
		{method: "GET", path: "/readyz", needs: rightOpen, serve: s.readyz, quiet: true},
		{method: "GET", path: "/openapi.yaml", needs: rightOpen, serve: s.openapi},
		{method: "GET", path: "/info", serve: s.info},
		{method: "GET", path: "/capacity", serve: s.capacity},
		{method: "GET", path: "/tty", needs: keys.Execute, serve: s.tty, queues: true},
	}
	routes = append(routes, s.jobRoutes()...)
	if s.cfg.AdminListen == "" {
		routes = append(routes, route{method: "GET", path: "/metrics", needs: keys.Admin, quiet: true, serve: func(w http.ResponseWriter, r *http.Request, _ *exchange) error {
			s.metrics.Handler().ServeHTTP(w, r)
			return nil
		}})
	}
	return routes
}

// exchange is one request and its answer, for the log and the metrics. Handlers fill
// it in.
type exchange struct {
	id         string
	route      string // empty: none
	api        string // the drop-in API that it belongs to; empty: none
	quiet      bool
	key        *keys.Key       // nil: it is not known, or there are no keys
	party      keys.Party      // set once it is known
	outer      *exchange       // the request to /mcp that this one belongs to, or nil
	life       context.Context // ends when the request's secret is revoked; nil without keys
	verdict    protocol.Status // empty: no script was run
	limit      protocol.Limit  // that the script went over; empty: none
	raised     string          // the type of its exception; empty: none
	timing     api.Timing
	began      time.Time
	parse      time.Duration // how long reading and decoding the request took
	until      time.Time     // until when a request of a drop-in API waits; zero: it is none
	patience   time.Duration // how long the client waits for its answer; 0: it does not say
	queue      time.Duration // how long the client waits for its turn in a session; 0: it does not wait
	queued     time.Duration // how long it waited for that
	waited     time.Duration // how long it waited in vain for a cell
	err        error
	profile    string            // empty: none
	parent     string            // the client's traceparent, passed to the script if tracing is off
	exemplar   prometheus.Labels // nil: none
	collecting time.Time         // when collecting began; zero: no span needs it
	ticket     *line.Ticket      // its place in line, once it has one
	gone       <-chan struct{}   // closed when its cell has ended; nil: it had none
	claimed    time.Time         // when it got its cell; zero: not yet
	late       *time.Timer       // gives back its place before it leaves; nil: not set
	done       func()            // called after the request is logged, if set
	batch      *batches.Summary  // nil: it is none
	behind     bool              // it is a run that all other requests pass
	held       int64             // bytes of its body and of its answer
	node       string            // that it was passed on to; empty: none
	here       bool              // it is for this node alone
}

type exchangeKey struct{}

// exchangeOf returns the exchange of a request, which observe has made.
func exchangeOf(r *http.Request) *exchange { return r.Context().Value(exchangeKey{}).(*exchange) }

// handler serves all routes of the main listener.
func (s *Service) handler() http.Handler {
	router := mux.NewRouter().SkipClean(true) // otherwise //execute is redirected, and a POST becomes a GET
	methods := make(map[string][]string)      // by path
	paths := mux.NewRouter().SkipClean(true)
	quiet := make(map[string]bool) // by path
	s.claimed(router)
	if s.cfg.Playground {
		router.MatcherFunc(func(r *http.Request, _ *mux.RouteMatch) bool { return playground.IsFor(r) }).Handler(wrap(s.page))
	}
	for _, route := range s.routes() {
		allowed := []string{route.method}
		if route.method == "GET" {
			allowed = append(allowed, "HEAD")
		}
		quiet[route.path] = route.quiet
		methods[route.path] = append(methods[route.path], allowed...)
		if paths.Get(route.path) == nil {
			paths.Path(matched(route.path)).Name(route.path)
		}
		// Match the path first: mux forgets that a method did not match if another
		// route's method matches before its path does not.
		router.Path(matched(route.path)).Methods(allowed...).Handler(wrap(func(w http.ResponseWriter, r *http.Request, x *exchange) error {
			x.route, x.quiet = route.path, route.quiet
			if err := s.authorize(r, x, route.needs); err != nil {
				return err
			}
			x.party = s.partyOf(r, x)
			passed, err := s.elsewhere(w, r, x, route)
			if passed { // the other node counts it
				return err
			}
			if route.needs == keys.Execute || route.needs == keys.Sessions {
				if late := refusals.TakeTurn(x.key, time.Now()); late != nil {
					return late
				}
			}
			if err != nil {
				return err
			}
			if route.queues {
				if err := s.refuseEarly(r, x); err != nil {
					return err
				}
			}
			return route.serve(w, r, x)
		}))
	}
	s.mount(router)
	router.NotFoundHandler = wrap(func(_ http.ResponseWriter, r *http.Request, _ *exchange) error {
		return api.Refuse(api.CodeNotFound, "there is nothing at %s", api.Shorten(r.URL.Path))
	})
	router.MethodNotAllowedHandler = wrap(func(_ http.ResponseWriter, r *http.Request, _ *exchange) error {
		var match mux.RouteMatch
		paths.Match(r, &match)
		allowed := strings.Join(methods[match.Route.GetName()], ", ")
		p := api.Refuse(api.CodeMethodNotAllowed, "%s takes %s", api.Shorten(r.URL.Path), allowed)
		p.Allow = allowed
		return p
	})
	return s.tracing.Around(s.observe(router), quiet)
}

// matched returns a route's path as mux has it: the path of a file has slashes, and may
// have line feeds, which its handler refuses.
func matched(path string) string { return strings.Replace(path, "/{path}", "/{path:(?s:.+)}", 1) }

// wrap makes an http.Handler of one that returns an error; it must run within
// observe.
func wrap(serve func(http.ResponseWriter, *http.Request, *exchange) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r)
		x.err = serve(w, r, x)
	})
}

var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// observe wraps the handling of every request: it sets the request id, writes the
// problem if there is one, logs one line, and updates the metrics.
func (s *Service) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		x := &exchange{id: r.Header.Get("X-Request-Id"), began: began, patience: api.Wait(r.Header), queue: api.Queue(r.Header)}
		if !saneID.MatchString(x.id) {
			x.id = rand.Text()
		}
		if x.outer, _ = r.Context().Value(exchangeKey{}).(*exchange); x.outer != nil {
			x.api, x.until, x.here = x.outer.api, compat.Until(r.Context()), x.outer.here || compat.IsHere(r.Context())
		}
		if x.here = x.here || forward.Marked(r.Header); x.here && x.outer != nil {
			forward.Mark(r.Header)
		}
		s.beginTrace(r, x)
		header := w.Header()
		header.Set("X-Request-Id", x.id)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		record := &conns.Recorder{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
		received := conns.Count(r)
		serveRecovered(next, record, r, x)
		p := x.problem()
		if errors.Is(x.err, api.ErrClientGone) { // a client that is still there must not mistake this for a complete answer
			conns.Abort(w)
		}
		switch {
		case record.Status != 0:
		case errors.Is(x.err, api.ErrClientGone):
			record.Status = statusClientGone
		case p != nil:
			p.Write(record, x.id)
			if errors.Is(x.err, api.ErrCutShort) { // nobody is likely to read it
				record.Status, p = statusClientGone, nil
			}
		}
		complete := record.Complete() && record.Status != statusClientGone
		took := time.Since(began)
		s.measure(x, record.Status, p, took)
		s.endTrace(r, x, p)
		s.logRequest(r, x, record, received(), complete, p, took)
		if x.done != nil {
			x.done()
		}
		budget.Freed(x.held)
	})
}

// statusClientGone is only for the log and the metrics, since the client is gone.
// Other servers use the same number.
const statusClientGone = 499

// serveRecovered serves the request, and turns a panic into the exchange's error.
func serveRecovered(next http.Handler, w http.ResponseWriter, r *http.Request, x *exchange) {
	defer panics.Caught(func(err error) { x.err = err })
	next.ServeHTTP(w, r)
}

// problem returns the problem for the client: nil if there is none, or if the client
// is gone.
func (x *exchange) problem() *api.Problem {
	var p *api.Problem
	switch {
	case x.err == nil, errors.Is(x.err, api.ErrClientGone):
		return nil
	case errors.As(x.err, &p):
		return p
	default: // unexpected
		return api.Internal(x.err)
	}
}

// logRequest writes the one log line of a request.
func (s *Service) logRequest(r *http.Request, x *exchange, record *conns.Recorder, received int64, complete bool, p *api.Problem, took time.Duration) {
	var more []slog.Attr
	if x.batch != nil {
		more = append(more, slog.Int("cases", x.batch.Cases), slog.Int("not_run", x.batch.NotRun), slog.Any("verdicts", x.batch.Counts))
	}
	within := ""
	if x.outer != nil {
		within = x.outer.id
	}
	if x.node != "" {
		more = append(more, slog.String("node", x.node))
	}
	logline.Request{
		ID: x.id, Within: within, Key: x.key.Owner(), API: x.api, Profile: x.profile, Verdict: string(x.verdict), Limit: string(x.limit), ErrorType: x.raised,
		TraceID: tracing.ID(r.Context(), x.parent), Status: record.Status, Received: received, Sent: record.Bytes, Complete: complete, Took: took, Timing: x.timing, Problem: p, Quiet: x.quiet,
	}.Write(s.log, r, more...)
}
