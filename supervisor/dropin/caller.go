package dropin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/bodies"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/line"
)

// Config says who has sent a request.
type Config struct {
	Service config.Config
	Own     config.Profile // the default profile of the caller's key, with the key's limits
	Key     bool           // there are keys
	Name    string         // of the key
	Line    *line.Line
	Party   line.Party

	Handler http.Handler                                                // the service's own
	Context func(context.Context) context.Context                       // of a request to it
	Live    func(context.Context) (context.Context, context.CancelFunc) // see [compat.Caller.Live]
	Ending  <-chan struct{}                                             // see [compat.Caller.Ending]
	Turn    func(ctx context.Context, bytes int, work func()) error     // see [compat.Service]
	Explain func(ctx context.Context, err error) error                  // turns an error of the line into a problem
	Token   string                                                      // see [compat.Caller.Node]
	Tell    func(what string)                                           // see [compat.Caller.Tell]

	// Others asks the other nodes: see [compat.Caller.Everywhere], and forward.
	Others func(hold func(bytes int64) error, take func(answer []byte) error) (silent []string, err error)

	W http.ResponseWriter
	R *http.Request
}

// Caller implements [compat.Service].
type Caller struct {
	Config
	held *line.Reservation // nil: the service ends
}

// Open returns the caller of a request, which waits until there is memory for it. The
// caller must call done.
func Open(c Config, wait time.Duration) (caller *Caller, done func(), err error) {
	held, err := c.Line.Hold(c.Party, 0)
	if err != nil {
		return nil, nil, c.Explain(c.R.Context(), err)
	}
	caller = &Caller{Config: c, held: held}
	if err := Grow(c.R.Context(), held, budget.CompatBytes, caller.until(wait)); err != nil {
		held.Release()
		return nil, nil, c.Explain(c.R.Context(), err)
	}
	return caller, held.Release, nil
}

func (c *Caller) until(wait time.Duration) time.Time {
	return time.Now().Add(min(wait, c.Service.CompatMaxWait))
}

// Authorization returns the header with the caller's key.
func (c *Caller) Authorization() string {
	if !c.Key {
		return ""
	}
	return c.R.Header.Get("Authorization")
}

// Node returns the token of this node.
func (c *Caller) Node() string { return c.Token }

// Tell tells the API on the other nodes something.
func (c *Caller) Tell(what string) { c.Config.Tell(what) }

// listWait is how long an answer of another node waits for memory: as long as the node is asked.
const listWait = 5 * time.Second

// Everywhere takes what the other nodes answer to the same request. It counts the memory.
func (c *Caller) Everywhere(take func(answer []byte) error) error {
	var short atomic.Pointer[error]
	_, err := c.Others(func(bytes int64) error { // these APIs have no words for those who are silent
		err := c.Hold(budget.RelayedAnswerCopies*bytes, listWait)
		if err != nil {
			short.Store(&err)
		}
		return err
	}, take)
	if refused := short.Load(); refused != nil && err == nil {
		return *refused
	}
	return err
}

// Owner returns the name of the caller's key.
func (c *Caller) Owner() string { return c.Name }

// MaxWait returns how long a request waits at most, whatever its handler says.
func (c *Caller) MaxWait() time.Duration { return c.Service.CompatMaxWait }

// Var returns a part of the path.
func (c *Caller) Var(name string) string { return mux.Vars(c.R)[name] }

// Limits returns the limits of the caller's key.
func (c *Caller) Limits() compat.Limits {
	return compat.Limits{
		Default: limitsOf(config.Amounts(c.Own.Default)), Max: limitsOf(config.Amounts(c.Own.Max)),
		SessionTTL: c.Service.SessionTTL, SessionIdle: c.Service.SessionIdle,
	}
}

func limitsOf(amounts map[string]int64) (l client.Limits) {
	text, err := json.Marshal(amounts)
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil {
		panic(err) // it has only numbers
	}
	return l
}

// Live returns the context of a connection that was upgraded.
func (c *Caller) Live(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.Config.Live(context.WithoutCancel(ctx))
}

// Ending returns a channel that is closed when the service begins to end.
func (c *Caller) Ending() <-chan struct{} { return c.Config.Ending }

// Part returns a caller with memory of its own.
func (c *Caller) Part() (compat.Service, func()) {
	held, err := c.Line.Hold(c.Party, 0)
	if err != nil {
		return &Caller{Config: c.Config}, func() {} // its requests are refused
	}
	return &Caller{Config: c.Config, held: held}, held.Release
}

// Hold counts memory.
func (c *Caller) Hold(bytes int64, wait time.Duration) error {
	if c.held == nil {
		return errEnding
	}
	if err := Grow(c.R.Context(), c.held, bytes, c.until(wait)); err != nil {
		return c.Explain(c.R.Context(), err)
	}
	return nil
}

// Turn does work on bytes of the caller's.
func (c *Caller) Turn(bytes int, work func()) error {
	if err := c.Config.Turn(c.R.Context(), bytes, work); err != nil {
		return c.Explain(c.R.Context(), err)
	}
	return nil
}

// errEnding is why a part of a caller has no memory.
var errEnding = errors.New("the service is shutting down")

// RoundTrip passes a request of the caller's to the service's own handler. It implements
// [http.RoundTripper].
func (c *Caller) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.held == nil {
		return nil, errEnding
	}
	ctx := c.Context(r.Context())
	take := func(bytes int64) error { return Grow(ctx, c.held, bytes, c.until(c.Service.CompatMaxWait)) }
	return Inside{c.Handler}.RoundTrip(r.WithContext(Within(ctx, c.W, c.R, take)))
}

// Body reads the body, and waits for the memory.
func (c *Caller) Body(wait time.Duration) ([]byte, error) {
	until, most := c.until(wait), int64(c.Service.MaxBody)
	var refused error
	body, err := []byte(nil), error(bodies.ErrOverLimit)
	if c.R.ContentLength <= most {
		body, err = bodies.ReadAll(c.R.Body, c.R.ContentLength, most, func(more int64) error {
			refused = Grow(c.R.Context(), c.held, budget.RelayedCopies*more, until)
			return refused
		})
	}
	switch {
	case refused != nil:
		return nil, c.Explain(c.R.Context(), refused)
	case errors.Is(err, bodies.ErrOverLimit):
		return nil, api.Refuse(api.CodeTooLarge, "the body exceeds the maximum of %d bytes", most)
	case err != nil:
		return nil, api.Refuse(api.CodeInvalidRequest, "the body is incomplete: it ended early or arrived too slowly")
	}
	return body, nil
}
