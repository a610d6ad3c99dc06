package azure

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

const (
	prefix            = "azure-"
	longestIdentifier = 256             // bytes
	patience          = 4 * time.Minute // until the client hangs up
)

// New returns the API.
func New() compat.API {
	return compat.API{
		Name: "azure", Refuse: refuse, Patience: patience,
		Routes: []compat.Route{
			{Method: http.MethodPost, Path: "/code/execute", Serve: execute},
			{Method: http.MethodPost, Path: "/files/upload", Serve: upload},
			{Method: http.MethodGet, Path: "/files", Serve: list},
			{Method: http.MethodGet, Path: "/files/content/{name:(?s:.+)}", Serve: download},
			{Method: http.MethodDelete, Path: "/session", Serve: end},
		},
	}
}

// refuse writes a refusal. Names of what is wrong are hotcell's codes.
func refuse(w http.ResponseWriter, _ *http.Request, p *client.Problem) {
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int(p.RetryAfter.Seconds())+1))
	}
	_ = compat.WriteJSON(w, p.Status, map[string]any{"error": map[string]string{"code": string(p.Code), "message": p.Detail}})
}

// sessionOf returns the session that a request's identifier stands for. It may not be
// there yet.
func sessionOf(r *http.Request, c *compat.Caller) (*client.Session, error) {
	identifier := r.URL.Query().Get("identifier")
	if identifier == "" || len(identifier) > longestIdentifier {
		return nil, compat.Refuse(client.CodeInvalidRequest, "the query must have an identifier of 1 to %d bytes", longestIdentifier)
	}
	return c.Session(idOf(identifier))
}

// idOf returns the id of an identifier's session. Identifiers may have any characters, so it
// is a digest: two identifiers do not share one.
func idOf(identifier string) string {
	digest := sha256.Sum256([]byte(identifier))
	return prefix + base64.RawURLEncoding.EncodeToString(digest[:])
}

// prepare is Python source that makes what AutoGen imports before anything else.
//
//go:embed prepare.py
var prepare string

// ready returns a request's session, and makes it first if it is not there.
func ready(r *http.Request, c *compat.Caller) (*client.Session, error) {
	session, err := sessionOf(r, c)
	if err != nil {
		return nil, err
	}
	if _, err = session.State(r.Context()); isCode(err, client.CodeGone) || isCode(err, client.CodeNotFound) {
		err = create(r.Context(), c, session)
	}
	return session, err
}

// create makes a session. Another request may make it at the same time.
func create(ctx context.Context, c *compat.Caller, session *client.Session) error {
	most := c.Limits()
	_, _, err := c.Client().NewSession(ctx, client.SessionRequest{
		ID: session.ID(), Mode: "cell", TTLS: int(most.SessionTTL.Seconds()), IdleS: int(most.SessionIdle.Seconds()),
		Limits: &client.Limits{WallMS: most.Max.WallMS, CPUMS: most.Max.CPUMS},
	})
	if isCode(err, client.CodeSessionExists) {
		return nil
	}
	if err == nil {
		// What becomes of it does not matter: whoever needs it will see.
		_, _ = session.Execute(ctx, client.Request{Script: prepare, Mode: "function", LastExpression: true})
	}
	return err
}

func isCode(err error, code client.Code) bool {
	var p *client.Problem
	return errors.As(err, &p) && p.Code == code
}

// end serves DELETE session.
func end(w http.ResponseWriter, r *http.Request, c *compat.Caller) error {
	session, err := sessionOf(r, c)
	if err != nil {
		return err
	}
	if err := session.End(r.Context()); err != nil && !isCode(err, client.CodeGone) {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
