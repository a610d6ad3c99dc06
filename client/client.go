package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// DefaultURL is the address on which a server listens by default.
const DefaultURL = "http://127.0.0.1:8080"

// Options configure a client. The zero value is usable.
type Options struct {
	// Key is sent as the bearer token; empty: none is sent.
	Key string
	// Retries is how many times a request is sent again that the server refused
	// before its script began, after the pause that the server asks for. Only the
	// refusals rate_limited, saturated and unavailable are retried, so no script
	// runs twice.
	Retries int
	// HTTP sends the requests; nil: a client that follows no redirect, so that the
	// key reaches no other server. Its timeout, if it has one, includes the time
	// for which a script runs.
	HTTP *http.Client
}

// Client is a hotcell server. Several goroutines may use it at once.
type Client struct {
	url           string // without a slash at the end
	authorization string // the header; empty: none
	prefer        string // likewise
	retries       int
	http          *http.Client
}

// New returns a client of the server at address, an http or https URL that may
// have a path. User, query and fragment are dropped. It does not connect.
func New(address string, options Options) (*Client, error) {
	parsed, err := url.Parse(address)
	if err == nil && parsed.Port() != "" {
		_, err = strconv.ParseUint(parsed.Port(), 10, 16)
	}
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return nil, fmt.Errorf("invalid server URL %q: use for example %s", address, DefaultURL)
	case strings.ContainsFunc(options.Key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, fmt.Errorf("the key contains a space, a control character or a character outside ASCII")
	}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	c := &Client{url: strings.TrimRight(parsed.String(), "/"), retries: options.Retries, http: options.HTTP}
	if c.http == nil {
		c.http = &http.Client{CheckRedirect: NoRedirect}
	}
	if options.Key != "" {
		c.authorization = "Bearer " + options.Key
	}
	return c, nil
}

// NoRedirect is for [http.Client.CheckRedirect]: a redirect is returned as it is.
func NoRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// URL returns the server's address, without a slash at the end.
func (c *Client) URL() string { return c.url }

// WithAuthorization returns a client that sends this Authorization header instead
// of its key, and uses the same connections.
func (c *Client) WithAuthorization(header string) *Client {
	other := *c
	other.authorization = header
	return &other
}

// Execute runs a script in a fresh jail and waits for its end. When ctx ends, the
// server ends the script.
func (c *Client) Execute(ctx context.Context, request Request) (*Answer, error) {
	return c.execute(ctx, "/execute", request)
}

// execute runs a script at one of the two places that take one.
func (c *Client) execute(ctx context.Context, path string, request any) (*Answer, error) {
	response, err := c.exchange(ctx, http.MethodPost, path, request)
	if err != nil {
		return nil, err
	}
	return response.Answer()
}

// Info asks for the server's version, profiles and limits.
func (c *Client) Info(ctx context.Context) (*Info, error) {
	info := new(Info)
	return info, c.call(ctx, http.MethodGet, "/info", nil, info)
}

// Metrics returns what GET /metrics answers, in Prometheus' text format. The key
// needs the "admin" right.
func (c *Client) Metrics(ctx context.Context) ([]byte, error) {
	response, err := c.once(ctx, http.MethodGet, "/metrics", "text/plain; version=0.0.4", nil)
	if err != nil {
		return nil, err
	}
	metrics, err := read(response, maxMetrics)
	if err != nil {
		return nil, err
	}
	return metrics.Body, nil
}

// Ready reports whether the server would run a script now, by GET /readyz.
func (c *Client) Ready(ctx context.Context) bool {
	_, err := c.exchange(ctx, http.MethodGet, "/readyz", nil)
	return err == nil
}

// Close closes idle connections. Sessions go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }
