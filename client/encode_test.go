package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/client"
)

func TestAScriptIsNotEscapedForPages(t *testing.T) {
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = append(sent, string(body))
	}))
	defer server.Close()
	c, err := client.New(server.URL, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Execute(t.Context(), client.Request{Script: "1 <> 2 & 3"}) // the answer is none
	_, _ = c.Stream(t.Context(), client.Request{Script: "1 <> 2 & 3"})
	if len(sent) != 2 || strings.Join(sent, "\n") != `{"script":"1 <> 2 & 3"}`+"\n"+`{"script":"1 <> 2 & 3"}` {
		t.Errorf("%q", sent)
	}
}
