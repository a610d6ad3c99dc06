package forward

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/fleet"
	"github.com/hotcell/hotcell/supervisor/api"
)

// claimSlack is how much longer than its session may live a claim is kept: its cell is
// waited for, and clocks differ.
const claimSlack = 10 * time.Minute

// Claim takes the id that an owner has chosen for a session, so that no other node has one of
// that id: it calls lost if one does nevertheless, because this node was cut off. The caller
// calls free when there is no session of that id here any more; over: for a while its owner
// may ask what became of it. The error is a problem.
func (n *Nodes) Claim(ctx context.Context, owner, id string, lost func()) (free func(over bool), err error) {
	if n == nil || id == "" {
		return func(bool) {}, nil
	}
	claim, err := n.fleet.Claim(ctx, nameOf(owner, id), n.cfg.Settings.SessionTTL+claimSlack, lost)
	switch {
	case errors.Is(err, fleet.ErrTaken):
		return nil, api.Refuse(api.CodeSessionExists, "this key has a live session of that id")
	case ctx.Err() != nil:
		return nil, api.ErrClientGone
	case err != nil:
		return nil, unavailable("whether another node has a session of that id is not known", err)
	}
	return claim.Free, nil
}

// nameOf returns the name that the nodes claim for an id: ids are each owner's own.
func nameOf(owner, id string) string {
	sum := sha256.Sum256([]byte(owner + "\x00" + id))
	return hex.EncodeToString(sum[:])
}

// holder returns the other node that has the session of a chosen id.
func (n *Nodes) holder(r *http.Request, owner, id string) (*fleet.Node, error) {
	node, err := n.fleet.Holder(r.Context(), nameOf(owner, id))
	switch {
	case errors.Is(err, fleet.ErrGone):
		return nil, api.Refuse(api.CodeGone, "the session's node has ended")
	case r.Context().Err() != nil:
		return nil, api.ErrClientGone
	case err != nil:
		return nil, unavailable("which node has the session is not known", err)
	}
	return node, nil
}
