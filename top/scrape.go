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

// ErrKey is wrapped when the server refuses the key, or wants one.
var ErrKey = errors.New(`the server wants a key with the "admin" right`)

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

// Scrape asks for the metrics once.
func (s *Source) Scrape(ctx context.Context) (*metrics.Sample, error) {
	text, err := s.client.Metrics(ctx)
	status := 0
	if problem := new(client.Problem); errors.As(err, &problem) {
		status = problem.Status
		err = fmt.Errorf("%s: HTTP %d: %w", s.asks(), status, err)
	} else if other := new(client.UnexpectedError); errors.As(err, &other) {
		status = other.Status
	}
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return nil, fmt.Errorf("%s: HTTP %d: %w", s.asks(), status, ErrKey)
	case err != nil:
		return nil, tidied(err)
	}
	sample, err := metrics.Parse(bytes.NewReader(text), time.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.asks(), err)
	}
	return sample, nil
}

// tidied returns err without what a server may have put into its text.
func tidied(err error) error {
	if text := metrics.Printable(err.Error(), 300); text != err.Error() {
		return errors.New(text)
	}
	return err
}
