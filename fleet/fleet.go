// Package fleet tells the nodes of a service of each other, over NATS: who is there, where,
// and how much each can take. It knows nothing of what they serve.
//
//	fleet.go   a node's own part: its token, what it tells
//	table.go   what it has heard of the others
//	claims.go  names that at most one node has
package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Config says who a node is.
type Config struct {
	Node      string // its name, for people
	Advertise string // host:port at which other nodes reach it; empty: they do not
	Version   string
	Replicas  int // of each claim in the cluster
	Log       *slog.Logger
	Every     time.Duration // how often it tells what it can take; 0: [Every]

	// State returns what the others are to know now. It is called by a goroutine of the
	// fleet's.
	State func() State
	// Hear takes what a node says by [Fleet.Say], this one's own words included. It may be nil.
	Hear func(topic, what string)
}

// Every is how often a node is heard. One that is silent for five times as long is gone.
const Every = 2 * time.Second

const silences = 5

// State is what changes about a node.
type State struct {
	Draining bool     `json:"draining"` // it ends soon, and takes nothing new
	Capacity Capacity `json:"capacity"`
}

// Capacity is how much a node runs, and how much it can take.
type Capacity struct {
	Running    int                `json:"running"`
	Waiting    int                `json:"waiting"`
	MaxRunning int                `json:"max_running"`
	Suggested  int                `json:"suggested"` // that keep its processors busy
	Profiles   map[string]Profile `json:"profiles"`
}

// Profile counts warm cells.
type Profile struct {
	Ready  int `json:"ready"`
	Target int `json:"target"`
}

// Node is a node as the others see it.
type Node struct {
	Name      string `json:"name"`
	Token     string `json:"token"` // of this run of it
	Advertise string `json:"advertise"`
	Version   string `json:"version"`
	State
}

// Fleet is a node's view of all nodes. Its methods are safe for concurrent use.
type Fleet struct {
	cfg    Config
	token  string
	table  table
	claims claims
	asked  chan struct{}   // somebody wants to know now
	life   context.Context // ends when it leaves
	stop   context.CancelFunc
	left   sync.Once
	all    sync.WaitGroup
	conn   *nats.Conn // nil: it has not joined
}

// New returns a fleet in which nobody is known yet.
func New(cfg Config) *Fleet {
	if cfg.Every == 0 {
		cfg.Every = Every
	}
	token := rand.Text()[:TokenLength]
	life, stop := context.WithCancel(context.Background())
	return &Fleet{
		cfg: cfg, token: token, table: table{own: token, name: cfg.Node, silence: silences * cfg.Every, log: cfg.Log, nodes: make(map[string]heard)},
		claims: claims{opened: make(chan struct{}), failed: make(chan struct{}), held: make(map[string]*Claim)},
		asked:  make(chan struct{}, 1), life: life, stop: stop,
	}
}

// TokenLength is how many characters tokens have: letters, and digits from 2 to 7.
const TokenLength = 8

// Token returns the token of this run of the node. A restart has another: what belonged to
// the one before is lost, and nobody takes it for something of the new one.
func (f *Fleet) Token() string { return f.token }

// subject is followed by a node's token. What is sent there is not stored.
const subject = "hotcell.nodes."

// maxMessage bounds what is read of a node, in bytes.
const maxMessage = 64 << 10

// message is what nodes tell each other.
type message struct {
	Node
	Asks   bool `json:"asks,omitempty"`   // it wants to hear from the others at once
	Leaves bool `json:"leaves,omitempty"` // it is heard for the last time
}

// Join begins to tell and to listen. The connection is the fleet's from now on; it may be
// one that is not connected yet.
func (f *Fleet) Join(conn *nats.Conn) error {
	f.conn = conn
	if _, err := conn.Subscribe(subject+"*", func(m *nats.Msg) { f.hear(m) }); err != nil {
		return fmt.Errorf("join the fleet: %w", err)
	}
	if f.cfg.Hear != nil {
		if _, err := conn.Subscribe(said+"*", func(m *nats.Msg) { f.cfg.Hear(m.Subject[len(said):], string(m.Data)) }); err != nil {
			return fmt.Errorf("join the fleet: %w", err)
		}
	}
	f.all.Go(f.tell)
	f.all.Go(f.keepClaims)
	return nil
}

// tell tells of this node until it leaves.
func (f *Fleet) tell() {
	ticker := time.NewTicker(f.cfg.Every)
	defer ticker.Stop()
	for {
		f.publish(message{Asks: !f.table.hears(time.Now())})
		pause := time.After(f.cfg.Every / 20) // whoever reaches the cluster may ask without end
		select {
		case <-f.life.Done():
			return
		case <-ticker.C:
			continue
		case <-f.asked:
		}
		select {
		case <-f.life.Done():
			return
		case <-pause:
		}
	}
}

func (f *Fleet) publish(m message) {
	m.Node = Node{Name: f.cfg.Node, Token: f.token, Advertise: f.cfg.Advertise, Version: f.cfg.Version, State: f.cfg.State()}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // it has only texts and numbers
	}
	_ = f.conn.Publish(subject+f.token, text) // if it cannot be sent, the next may be
}

// hear takes a message of a node's, or of this one's own.
func (f *Fleet) hear(m *nats.Msg) {
	var told message
	if len(m.Data) > maxMessage || json.Unmarshal(m.Data, &told) != nil || m.Subject != subject+told.Token {
		return
	}
	f.table.take(told, time.Now())
	if told.Asks && told.Token != f.token {
		f.Tell()
	}
}

// Tell tells the others soon of what has changed.
func (f *Fleet) Tell() {
	select {
	case f.asked <- struct{}{}:
	default: // it is about to
	}
}

// said is followed by a topic. What is sent there is not stored.
const said = "hotcell.said."

// Say tells all nodes something about a topic, a word of letters and digits. It may be lost:
// they must find out later without it.
func (f *Fleet) Say(topic, what string) {
	if f.conn != nil {
		_ = f.conn.Publish(said+topic, []byte(what))
	}
}

// Find returns the node with a token. The error is [ErrUnsure] or [ErrGone].
func (f *Fleet) Find(token string) (Node, error) { return f.table.find(token, time.Now()) }

// Others returns the other nodes, by their names.
func (f *Fleet) Others() []Node { return f.table.others(time.Now()) }

// Leave tells the others that this node is gone, and closes the connection. It may be called
// again.
func (f *Fleet) Leave() {
	if f.conn != nil {
		f.left.Do(f.leave)
	}
}

func (f *Fleet) leave() {
	f.stop()
	f.all.Wait()
	f.publish(message{Leaves: true})
	if f.conn.IsConnected() { // otherwise they notice in a while
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = f.conn.FlushWithContext(ctx)
	}
	f.conn.Close()
}
