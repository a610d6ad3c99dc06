package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

const (
	maxAnswer    = 256 << 20 // above the server's own limits
	maxMetrics   = 8 << 20   // some hundred times what a server answers
	longestPause = 30 * time.Second
)

// Response is one HTTP response of a server, read to its end.
type Response struct {
	Header http.Header
	Body   []byte

	method, url, kind string
	status            int
}

// exchange sends a request, again as [Options] allows, and reads the response. A
// status of 300 and more is an error. body is encoded as JSON; nil: there is none.
func (c *Client) exchange(ctx context.Context, method, path string, body any) (*Response, error) {
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = encode(body); err != nil {
			return nil, err
		}
	}
	return c.exchangeBytes(ctx, method, path, encoded)
}

// encode encodes a request. It escapes nothing for pages: a script of many < would take
// six times its size.
func encode(request any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(request); err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

func (c *Client) exchangeBytes(ctx context.Context, method, path string, body []byte) (*Response, error) {
	for retries := c.retries; ; retries-- {
		got, err := c.once(ctx, method, path, "application/json", body)
		if err == nil {
			return read(got, maxAnswer)
		}
		if err := pauseBeforeRetry(ctx, err, retries); err != nil {
			return nil, err
		}
	}
}

// pauseBeforeRetry waits as long as the server has asked for; it returns what was
// wrong if the request must not be sent again.
func pauseBeforeRetry(ctx context.Context, refused error, retries int) error {
	var problem *Problem
	if retries <= 0 || !errors.As(refused, &problem) || !problem.MayRetry() || problem.RetryAfter > longestPause {
		return refused
	}
	// Clients that were refused together must not come back together.
	pause := problem.RetryAfter + rand.N(problem.RetryAfter/2) // #nosec G404 -- no secret
	select {
	case <-ctx.Done():
		return errors.Join(refused, ctx.Err())
	case <-time.After(pause):
		return nil
	}
}

// once sends a request. A status of 300 and more is an error, and its body is
// read; otherwise the caller closes the body.
func (c *Client) once(ctx context.Context, method, path, accept string, body []byte) (*http.Response, error) {
	if body == nil {
		return c.send(ctx, method, path, accept, "", nil)
	}
	return c.send(ctx, method, path, accept, "application/json", bytes.NewReader(body))
}

// send is once, with a body of any kind.
func (c *Client) send(ctx context.Context, method, path, accept, contentType string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("Accept", accept)
	if c.authorization != "" {
		request.Header.Set("Authorization", c.authorization)
	}
	if c.prefer != "" {
		request.Header.Set("Prefer", c.prefer)
	}
	response, err := c.http.Do(request)
	if err != nil {
		if wrapped := new(url.Error); errors.As(err, &wrapped) {
			err = wrapped.Err // the method and the address come once
		}
		return nil, fmt.Errorf("%s %s: %w", method, request.URL, err)
	}
	if response.StatusCode < 300 {
		return response, nil
	}
	refused, err := read(response, maxAnswer)
	if err != nil {
		return nil, err
	}
	return nil, refused.refusal()
}

// read takes the body, of at most so many bytes, and closes it.
func read(response *http.Response, most int64) (*Response, error) {
	defer response.Body.Close()
	r := &Response{Header: response.Header, status: response.StatusCode}
	if asked := response.Request; asked != nil { // a RoundTripper of the caller's may leave it out
		r.method, r.url = asked.Method, asked.URL.String()
	}
	r.kind, _, _ = mime.ParseMediaType(response.Header.Get("Content-Type"))
	var body bytes.Buffer
	if n := response.ContentLength; n > 0 {
		body.Grow(int(min(n, most)) + bytes.MinRead) // the buffer would double otherwise
	}
	if _, err := body.ReadFrom(io.LimitReader(response.Body, most+1)); err != nil {
		return nil, fmt.Errorf("%s %s: read the response: %w", r.method, r.url, err)
	}
	if int64(body.Len()) > most {
		return nil, fmt.Errorf("%s %s: the response has more than %d MiB", r.method, r.url, most>>20)
	}
	r.Body = body.Bytes()
	return r, nil
}

// refusal is the error for a status of 300 and more.
func (r *Response) refusal() error {
	if r.kind == "application/problem+json" {
		problem := new(Problem)
		if err := json.Unmarshal(r.Body, problem); err == nil && problem.Code != "" {
			problem.Status = r.status
			if seconds, err := strconv.ParseUint(r.Header.Get("Retry-After"), 10, 31); err == nil {
				problem.RetryAfter = time.Duration(seconds) * time.Second
			}
			return problem
		}
	}
	return r.unexpected(nil)
}

func (r *Response) unexpected(cause error) error {
	return &UnexpectedError{Method: r.method, URL: r.url, Status: r.status, ContentType: r.kind, Body: r.Body, cause: cause}
}

// Answer decodes the answer to a script.
func (r *Response) Answer() (*Answer, error) {
	got := new(Answer)
	if err := r.into(got); err != nil {
		return nil, err
	}
	if !slices.Contains(Statuses, got.Status) {
		return nil, r.unexpected(fmt.Errorf("unknown status %q", got.Status))
	}
	return got, nil
}

func (r *Response) into(value any) error {
	if r.kind != "application/json" {
		return r.unexpected(nil)
	}
	if err := json.Unmarshal(r.Body, value); err != nil {
		return r.unexpected(err)
	}
	return nil
}

// call sends a request and decodes the response; into may be nil.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	response, err := c.exchange(ctx, method, path, body)
	if err != nil || into == nil {
		return err
	}
	return response.into(into)
}

// ExecuteRaw sends a body to POST /execute as it is, and returns the response
// undecoded. It is for programs that send what [Request] cannot hold, or the same
// body many times.
func (c *Client) ExecuteRaw(ctx context.Context, body []byte) (*Response, error) {
	return c.exchangeBytes(ctx, http.MethodPost, "/execute", body)
}
