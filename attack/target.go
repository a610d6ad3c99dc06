package attack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hotcell/hotcell/client"
)

// target is the server that is attacked, or a session on it.
type target struct {
	server   *client.Client
	execute  func(ctx context.Context, body []byte) (*client.Response, error)
	slowness int

	http       *http.Client
	key, other string // the run's own, and another tenant's
}

var errNotLoopback = errors.New("attacks are sent to loopback only; to attack another machine, forward a port to it")

// newTarget refuses an address that is not on loopback. It refuses any name but
// localhost, as a name could have another address the next time.
func newTarget(cfg Config) (*target, error) {
	parsed, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	host := parsed.Hostname()
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, configError("%q: %w", cfg.URL, errNotLoopback)
	}
	if parsed.Scheme != "http" {
		return nil, fmt.Errorf("invalid server URL %q: it must begin with http://", cfg.URL)
	}
	sender := cfg.Client
	if sender == nil {
		transport := &http.Transport{MaxIdleConnsPerHost: 16, DialContext: dialLoopback}
		sender = &http.Client{Transport: transport, CheckRedirect: client.NoRedirect}
	}
	server, err := client.New(cfg.URL, client.Options{Key: cfg.Key, HTTP: sender})
	if err != nil {
		return nil, err
	}
	return &target{server: server, execute: server.ExecuteRaw, slowness: max(1, cfg.Slowness), http: sender, key: cfg.Key, other: cfg.Other}, nil
}

// dialLoopback checks the address once more, after names were looked up.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return nil, errors.Join(errNotLoopback, conn.Close())
	}
	return conn, nil
}

// inSession starts a session and returns the target whose requests are its calls.
// end ends the session.
func (t *target) inSession(ctx context.Context) (session *target, end func(), err error) {
	started, _, err := t.server.NewSession(ctx, client.SessionRequest{})
	for problem := (*client.Problem)(nil); errors.As(err, &problem) && problem.Status == http.StatusTooManyRequests && ctx.Err() == nil; {
		pause(ctx, time.Second)
		started, _, err = t.server.NewSession(ctx, client.SessionRequest{})
	}
	if err != nil {
		return nil, nil, fmt.Errorf("start a session: %w", err)
	}
	inside := *t
	inside.execute = started.ExecuteRaw
	return &inside, func() {
		_ = started.End(context.WithoutCancel(ctx)) // it may be over already
	}, nil
}

// send makes the request of a part, and returns its answer, or answers.
func (t *target) send(ctx context.Context, p *Part, known tokens, listener string) ([]*answer, error) {
	p = p.slower(t.slowness)
	began := time.Now()
	got, err := t.request(ctx, p, known, listener)
	took := time.Since(began)
	wall, bounded := p.limits["wall_ms"]
	switch {
	case err != nil:
		return nil, fmt.Errorf("after %v: %w", took.Round(time.Millisecond), err)
	case p.within > 0 && took > time.Duration(p.within)*time.Millisecond:
		return nil, fmt.Errorf("the answer took %v, more than %d ms (%s)", took.Round(time.Millisecond), p.within, got[0].summary())
	case bounded && took > time.Duration(wall)*time.Millisecond+t.slow(slack):
		return nil, fmt.Errorf("the answer took %v, with a wall clock limit of %d ms (%s)", took.Round(time.Millisecond), wall, got[0].summary())
	}
	return got, nil
}

// request makes the request of a part.
func (t *target) request(ctx context.Context, p *Part, known tokens, listener string) ([]*answer, error) {
	if p.wire.method != "" {
		script, err := p.literal(listener, t.slowness)
		if err != nil {
			return nil, err
		}
		return t.sendWire(ctx, p, known, script)
	}
	body, err := p.body(listener, t.slowness)
	if err != nil {
		return nil, err
	}
	got, err := t.ask(ctx, body)
	return []*answer{got}, err
}

func (t *target) slow(d time.Duration) time.Duration { return d * time.Duration(t.slowness) }

// ask sends a body, and again for as long as the server says that it came too
// often.
func (t *target) ask(ctx context.Context, body []byte) (*answer, error) {
	for {
		response, err := t.execute(ctx, body)
		var problem *client.Problem
		switch {
		case errors.As(err, &problem) && problem.Status == http.StatusTooManyRequests:
			pause(ctx, time.Second)
			continue
		case problem != nil:
			return refusal(problem), nil
		case err != nil:
			return nil, err
		}
		got, err := response.Answer()
		if err != nil {
			return nil, err
		}
		return &answer{Answer: *got}, nil
	}
}

// uids returns what the server says of its cells' uids; empty if it says nothing.
func (t *target) uids(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, t.slow(canaryWithin))
	defer cancel()
	info, err := t.server.Info(ctx)
	if err != nil {
		return ""
	}
	return info.UIDs
}

// canary sends a plain request, which must be answered at once and correctly.
func (t *target) canary(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, t.slow(canaryWithin), errors.New("a plain request was not answered"))
	defer cancel()
	began := time.Now()
	n := began.UnixNano()
	body := fmt.Sprintf(`{"script": "import sys\ndef main(n):\n    print('plain')\n    print('plain too', file=sys.stderr)\n    return [n, n %% 97]", "args": [%d]}`, n)
	got, err := t.ask(ctx, []byte(body))
	if err != nil {
		return fmt.Errorf("a plain request failed after %v: %w", time.Since(began).Round(time.Millisecond), err)
	}
	if got.problem != nil {
		return fmt.Errorf("a plain request was refused: %w", got.problem)
	}
	if want := fmt.Sprintf("[%d,%d]", n, n%97); got.Status != client.StatusOK || string(got.Result) != want || got.Stdout != "plain\n" || got.Stderr != "plain too\n" {
		return fmt.Errorf("a plain request got a wrong answer: %s", got.summary())
	}
	return nil
}
