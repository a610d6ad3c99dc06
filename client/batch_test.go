package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hotcell/hotcell/client"
)

func batchServer(t *testing.T, serve http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// endless gives cases until the loop breaks.
func endless(yield func(client.BatchCase) bool) {
	for i := 0; yield(client.BatchCase{Stdin: fmt.Sprint(i)}); i++ {
	}
}

func TestABatchIsSentAsItIsRead(t *testing.T) {
	c := batchServer(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Script string
			Cases  []client.BatchCase
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Script != "x" || len(body.Cases) != 2 || r.ContentLength != -1 {
			t.Errorf("%v %+v, %d bytes", err, body, r.ContentLength)
		}
		_, _ = io.WriteString(w, ` {"script":0,"case":1,"verdict":"accepted","answer":{"status":"ok","stdout":"out"},"problem":null}`+"\n"+
			`{"script":0,"case":0,"verdict":"infra_error","answer":null,"problem":{"code":"internal"}}`+"\n"+
			`{"counts":{"accepted":1},"cases":2,"not_run":0,"problem":null}`+"\n")
	})
	batch, err := c.Batch(t.Context(), client.BatchRequest{Script: "x"}, func(yield func(client.BatchCase) bool) {
		_ = yield(client.BatchCase{Stdin: "a"}) && yield(client.BatchCase{Stdin: "b"})
	})
	if err != nil {
		t.Fatal(err)
	}
	var runs []client.BatchRun
	for run := range batch.Runs() {
		runs = append(runs, run)
	}
	summary, err := batch.Summary()
	if err != nil || summary.Cases != 2 || len(runs) != 2 || runs[0].Answer.Stdout != "out" || runs[1].Answer != nil || runs[1].Problem.Code != "internal" {
		t.Errorf("%v %+v %+v", err, summary, runs)
	}
}

func TestABatchThatIsRefusedOrCutTakesNoMoreCases(t *testing.T) {
	c := batchServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code":"invalid_request","detail":"no"}`)
			return
		}
		_, _ = io.WriteString(w, `{"script":0,"case":0,"verdict":"accepted","answer":null,"problem":null}`+"\n")
	})
	var refused *client.Problem
	if _, err := c.Batch(t.Context(), client.BatchRequest{Script: "x"}, endless); !errors.As(err, &refused) || refused.Code != client.CodeInvalidRequest {
		t.Errorf("%v", err)
	}
	batch, err := c.WithAuthorization("Bearer x").Batch(t.Context(), client.BatchRequest{Script: "x"}, func(yield func(client.BatchCase) bool) { yield(client.BatchCase{}) })
	if err != nil {
		t.Fatal(err)
	}
	for range batch.Runs() {
	}
	if _, err := batch.Summary(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

func TestCapacityIsReadAsItIsTold(t *testing.T) {
	c := batchServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"profiles":{"default":{"ready":1,"target":2}},"running":3,"waiting":4,"max_running":5,"suggested_concurrency":6}`)
	})
	told, err := c.Capacity(t.Context())
	if err != nil || told.Profiles["default"] != (client.CapacityProfile{Ready: 1, Target: 2}) || told.SuggestedConcurrency != 6 {
		t.Errorf("%v %+v", err, told)
	}
}
