package supervisor

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/compat"
)

// Every route of every drop-in API refuses what a page of another site may send, and what
// comes to another name, before it does anything.
func TestOtherSitesPagesReachNoDropInAPI(t *testing.T) {
	s, handler := withFakeCells(t, fakeProfile{})
	variable := regexp.MustCompile(`\{[^{}]*\}`)
	send := func(handler http.Handler, method, url string, headers ...string) string {
		r := httptest.NewRequest(method, url, strings.NewReader("{}"))
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Body.String()
	}
	for _, a := range s.apis {
		for _, route := range append(a.Routes, compat.Route{Method: "POST", Path: "/nothing"}) {
			path := variable.ReplaceAllString(route.Path, "x")
			for at, handler := range map[string]http.Handler{"/compat/" + a.Name: handler, "": s.rootOf(a)} {
				url := "http://localhost:8080" + at + path
				if told := send(handler, route.Method, strings.Replace(url, "localhost", "example.org", 1)); !strings.Contains(told, "not a name of this server") {
					t.Errorf("%s %s at another name: %s", route.Method, url, told)
				}
				from := [][]string{{"Origin", "http://example.org", "Upgrade", "websocket"}}
				if route.Method != "GET" {
					from = append(from, []string{"Origin", "http://example.org", "Content-Type", "text/plain"}, []string{"Origin", "null"}, []string{"Sec-Fetch-Site", "same-site"})
				}
				for _, headers := range from {
					if told := send(handler, route.Method, url, headers...); !strings.Contains(told, "cross-origin request") {
						t.Errorf("%s %s with %q: %s", route.Method, url, headers, told)
					}
				}
			}
		}
	}
}
