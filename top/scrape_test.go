package top_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/top"
)

func TestAScrapeSendsTheKeyAndOnlyToItsServer(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("somebody else got %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/metrics":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case r.Header.Get("Authorization") != "Bearer right":
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"type":"about:blank","title":"Forbidden","status":403,"detail":"no\u001b[31m right","code":"forbidden","request_id":"1","error":{"type":"Refused","message":"no","line":null}}`))
		default:
			_, _ = w.Write([]byte("hotcell_running 3\n"))
		}
	}))
	defer server.Close()
	for _, c := range []struct {
		address, key string
		want         string // part of the error; empty: none
	}{
		{server.URL, "right", ""},
		{server.URL + "/metrics", "right", ""},
		{server.URL + "/", "right", ""},
		{server.URL, "wrong", "HTTP 403"},
		{server.URL, "", "HTTP 403"},
		{server.URL + "/other", "right", "HTTP 302"},
	} {
		source, err := top.NewSource(c.address, c.key)
		if err != nil {
			t.Fatal(err)
		}
		sample, err := source.Scrape(t.Context())
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.address, err)
		case c.want == "":
			same(t, "running", top.NewView("", nil, sample).Running, 3)
		case err == nil || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want %s", c.address, err, c.want)
		case strings.Contains(c.want, "403") && (!errors.As(err, new(*client.Problem)) || strings.Contains(err.Error(), "\x1b")):
			t.Errorf("%q is not the server's refusal, or not printable", err)
		}
	}
}

func TestAnAnswerIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		line := bytes.Repeat([]byte("# a comment that goes on and on\n"), 1<<15)
		for range 12 {
			_, _ = w.Write(line)
		}
	}))
	defer server.Close()
	source, err := top.NewSource(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.Scrape(t.Context()); err == nil || !strings.Contains(err.Error(), "more than 8 MiB") {
		t.Errorf("%v", err)
	}
}

func TestASourceIsAServer(t *testing.T) {
	for _, c := range []struct{ address, key string }{
		{"", ""}, {"127.0.0.1:8080", ""}, {"ftp://127.0.0.1", ""}, {"http://", ""}, {"http://a\x1b", ""}, {"http://a", "two\nlines"},
	} {
		if _, err := top.NewSource(c.address, c.key); err == nil {
			t.Errorf("%q with key %q is taken", c.address, c.key)
		}
	}
}
