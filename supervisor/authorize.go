package supervisor

import (
	"context"
	"errors"
	"net/http"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/conns"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/refusals"
)

// What a route requires of a key, besides the rights of the keys file.
const (
	rightOpen keys.Right = "open" // no key is needed
	rightAny  keys.Right = ""     // any key will do; the default of a route
)

// authorize finds the key of a request and checks its rights. The refusal is the same
// for an unknown key and for a revoked one.
func (s *Service) authorize(r *http.Request, x *exchange, needs keys.Right) error {
	if conns.IsCrossOrigin(r) {
		return api.Refuse(api.CodeForbidden, "cross-origin request: hotcell does not accept requests from pages of other sites")
	}
	if err := s.checkHost(r); err != nil {
		return err
	}
	if needs == rightOpen || s.keys == nil {
		return nil
	}
	secret, ok := keys.Bearer(r.Header)
	if !ok {
		return refusals.Unauthorized("Bearer", "a key is required: send Authorization: Bearer KEY")
	}
	found := s.keys.Find(secret)
	if found == nil {
		return refusals.InvalidKey("unknown key")
	}
	x.key, x.life = found.Key, found.Life
	if needs != rightAny && !x.key.May(needs) {
		return api.Refuse(api.CodeForbidden, "key %q does not have the %q right", x.key.Name, needs)
	}
	return nil
}

// checkHost protects against DNS rebinding where no key is needed: it refuses
// requests whose Host is not one of hotcell's own names. The owner of another name
// can point it to this machine after a browser has loaded a page from it. To the
// browser that page then has hotcell's own origin, and may read every answer. This
// does not work with an address, or with localhost, which browsers do not look up.
func (s *Service) checkHost(r *http.Request) error {
	if s.keys != nil || conns.IsLocal(r.Host) || len(s.cfg.Hosts) == 0 && s.cfg.OpenToAll || conns.IsNamed(r.Host, s.cfg.Hosts) {
		return nil
	}
	return api.Refuse(api.CodeForbidden, "%q is not a name of this server: without keys it accepts localhost, IP addresses, and the names in the hosts setting", api.Shorten(r.Host))
}

// untilRevoked derives a context that also ends, with refusals.ErrRevoked, when the secret of
// the request is revoked.
func (x *exchange) untilRevoked(ctx context.Context) (context.Context, context.CancelFunc) {
	if x.life == nil { // there are no keys
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(x.life, func() { cancel(refusals.ErrRevoked) })
	return ctx, func() { stop(); cancel(nil) }
}

// adminOnly guards the admin listener. Without keys it is open to everyone who can
// reach it, except to pages of other sites.
func (s *Service) adminOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := new(exchange)
		if err := s.authorize(r, x, keys.Admin); err != nil {
			var p *api.Problem
			if !errors.As(err, &p) {
				p = api.Internal(err)
			}
			p.Write(w, "")
			return
		}
		next.ServeHTTP(w, r)
	})
}
