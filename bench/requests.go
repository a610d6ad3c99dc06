package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Client sends requests to a service.
type Client struct {
	url  string
	http *http.Client
	key  string // empty: none is sent
}

// NewClient is a client of the service at a base URL. It keeps connections
// open, as many as it needs at a time.
func NewClient(url string) *Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 2048, MaxIdleConns: 4096, DisableCompression: true}
	return &Client{url: url, http: &http.Client{Transport: transport, Timeout: time.Minute}}
}

// WithKey is a client that sends a key.
func (c *Client) WithKey(key string) *Client {
	other := *c
	other.key = key
	return &other
}

// Close closes what connections are idle.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Sample is what came of one request.
type Sample struct {
	// Outcome is the answer's status, "refused" and a code, or "lost".
	Outcome string
	Right   bool  // it is what must come of this request
	Err     error // the answer is a wrong one: neither right nor a refusal
	Latency time.Duration
	server  map[string]time.Duration // what the service says of its own parts
}

// Do sends one request. The latency is until the whole answer was read.
func (c *Client) Do(ctx context.Context, request Request) Sample {
	begin := time.Now()
	response, text, err := c.post(ctx, request.body)
	sample := Sample{Latency: time.Since(begin)}
	if err != nil {
		sample.Outcome, sample.Err = "lost", fmt.Errorf("%s: %w", request.Name, err)
		return sample
	}
	sample.server = serverTiming(response.Header.Values("Server-Timing"))
	var answer struct {
		Status string          `json:"status"`
		Result json.RawMessage `json:"result"`
		Code   string          `json:"code"`
	}
	err = json.Unmarshal(text, &answer)
	switch status := response.StatusCode; {
	case err == nil && (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests):
		sample.Outcome = "refused: " + answer.Code
		return sample
	case err == nil && status == http.StatusOK:
		sample.Outcome = answer.Status
		sample.Right = answer.Status == request.status && (answer.Status != ok || string(answer.Result) == request.result)
	default:
		sample.Outcome = fmt.Sprintf("HTTP %d", status)
	}
	if !sample.Right {
		sample.Err = fmt.Errorf("%s: HTTP %d: %.300s", request.Name, response.StatusCode, text)
	}
	return sample
}

func (c *Client) post(ctx context.Context, body []byte) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/execute", bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(response.Body)
	return response, text, errors.Join(err, response.Body.Close())
}

// Sequential sends one request after the other, with a pause between them in
// which the pool fills again: the latency of a warm pool. Each must be answered
// as it must be.
func (c *Client) Sequential(ctx context.Context, request Request, count int, pause time.Duration) (*Load, error) {
	return sequential(ctx, count, pause, func(ctx context.Context) Sample { return c.Do(ctx, request) })
}

func sequential(ctx context.Context, count int, pause time.Duration, send func(context.Context) Sample) (*Load, error) {
	load := newLoad()
	begin := time.Now()
	for i := range count {
		load.enter(1)
		sample := send(ctx)
		load.leave(sample, sample.Latency, 0)
		if !sample.Right {
			return load, fmt.Errorf("request %d of %d: %s: %w", i+1, count, sample.Outcome, errors.Join(sample.Err, ctx.Err()))
		}
		sleep(ctx, pause)
	}
	load.Seconds = time.Since(begin).Seconds()
	return load, nil
}

// serverTiming reads Server-Timing headers: `name;dur=milliseconds, …`.
func serverTiming(headers []string) map[string]time.Duration {
	parts := make(map[string]time.Duration)
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), ";dur=")
		if ms, err := strconv.ParseFloat(value, 64); err == nil {
			parts[name] = time.Duration(ms * float64(time.Millisecond))
		}
	}
	return parts
}

// Breakdown is where the time of requests went: sums, of which Mean is what is
// read. Parse, queue, hand-over and run are the service's own words; reply is
// what is left of the time that the client saw: the encoding of the answer, and
// HTTP and loopback both ways.
type Breakdown struct {
	count                                      int
	parse, queue, handoff, run, reply, latency time.Duration
}

func (b *Breakdown) add(sample Sample) {
	s := sample.server
	if _, told := s["run"]; !told {
		return // a baseline
	}
	b.count++
	b.parse += s["parse"]
	b.queue += s["queue"]
	b.handoff += s["handoff"]
	b.run += s["run"]
	b.latency += sample.Latency
	b.reply += sample.Latency - s["parse"] - s["queue"] - s["handoff"] - s["run"]
}

func (b *Breakdown) merge(other *Breakdown) {
	b.count += other.count
	b.parse += other.parse
	b.queue += other.queue
	b.handoff += other.handoff
	b.run += other.run
	b.reply += other.reply
	b.latency += other.latency
}

// Part is one part of a request's time.
type Part struct {
	Name string
	Mean time.Duration
}

// Parts are the parts in their order, and the whole at last; none when no
// service told them.
func (b *Breakdown) Parts() []Part {
	if b.count == 0 {
		return nil
	}
	mean := func(sum time.Duration) time.Duration { return sum / time.Duration(b.count) }
	return []Part{
		{"parse", mean(b.parse)}, {"queue", mean(b.queue)}, {"hand-over", mean(b.handoff)}, {"run", mean(b.run)},
		{"reply", mean(b.reply)}, {"all", mean(b.latency)},
	}
}

// MarshalJSON writes the means in milliseconds.
func (b *Breakdown) MarshalJSON() ([]byte, error) {
	means := make(map[string]float64)
	for _, part := range b.Parts() {
		means[part.Name+"_ms"] = milliseconds(part.Mean)
	}
	return json.Marshal(means)
}
