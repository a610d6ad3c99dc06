// Package forward passes the calls of a session on to the node that has it, and tells what
// all nodes can take.
//
//	forward.go     joining the fleet; which node has a session
//	claims.go      ids of sessions that clients have chosen
//	pass.go        passing a request on
//	everywhere.go  asking all nodes the same
//	lists.go       the sessions of all nodes
//	capacity.go    what all nodes can take
package forward

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/jobs/cluster"
	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/config"
)

// Config is what forwarding needs of the service.
type Config struct {
	Settings config.Config
	Log      *slog.Logger
	State    func() fleet.State       // of this node
	Runs     context.Context          // ends when what runs is killed, with the reason as its cause
	Every    time.Duration            // see [fleet.Config]
	Hear     func(topic, what string) // likewise
}

// Nodes are all nodes of a service, seen from one. nil: there is only this one.
type Nodes struct {
	cfg    Config
	fleet  *fleet.Fleet
	places places
	out    *http.Transport
}

// New returns the nodes of a service, or nil if its settings name no cluster.
func New(cfg Config) *Nodes {
	s := cfg.Settings
	if s.Nats == "" {
		return nil
	}
	if s.Node == "" {
		s.Node, _ = os.Hostname() // empty if there is none: it is for people
	}
	cfg.Settings = s
	return &Nodes{
		cfg:    cfg,
		fleet:  fleet.New(fleet.Config{Node: s.Node, Advertise: s.Advertise, Version: s.Version, Replicas: s.NatsReplicas, Log: cfg.Log, Every: cfg.Every, State: cfg.State, Hear: cfg.Hear}),
		places: places{taken: make(map[string]int)},
		out:    transport(),
	}
}

// Join makes this node known to the others. If nobody answers at the cluster's address, it
// goes on trying.
func (n *Nodes) Join() error {
	if n == nil {
		return nil
	}
	s := n.cfg.Settings
	conn, err := cluster.Dial(cluster.Config{
		URL: s.Nats, Credentials: s.NatsCredentials, CA: s.NatsCA, Cert: s.NatsCert, Key: s.NatsKey, Node: s.Node, Log: n.cfg.Log,
	})
	if err == nil {
		err = n.fleet.Join(conn)
	}
	if err != nil {
		return fmt.Errorf("join the fleet at %s: %w", s.Nats, err)
	}
	return nil
}

// Tell tells the others soon that this node has begun to drain.
func (n *Nodes) Tell() {
	if n != nil {
		n.fleet.Tell()
	}
}

// Say tells all nodes something: see [fleet.Fleet.Say].
func (n *Nodes) Say(topic, what string) {
	if n != nil {
		n.fleet.Say(topic, what)
	}
}

// Leave tells the others that this node is gone.
func (n *Nodes) Leave() {
	if n != nil {
		n.fleet.Leave()
	}
}

// Ids of sessions begin with their node's token, and are shorter than what the log takes for
// a secret. They have no address: clients would learn the network, and a forged one would make
// the service connect anywhere.
const random = 22 // characters, each of 5 bits

var withToken = regexp.MustCompile(fmt.Sprintf("^[A-Z2-7]{%d}-[A-Z2-7]{%d}$", fleet.TokenLength, random))

// NewID returns the id of a session whose owner has chosen none.
func (n *Nodes) NewID() string {
	if n == nil {
		return rand.Text()
	}
	return n.fleet.Token() + "-" + rand.Text()[:random]
}

// Reserves reports whether an id that a client has chosen looks like those of [Nodes.NewID].
func (n *Nodes) Reserves(id string) bool { return n != nil && withToken.MatchString(id) }

// header marks a request that another node has passed on. Who gets one passes it on to
// nobody, and trusts it no more than any other.
const header = "Hotcell-Forwarded"

// Marked reports whether a request is for this node alone.
func Marked(h http.Header) bool { return h.Get(header) != "" }

// Mark makes a request one for this node alone.
func Mark(h http.Header) { h.Set(header, "here") }

// Find returns the node that has a session of an owner's which this one does not have: nil if
// it would be this one, or none has. The error is a problem: its node is gone, nobody knows,
// or the request cannot be passed on.
func (n *Nodes) Find(r *http.Request, owner, id string) (node *fleet.Node, err error) {
	switch {
	case n == nil:
		return nil, nil
	case withToken.MatchString(id):
		return n.Named(r, id[:fleet.TokenLength])
	case !Marked(r.Header):
		node, err = n.holder(r, owner, id)
	}
	return reachable(r, node, err)
}

// reachable returns a node unless a request cannot be passed on to it.
func reachable(r *http.Request, node *fleet.Node, err error) (*fleet.Node, error) {
	if node != nil && (node.Advertise == "" || Marked(r.Header)) {
		p := api.Refuse(api.CodeMisdirected, "node %q has the session: send the request there", node.Name)
		p.Node = node.Name
		return nil, p
	}
	return node, err
}

// Token returns the token of this node; empty: there is only this one.
func (n *Nodes) Token() string {
	if n == nil {
		return ""
	}
	return n.fleet.Token()
}

// Named returns the node with a token, as [Nodes.Find] does. There may be no such node.
func (n *Nodes) Named(r *http.Request, token string) (*fleet.Node, error) {
	if n == nil || token == "" || token == n.fleet.Token() {
		return nil, nil
	}
	node, err := n.fleet.Find(token)
	switch {
	case errors.Is(err, fleet.ErrGone):
		return nil, api.Refuse(api.CodeGone, "the session's node has ended")
	case err != nil:
		return nil, unavailable("whether the session's node is there is not known yet", err)
	}
	return reachable(r, &node, nil)
}

func unavailable(detail string, cause error) *api.Problem {
	p := api.Refuse(api.CodeUnavailable, "%s", detail)
	p.RetryAfter, p.Cause = time.Second, cause
	return p
}
