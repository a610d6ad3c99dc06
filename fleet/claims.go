package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Claims are messages of a stream that is a KV bucket to others, the last one of each name.
const (
	claimsStream  = "KV_hotcell-claims"
	claimsSubject = "$KV.hotcell-claims."
)

const (
	claimTime = 2 * time.Second // for the cluster to answer
	openTime  = 5 * time.Second // for it to make the stream
	overTTL   = time.Hour       // how long others learn which node had a name
)

// ErrTaken is why a name cannot be claimed.
var ErrTaken = errors.New("another node has the name")

// claimed is what a claim says.
type claimed struct {
	Node  string `json:"node"`           // the token of the node that has the name
	Claim string `json:"claim"`          // which of its claims this is
	Over  bool   `json:"over,omitempty"` // it has had the name, and can tell what became of it

	revision uint64
}

// Claim is a name that this node has.
type Claim struct {
	fleet *Fleet
	name  string
	id    string // tells it from others of that name
	ttl   time.Duration
	lost  func()

	unknown bool // whether it was written is not known: it is freed if it was

	mu       sync.Mutex // guards what follows; held for short times only
	revision uint64     // 0: not known
	freed    bool
	over     bool // it is freed by saying so
}

// claims are the names of this node. What cannot be said to the cluster now is said later.
type claims struct {
	opened chan struct{} // closed once stream is set
	failed chan struct{} // closed once it could not be opened; it may be later
	js     jetstream.JetStream
	stream jetstream.Stream

	mu   sync.Mutex
	held map[string]*Claim // by name
}

// keepClaims opens the stream, and then looks after the claims until the node leaves.
func (f *Fleet) keepClaims() {
	for told := false; ; told = true {
		err := f.openClaims()
		if err == nil {
			break
		}
		if !told && f.life.Err() == nil {
			f.cfg.Log.Warn("names cannot be claimed in the cluster yet; trying again", "error", err)
			close(f.claims.failed)
		}
		if !f.pause(f.cfg.Every) {
			return
		}
	}
	for f.pause(silences * f.cfg.Every) {
		f.restoreClaims()
		for _, c := range f.claims.all() {
			if err := c.lookAfter(f.life); err != nil { // the cluster does not answer
				break
			}
		}
	}
}

// pause waits, and reports whether the node has not left meanwhile.
func (f *Fleet) pause(d time.Duration) bool {
	select {
	case <-f.life.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (f *Fleet) openClaims() error {
	ctx, cancel := context.WithTimeout(f.life, openTime)
	defer cancel()
	js, err := jetstream.New(f.conn)
	if err != nil {
		return err
	}
	replicas := max(1, f.cfg.Replicas)
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: claimsStream, Subjects: []string{claimsSubject + "*"}, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, AllowMsgTTL: true, AllowRollup: true,
		Replicas: replicas, AllowDirect: replicas == 1, // a replica that is behind would say that nobody has a name
	})
	if err != nil {
		return fmt.Errorf("stream %s: %w", claimsStream, err)
	}
	if f.claims.stream == nil { // later, the one that is known goes by the same name
		f.claims.js, f.claims.stream = js, stream
		close(f.claims.opened)
	}
	return nil
}

// restoreClaims makes the stream again if somebody has removed it.
func (f *Fleet) restoreClaims() {
	ctx, cancel := context.WithTimeout(f.life, claimTime)
	defer cancel()
	if _, err := f.claims.stream.Info(ctx); errors.Is(err, jetstream.ErrStreamNotFound) {
		_ = f.openClaims() // or the next time
	}
}

// ready waits for the stream while nobody knows whether the cluster has one: as long as the
// node has just begun. Later, a cluster without JetStream keeps no request waiting.
func (c *claims) ready(ctx context.Context) error {
	select {
	case <-c.opened:
		return nil
	default:
	}
	select {
	case <-c.opened:
		return nil
	case <-c.failed:
		return fmt.Errorf("%w: the cluster has not kept names yet", ErrUnsure)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnsure, context.Cause(ctx))
	}
}

func (c *claims) all() []*Claim {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.held))
}

func (c *claims) keep(claim *Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[claim.name] = claim
}

// maxUnknown bounds the claims that are kept because they may have been written.
const maxUnknown = 1000

// keepUnknown keeps a claim that is to be freed if it was written. What this node still has
// of that name is freed with it.
func (c *claims) keepUnknown(claim *Claim) {
	claim.freed, claim.unknown = true, true
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := 0
	for _, held := range c.held {
		if held.unknown {
			kept++
		}
	}
	if kept < maxUnknown {
		c.held[claim.name] = claim
	}
}

// supersede forgets an earlier claim of a name, which is not freed yet, and reports whether
// there is one.
func (c *claims) supersede(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, found := c.held[name]
	delete(c.held, name)
	return found
}

func (c *claims) drop(claim *Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[claim.name] == claim {
		delete(c.held, claim.name)
	}
}

// read returns who has a name, and the revision that says so; no node: nobody has.
func (c *claims) read(ctx context.Context, name string) (found claimed, err error) {
	m, err := c.stream.GetLastMsgForSubject(ctx, claimsSubject+name)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return claimed{}, nil
	}
	if err != nil {
		return claimed{}, err
	}
	if json.Unmarshal(m.Data, &found) != nil || !validToken.MatchString(found.Node) {
		found = claimed{} // somebody else's message, which the next claim replaces
	}
	found.revision = m.Sequence
	return found, nil
}

// write writes a claim in place of the one with that revision. ErrTaken says that there is
// another.
func (c *claims) write(ctx context.Context, name string, is claimed, ttl time.Duration) (revision uint64, err error) {
	text, err := json.Marshal(is)
	if err != nil {
		return 0, err
	}
	ack, err := c.js.PublishMsg(ctx, &nats.Msg{Subject: claimsSubject + name, Data: text}, jetstream.WithExpectLastSequencePerSubject(is.revision), jetstream.WithMsgTTL(ttl))
	var refused *jetstream.APIError
	if errors.As(err, &refused) && (refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return 0, ErrTaken
	}
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// Claim takes a name, which has at most 64 letters and digits, for this node: if nobody has
// it, or a node that is gone. The caller sees to it that nothing else of this node has it.
// lost is called, perhaps more than once, if another node has taken it because this one was
// cut off. A claim that is not freed ends after ttl. The error is [ErrTaken], or the name's
// owner is not known.
func (f *Fleet) Claim(ctx context.Context, name string, ttl time.Duration, lost func()) (*Claim, error) {
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	if err := f.claims.ready(ctx); err != nil {
		return nil, err
	}
	claim := &Claim{fleet: f, name: name, id: rand.Text(), ttl: ttl, lost: lost}
	earlier := f.claims.supersede(name)
	wanted := claimed{Node: f.token, Claim: claim.id} // nobody has it, most of the time
	for range 3 {                                     // others may take it and free it at the same time
		revision, err := f.claims.write(ctx, name, wanted, ttl)
		if err == nil {
			claim.revision = revision
			f.claims.keep(claim)
			return claim, nil
		}
		if !errors.Is(err, ErrTaken) {
			f.claims.keepUnknown(claim)
			return nil, err
		}
		found, err := f.claims.read(ctx, name)
		if err != nil {
			if earlier {
				f.claims.keepUnknown(claim)
			}
			return nil, err
		}
		if found.Node != "" && found.Node != f.token && !found.Over {
			if _, err := f.Find(found.Node); err == nil {
				return nil, ErrTaken
			} else if !errors.Is(err, ErrGone) {
				return nil, err
			}
		}
		wanted.revision = found.revision
	}
	return nil, ErrTaken
}

// Holder returns the other node that has a name, or had it last; nil: nobody, or this one.
// The error is [ErrGone], or it is not known.
func (f *Fleet) Holder(ctx context.Context, name string) (*Node, error) {
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	if err := f.claims.ready(ctx); err != nil {
		return nil, err
	}
	found, err := f.claims.read(ctx, name)
	if err != nil || found.Node == "" || found.Node == f.token {
		return nil, err
	}
	node, err := f.Find(found.Node)
	if err != nil {
		return nil, err
	}
	return &node, nil
}

// Free lets others have the name. over: for a while they learn that this node had it.
func (c *Claim) Free(over bool) {
	c.mu.Lock()
	c.freed, c.over = true, over
	c.mu.Unlock()
	_ = c.settle(context.Background()) // or later
}

// settle says that the name is free. The error is that nobody answers.
func (c *Claim) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	c.mu.Lock()
	revision, over := c.revision, c.over
	c.mu.Unlock()
	all := &c.fleet.claims
	var err error
	switch {
	case revision == 0:
		err = errUnknown
	case over:
		_, err = all.write(ctx, c.name, claimed{Node: c.fleet.token, Claim: c.id, Over: true, revision: revision}, overTTL)
	default:
		err = all.stream.DeleteMsg(ctx, revision)
	}
	if err != nil { // it may be no more
		var found claimed
		if found, err = all.read(ctx, c.name); err == nil && c.isOf(found) && !found.Over {
			c.mu.Lock()
			c.revision = found.revision
			c.mu.Unlock()
			return nil // the next time
		}
	}
	if err == nil {
		all.drop(c)
	}
	return err
}

// isOf reports whether the cluster has this claim. The one of this node's that it has instead
// of an unknown one is an earlier one: a later one would have superseded the unknown one.
func (c *Claim) isOf(found claimed) bool {
	return found.Claim == c.id || c.unknown && found.Node == c.fleet.token
}

// errUnknown is why a claim cannot be freed by its revision.
var errUnknown = errors.New("whether the claim was written is not known")

// lookAfter sees to it that the cluster knows the claim, or that it is freed, and tells if
// another node has taken the name. The error is that nobody answers.
func (c *Claim) lookAfter(ctx context.Context) error {
	c.mu.Lock()
	freed := c.freed
	c.mu.Unlock()
	if freed {
		return c.settle(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	f := c.fleet
	found, err := f.claims.read(ctx, c.name)
	if err == nil && found.Node == "" { // the cluster has lost it
		found.Node, found.Claim = f.token, c.id
		found.revision, err = f.claims.write(ctx, c.name, found, c.ttl)
	}
	switch {
	case err != nil:
	case found.Claim == c.id:
		c.mu.Lock()
		c.revision = found.revision
		freed := c.freed
		c.mu.Unlock()
		if freed { // since it was looked at: what was written may be the freed claim
			return c.settle(ctx)
		}
	case found.Node != f.token:
		c.lost()
	}
	return err
}
