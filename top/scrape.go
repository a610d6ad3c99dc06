package top

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/client/metrics"
)

const scrapeDeadline = 5 * time.Second

// Source is where samples come from.
type Source struct{ client *client.Client }

// NewSource takes the address of a server, with or without /metrics.
func NewSource(address, key string) (*Source, error) {
	address = strings.TrimSuffix(strings.TrimSuffix(address, "/"), "/metrics")
	c, err := client.New(address, client.Options{Key: key, HTTP: &http.Client{Timeout: scrapeDeadline, CheckRedirect: client.NoRedirect}})
	if err != nil {
		return nil, err
	}
	return &Source{c}, nil
}

func (s *Source) asks() string { return "GET " + s.client.URL() + "/metrics" }

// Scrape asks for the metrics once. If the server refuses, the error wraps its
// [client.Problem].
func (s *Source) Scrape(ctx context.Context) (*metrics.Sample, error) {
	text, err := s.client.Metrics(ctx)
	if problem := new(client.Problem); errors.As(err, &problem) {
		err = fmt.Errorf("%s: HTTP %d: %w", s.asks(), problem.Status, err)
	}
	if err != nil {
		return nil, tidied{err}
	}
	sample, err := metrics.Parse(bytes.NewReader(text), time.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.asks(), err)
	}
	return sample, nil
}

// tidied is an error whose text is without what a server may have put there.
type tidied struct{ error }

func (t tidied) Error() string { return metrics.Printable(t.error.Error(), 300) }

func (t tidied) Unwrap() error { return t.error }
