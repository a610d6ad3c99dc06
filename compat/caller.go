package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/hotcell/hotcell/client"
)

// Caller is the sender of a request, for whom the handler asks hotcell. Each request has
// its own.
type Caller struct {
	// Patience is how long each request to hotcell waits: in line for a cell, and to be
	// tried again after a refusal for want of places, memory or sessions. Set it to what
	// the client's own timeout leaves. The setting compat_max_wait bounds it.
	Patience time.Duration

	service Service
	client  *client.Client
}

// Service is what hotcell gives to a caller.
type Service interface {
	http.RoundTripper                           // to the routes of hotcell's own API
	Authorization() string                      // the caller's; empty: there are no keys
	Owner() string                              // a name for the caller's key
	Node() string                               // this node's token; empty: it is the only one
	Everywhere(take func([]byte) error) error   // takes what other nodes answer to the same request
	Tell(what string)                           // tells this API on all nodes something
	MaxWait() time.Duration                     // the setting compat_max_wait
	Var(name string) string                     // what a name in the route's path stands for
	Body(wait time.Duration) ([]byte, error)    // reads the body, and counts its memory
	Hold(bytes int64, wait time.Duration) error // counts memory until the request ends
	Turn(bytes int, work func()) error          // does work on so many bytes when it is the caller's turn
	Limits() Limits
	Live(ctx context.Context) (context.Context, context.CancelFunc)
	Ending() <-chan struct{}
	Part() (part Service, done func())
}

// Limits are what the caller may ask for.
type Limits struct {
	Default, Max            client.Limits
	SessionTTL, SessionIdle time.Duration
}

// NewCaller returns the caller of a request.
func NewCaller(service Service, patience time.Duration) *Caller {
	c := &Caller{Patience: patience, service: service}
	hotcell, err := client.New("http://hotcell", client.Options{HTTP: &http.Client{Transport: patient{service, c}, CheckRedirect: client.NoRedirect}})
	if err != nil {
		panic(err) // the address is a constant
	}
	c.client = hotcell.WithAuthorization(service.Authorization())
	return c
}

// Client asks hotcell with the caller's key, within this process. When a request's context
// ends, so does what it asked for. Answers belong to the memory of the caller.
func (c *Caller) Client() *client.Client { return c.client }

// Session returns a session of the caller's, whose calls and transfers wait in line for their
// turns, as long as the caller's patience.
func (c *Caller) Session(id string) (*client.Session, error) {
	session, err := c.client.Session(id)
	if err != nil {
		return nil, err
	}
	return session.Queue(min(c.Patience, c.service.MaxWait())), nil
}

// Owner names the caller's key. Callers with the same name may see the same sessions.
func (c *Caller) Owner() string { return c.service.Owner() }

// Node returns the token of this node, for what only this one knows: eight letters, and
// digits from 2 to 7. It is empty if there is only this node.
func (c *Caller) Node() string { return c.service.Node() }

// Everywhere takes what the other nodes answer to the caller's request, one after the other,
// for lists. The request has no body. Those that cannot be reached are left out, and those
// whose answer take refuses; the log names them.
func (c *Caller) Everywhere(take func(answer []byte) error) error {
	return c.service.Everywhere(take)
}

// Tell tells this API on the other nodes something, which [API.Hear] gets there. It may be
// lost: they must find out later without it.
func (c *Caller) Tell(what string) { c.service.Tell(what) }

type hereKey struct{}

// Here returns a context for requests to hotcell that are about this node alone.
func Here(ctx context.Context) context.Context { return context.WithValue(ctx, hereKey{}, true) }

// IsHere reports whether a context is one of [Here].
func IsHere(ctx context.Context) bool { return ctx.Value(hereKey{}) != nil }

// Var returns the part of the path that a name in [Route.Path] stands for.
func (c *Caller) Var(name string) string { return c.service.Var(name) }

// Limits returns the limits of the caller's default profile.
func (c *Caller) Limits() Limits { return c.service.Limits() }

// Body reads the body, of at most the setting max_body. Handlers that pass a body on
// read it from the request instead, piece by piece.
func (c *Caller) Body() ([]byte, error) { return c.service.Body(c.Patience) }

// Hold counts memory that the handler holds until the request ends, besides the body and
// answers in JSON, which are counted: for example of a file that it reads whole.
func (c *Caller) Hold(bytes int64) error { return c.service.Hold(bytes, c.Patience) }

// JSON reads the body as JSON.
func (c *Caller) JSON(into any) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return Refuse(client.CodeInvalidJSON, "the body must be a JSON object")
	}
	var unread error
	if err := c.service.Turn(len(body), func() {
		if unread = errNotUTF8; utf8.Valid(body) { // decoded, each wrong byte would be three
			unread = json.Unmarshal(body, into)
		}
	}); err != nil {
		return err
	}
	if unread != nil {
		return unfit(unread, into)
	}
	return nil
}

// Live returns the context for the time after an upgrade to another protocol, when the
// request's own no longer tells anything. It ends when the service does, or when the
// caller's key is revoked.
func (c *Caller) Live(ctx context.Context) (context.Context, context.CancelFunc) {
	return c.service.Live(ctx)
}

// Ending returns a channel that is closed when the service begins to end. What runs may go
// on for a while; a connection on which nothing runs is to end.
func (c *Caller) Ending() <-chan struct{} { return c.service.Ending() }

// Part returns a caller whose memory is given back by done: for one message of a long
// connection.
func (c *Caller) Part() (part *Caller, done func()) {
	service, done := c.service.Part()
	return NewCaller(service, c.Patience), done
}

// Clip returns limits that are at most the caller's maxima.
func (c *Caller) Clip(l client.Limits) *client.Limits {
	most := c.Limits().Max
	for _, limit := range []struct{ is, most *int64 }{
		{&l.WallMS, &most.WallMS}, {&l.CPUMS, &most.CPUMS}, {&l.MemoryBytes, &most.MemoryBytes}, {&l.OutputBytes, &most.OutputBytes},
		{&l.ResultBytes, &most.ResultBytes}, {&l.FilesBytes, &most.FilesBytes}, {&l.OutputsBytes, &most.OutputsBytes},
		{&l.DiskBytes, &most.DiskBytes}, {&l.Processes, &most.Processes}, {&l.InterruptGraceMS, &most.InterruptGraceMS},
	} {
		*limit.is = min(*limit.is, *limit.most)
	}
	return &l
}
