package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Latencies are those of single requests, in the order in which they ended.
type Latencies []time.Duration

// Quantile gives the smallest latency that at least the share q of all, 0 to 1,
// do not exceed; 0 when there is none.
func (l Latencies) Quantile(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// Client sends SeedScript to a service.
type Client struct {
	url  string
	http *http.Client
	body []byte
	key  string // empty: none is sent
}

// WithKey is a client that sends a key.
func (c *Client) WithKey(key string) *Client {
	other := *c
	other.key = key
	return &other
}

// NewClient is a client of the service at a base URL.
func NewClient(url string) (*Client, error) {
	body, err := json.Marshal(map[string]string{"script": SeedScript})
	if err != nil {
		return nil, err
	}
	return &Client{url: url + "/execute", http: &http.Client{Timeout: time.Minute}, body: body}, nil
}

// Do sends one request and returns how long it took until the whole answer was
// read. A wrong answer is an error.
func (c *Client) Do(ctx context.Context) (time.Duration, error) {
	begin := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	took := time.Since(begin)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Status string          `json:"status"`
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Status != "ok" || string(answer.Result) != seedResult {
		return 0, fmt.Errorf("HTTP %d: %.300s", response.StatusCode, text)
	}
	return took, nil
}

// Sequential sends one request after the other, with a pause between them in
// which the pool fills again: the latency of a warm pool.
func (c *Client) Sequential(ctx context.Context, count int, pause time.Duration) (Latencies, error) {
	latencies := make(Latencies, 0, count)
	for range count {
		took, err := c.Do(ctx)
		if err != nil {
			return latencies, fmt.Errorf("request %d of %d: %w", len(latencies)+1, count, err)
		}
		latencies = append(latencies, took)
		time.Sleep(pause)
	}
	return latencies, nil
}
