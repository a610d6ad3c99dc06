package traffic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hotcell/hotcell/client"
)

// Request is a script with its arguments, as it is sent, and the expected outcome.
type Request struct {
	Name, About string
	Body        []byte
	Status      string // of the answer
	Result      string // in JSON; checked only if Status is OK
}

// OK is the status of an answer with a result.
const OK = "ok"

// NewRequest returns a request that must get this status and result.
func NewRequest(name, about, status, result string, r client.Request) Request {
	body, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("bench: the request %s: %v", name, err)) // they are constants
	}
	return Request{Name: name, About: about, Body: body, Status: status, Result: result}
}

// Client sends requests to a service.
type Client struct{ *client.Client }

// NewClient returns a client of the service at a base URL. It keeps as many
// connections open as it needs at a time. The key may be empty. It panics if
// [client.New] does not take the URL.
func NewClient(url, key string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 2048, MaxIdleConns: 4096, DisableCompression: true}
	c, err := client.New(url, client.Options{Key: key, HTTP: &http.Client{Transport: transport, Timeout: time.Minute}})
	if err != nil {
		panic(err)
	}
	return &Client{c}
}

// Sample is the outcome of one request.
type Sample struct {
	// Outcome is the answer's status, "refused" and a code, or "lost".
	Outcome string
	Right   bool  // the outcome is the expected one
	Err     error // set if the outcome is neither right nor a refusal
	Latency time.Duration
	server  map[string]time.Duration // the service's own parts, from Server-Timing
}

// Do sends one request. The latency includes reading the whole answer.
func (c *Client) Do(ctx context.Context, request Request) Sample {
	begin := time.Now()
	response, err := c.ExecuteRaw(ctx, request.Body)
	sample := Sample{Latency: time.Since(begin)}
	var answer *client.Answer
	if err == nil {
		sample.server = serverTiming(response.Header.Values("Server-Timing"))
		answer, err = response.Answer()
	}
	var problem *client.Problem
	var unexpected *client.UnexpectedError
	switch {
	case err == nil:
		sample.Outcome = string(answer.Status)
		sample.Right = sample.Outcome == request.Status && (sample.Outcome != OK || string(answer.Result) == request.Result)
		if !sample.Right {
			sample.Err = fmt.Errorf("%s: a wrong answer: %.300s", request.Name, response.Body)
		}
		return sample
	case errors.As(err, &problem) && (problem.Status == http.StatusServiceUnavailable || problem.Status == http.StatusTooManyRequests):
		sample.Outcome = "refused: " + string(problem.Code)
		return sample
	case problem != nil:
		sample.Outcome = fmt.Sprintf("HTTP %d", problem.Status)
	case errors.As(err, &unexpected):
		sample.Outcome = fmt.Sprintf("HTTP %d", unexpected.Status)
	default:
		sample.Outcome = "lost"
	}
	sample.Err = fmt.Errorf("%s: %w", request.Name, err)
	return sample
}

// Sequential sends one request after the other, with a pause in which the pool fills
// again, so it measures the latency of a warm pool. A wrong answer is an error.
func (c *Client) Sequential(ctx context.Context, request Request, count int, pause time.Duration) (*Tally, error) {
	return Sequential(ctx, count, pause, func(ctx context.Context) Sample { return c.Do(ctx, request) })
}

// Sequential is like [Client.Sequential], but calls send for each request.
func Sequential(ctx context.Context, count int, pause time.Duration, send func(context.Context) Sample) (*Tally, error) {
	tally := NewTally()
	begin := time.Now()
	for i := range count {
		tally.Enter(1)
		sample := send(ctx)
		tally.Leave(sample, sample.Latency, 0)
		if !sample.Right {
			return tally, fmt.Errorf("request %d of %d: %s: %w", i+1, count, sample.Outcome, errors.Join(sample.Err, ctx.Err()))
		}
		Sleep(ctx, pause)
	}
	tally.Seconds = time.Since(begin).Seconds()
	return tally, nil
}
