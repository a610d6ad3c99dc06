package top

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxAnswer      = 8 << 20 // some hundred times what hotcell answers
	scrapeDeadline = 5 * time.Second
)

// ErrKey is wrapped when the server wants a key, or another one.
var ErrKey = errors.New("the key must have the right admin")

// Source is where samples come from.
type Source struct {
	url    string // of the server, to be shown
	key    string
	client *http.Client
}

// NewSource takes the address of a server, with or without /metrics.
func NewSource(address, key string) (*Source, error) {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		return nil, fmt.Errorf("%q is no URL of a server, such as http://127.0.0.1:8080", address)
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("the key holds characters that no key has")
	}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	parsed.Path = strings.TrimSuffix(strings.TrimSuffix(parsed.Path, "/metrics"), "/")
	return &Source{url: parsed.String(), key: key, client: &http.Client{
		Timeout:       scrapeDeadline,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the key goes nowhere else
	}}, nil
}

func (s *Source) asks() string { return "GET " + s.url + "/metrics" }

// Scrape asks for the metrics once.
func (s *Source) Scrape(ctx context.Context) (*Sample, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "text/plain; version=0.0.4")
	if s.key != "" {
		request.Header.Set("Authorization", "Bearer "+s.key)
	}
	where := s.asks()
	response, err := s.client.Do(request)
	if err != nil {
		if wrapped := new(url.Error); errors.As(err, &wrapped) {
			err = wrapped.Err // it would tell the address once more
		}
		return nil, tidied(fmt.Errorf("%s: %w", where, err))
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, fmt.Errorf("%s: HTTP %d: %w", where, response.StatusCode, ErrKey)
	default:
		return nil, fmt.Errorf("%s: HTTP %d %s", where, response.StatusCode, http.StatusText(response.StatusCode))
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, tidied(fmt.Errorf("%s: %w", where, err))
	case len(text) > maxAnswer:
		return nil, fmt.Errorf("%s: the answer has more than %d MiB", where, maxAnswer>>20)
	}
	sample, err := Parse(bytes.NewReader(text), time.Now())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return sample, nil
}

// tidied is err without what a server may have put into its text.
func tidied(err error) error {
	if text := clean(err.Error(), 300); text != err.Error() {
		return errors.New(text)
	}
	return err
}
