package webhooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// What a receiver may send; nobody reads it.
const (
	maxHeader = 16 << 10
	maxAnswer = 16 << 10
)

// Timeout is what [Sender] usually has.
const Timeout = 20 * time.Second

// Sender makes attempts. Its fields must not change.
type Sender struct {
	Allow   Allow
	Secrets Secrets

	// Timeout bounds an attempt, from looking up the name to the end of the answer.
	Timeout time.Duration

	Roots    *x509.CertPool // nil: the system's
	Resolver *net.Resolver  // nil: the system's
}

// Secrets finds the secrets that an owner may use by their names, and the name of its
// only secret for an empty name. An error says what is wrong, to the owner.
type Secrets interface {
	Find(owner, name string) (found string, secret Secret, err error)
}

// Check says what is wrong with a URL, or with the name of a secret that an owner gives,
// and returns the name of the secret that will be used.
func (s *Sender) Check(owner, url, secret string) (found string, err error) {
	target, err := parseTarget(url)
	if err == nil {
		err = s.Allow.check(target)
	}
	if err != nil {
		return "", &FieldError{"url", err}
	}
	if found, _, err = s.Secrets.Find(owner, secret); err != nil {
		return "", &FieldError{"secret_name", err}
	}
	return found, nil
}

// FieldError is an error about what a client gives.
type FieldError struct {
	Field string // "url" or "secret_name"
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// Attempt tries to deliver a message of JSON, and returns the delivery as it is to be
// kept. An error says why it was not delivered, to the log. If ctx ends before the
// receiver has answered, the attempt does not count.
func (s *Sender) Attempt(ctx context.Context, d Delivery, body []byte) (Delivery, error) {
	status, pause, err := s.post(ctx, d, body)
	if err != nil && ctx.Err() != nil {
		return d, err
	}
	next := d.after(status, pause, time.Now(), rand.Float64()) // #nosec G404: a pause is no secret
	if err == nil && next.Outcome != Delivered {
		err = fmt.Errorf("the receiver answered with status %d", status)
	}
	return next, err
}

func (s *Sender) post(ctx context.Context, d Delivery, body []byte) (status int, pause time.Duration, err error) {
	target, err := parseTarget(d.URL)
	if err == nil { // the setting may have changed; and no other name is even looked up
		err = s.Allow.check(target)
	}
	if err != nil {
		return 0, 0, err
	}
	_, secret, err := s.Secrets.Find(d.Owner, d.Secret)
	if err != nil {
		return 0, 0, fmt.Errorf("secret %q: %w", d.Secret, err)
	}
	now := time.Now()
	signature, err := secret.sign(d.ID, now, body)
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	request.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"hotcell"}}
	request.Header.Set(standardwebhooks.HeaderWebhookID, d.ID)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	response, err := s.transport(target).RoundTrip(request) // and not a client's Do, which follows redirects
	if err != nil {
		return 0, 0, err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // so that it does not see a connection that breaks
	return response.StatusCode, retryAfter(response.Header, now), nil
}

// transport returns what makes a single connection. Each has its own: what was allowed
// for one name is never used for another.
func (s *Sender) transport(t target) *http.Transport {
	dialer := net.Dialer{
		Resolver: s.Resolver,
		// It is called between socket and connect, with the address that connect gets: no
		// name is looked up between the check and the connection.
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err == nil && !s.Allow.reaches(t.name, at.Addr(), at.Port()) {
				err = errNotAllowed{at}
			}
			return err
		},
	}
	return &http.Transport{
		Proxy:                  nil, // not even that of the environment: it would look up names by itself
		DialContext:            dialer.DialContext,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig:        &tls.Config{RootCAs: s.Roots, MinVersion: tls.VersionTLS12},
	}
}

type errNotAllowed struct{ at netip.AddrPort }

func (e errNotAllowed) Error() string {
	return fmt.Sprintf("%s is not in webhook_allow; addresses that are not public must be named as such, for example %s", e.at, e.at)
}
