package supervisor

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/keys"
)

// What a route asks of a key, beside the rights of the keys file.
const (
	rightOpen keys.Right = "open" // it needs no key
	rightAny  keys.Right = ""     // any key will do; what a route needs that says nothing
)

// crossOrigin tells requests that a browser sends for another site's page: such
// a page could have scripts run here, with nothing but its visitor's being able
// to reach us.
var crossOrigin = http.NewCrossOriginProtection()

// authorize decides whether a request may go on to its route, and notes whose it
// is. A refusal says the same whether a key is unknown or was taken away.
func (s *Service) authorize(r *http.Request, x *exchange, needs keys.Right) error {
	if isCrossOrigin(r) {
		return api.Refuse(api.CodeForbidden, "cross-origin request: hotcell does not accept requests from pages of other sites")
	}
	if err := s.checkHost(r); err != nil {
		return err
	}
	if needs == rightOpen || s.keys == nil {
		return nil
	}
	secret, ok := bearer(r.Header)
	if !ok {
		return unauthorized("Bearer", "a key is required: send Authorization: Bearer KEY")
	}
	found := s.keys.Find(secret)
	if found == nil {
		return invalidKey("unknown key")
	}
	x.key, x.life = found.Key, found.Life
	if needs != rightAny && !x.key.May(needs) {
		return api.Refuse(api.CodeForbidden, "key %q does not have the %q right", x.key.Name, needs)
	}
	if needs == keys.Execute || needs == keys.Sessions {
		return takeTurn(x.key, time.Now())
	}
	return nil
}

// isCrossOrigin looks at a WebSocket's handshake, too, which is a GET that a
// page may send anywhere, and whose answers it may read.
func isCrossOrigin(r *http.Request) bool {
	if r.Header.Get("Upgrade") != "" {
		r = &http.Request{Method: http.MethodPost, URL: r.URL, Host: r.Host, Header: r.Header}
	}
	return crossOrigin.Check(r) != nil
}

// bearer is the secret of the one Authorization header.
func bearer(header http.Header) (secret string, ok bool) {
	given := header.Values("Authorization")
	if len(given) != 1 {
		return "", false
	}
	scheme, secret, _ := strings.Cut(given[0], " ")
	secret = strings.TrimSpace(secret)
	return secret, strings.EqualFold(scheme, "Bearer") && secret != ""
}

func unauthorized(challenge, detail string) *api.Problem {
	p := api.Refuse(api.CodeUnauthorized, "%s", detail)
	p.Challenge = challenge
	return p
}

func invalidKey(detail string) *api.Problem {
	return unauthorized(`Bearer error="invalid_token"`, detail)
}

// untilRevoked derives a context that also ends, with errRevoked, when the
// request's secret is taken away.
func (x *exchange) untilRevoked(ctx context.Context) (context.Context, context.CancelFunc) {
	if x.life == nil { // there are no keys
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(x.life, func() { cancel(errRevoked) })
	return ctx, func() { stop(); cancel(nil) }
}

// takeTurn counts a request against the key's rate.
func takeTurn(key *keys.Key, now time.Time) error {
	wait := key.TakeTurn(now)
	if wait == 0 {
		return nil
	}
	p := api.Refuse(api.CodeRateLimited, "key %q may send %v requests a second", key.Name, key.Rate())
	p.RetryAfter = wait
	return p
}

// adminOnly guards the admin listener. Without keys it is open to whoever reaches
// it, but for other sites' pages.
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
