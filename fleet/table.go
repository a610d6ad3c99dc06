package fleet

import (
	"cmp"
	"errors"
	"log/slog"
	"maps"
	"net"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Why a node is not found.
var (
	ErrGone   = errors.New("the node has ended")
	ErrUnsure = errors.New("the node has not been heard of, and this one may not hear all")
)

// maxNodes bounds the table.
const maxNodes = 1000

// heard is a node, and when it was heard last.
type heard struct {
	Node
	at time.Time
}

// table is what a node knows of the others. It hears itself, too: that is how it knows that
// it hears. A node that was cut off must not take all others for dead.
type table struct {
	own     string // token
	name    string // its own
	silence time.Duration
	log     *slog.Logger

	mu    sync.Mutex       // guards what follows
	nodes map[string]heard // by token, without its own
	at    time.Time        // when it heard itself last; zero: never
	since time.Time        // since when it has heard itself without a pause
}

var validToken = regexp.MustCompile(`^[A-Z2-7]{8}$`)

// take takes what a node tells.
func (t *table) take(told message, now time.Time) {
	if !validToken.MatchString(told.Token) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if told.Token == t.own {
		if now.Sub(t.at) >= t.silence/2 {
			t.since = now
		}
		t.at = now
		return
	}
	maps.DeleteFunc(t.nodes, func(_ string, node heard) bool { return now.Sub(node.at) >= t.silence })
	if told.Leaves {
		delete(t.nodes, told.Token)
		return
	}
	_, known := t.nodes[told.Token]
	if !known && len(t.nodes) >= maxNodes {
		return
	}
	if _, _, err := net.SplitHostPort(told.Advertise); err != nil {
		told.Advertise = ""
	}
	t.nodes[told.Token] = heard{told.Node, now}
	if known {
		return
	}
	t.log.Info("a node is there", "node", told.Name, "token", told.Token, "address", told.Advertise, "node_version", told.Version)
	if told.Name == t.name {
		t.log.Error("another node has this one's name: each needs a name of its own (setting node)", "node", told.Name, "address", told.Advertise)
	}
}

// hears reports whether what this node tells reaches it.
func (t *table) hears(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return now.Sub(t.at) < t.silence/2
}

// find returns the node with a token.
func (t *table) find(token string, now time.Time) (Node, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	node, known := t.nodes[token]
	switch {
	case known && now.Sub(node.at) < t.silence:
		return node.Node, nil
	case now.Sub(t.at) < t.silence/2 && t.at.Sub(t.since) >= t.silence:
		return Node{}, ErrGone
	default:
		return Node{}, ErrUnsure
	}
}

// others returns the nodes that are there, by their names.
func (t *table) others(now time.Time) []Node {
	t.mu.Lock()
	defer t.mu.Unlock()
	var nodes []Node
	for _, node := range t.nodes {
		if now.Sub(node.at) < t.silence {
			nodes = append(nodes, node.Node)
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Token, b.Token)) })
	return nodes
}
