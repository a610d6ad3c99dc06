package supervisor

import (
	"context"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// The ids of the sessions behind a drop-in API are hotcell's own: its clients have never
// seen them, and no error tells them one.
func TestErrorsOfDropInAPIsNameNoSession(t *testing.T) {
	s, handler := withFakeCells(t, fakeProfile{})
	s.inside = handler
	const secret = "azure-01234567-89ab-4def-8123-456789abcdef"
	variable := regexp.MustCompile(`\{[^{}]*\}`)
	for _, a := range s.apis {
		for _, route := range a.Routes { // of a session that is not there
			path := "/compat/" + a.Name + variable.ReplaceAllString(route.Path, strings.TrimPrefix(secret, "azure-")) + "?identifier=mine"
			w := httptest.NewRecorder()
			r := httptest.NewRequest(route.Method, "http://localhost"+path, strings.NewReader("{"))
			r.Header.Set("E2b-Sandbox-Id", "imine")
			handler.ServeHTTP(w, r)
			if told := w.Body.String(); strings.Contains(told, "session \\\"") || strings.Contains(told, a.Name+"-") {
				t.Errorf("%s %s: %s", route.Method, path, told)
			}
		}
		for _, call := range []string{"GET ", "PATCH ", "DELETE ", "POST /execute", "POST /interrupt", "GET /files", "GET /files/a", "PUT /files/a", "DELETE /files/a"} {
			method, rest, _ := strings.Cut(call, " ") // what an API asks when its session has ended meanwhile
			w := httptest.NewRecorder()
			r := httptest.NewRequest(method, "http://localhost/sessions/"+secret+rest, strings.NewReader("{}"))
			outer := &exchange{api: a.Name}
			outer.party = s.partyOf(r, outer)
			handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, outer)))
			if told := w.Body.String(); w.Code != 404 || strings.Contains(told, secret) {
				t.Errorf("%s: %s: %d %s", a.Name, call, w.Code, told)
			}
		}
	}
}
