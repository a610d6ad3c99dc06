package azure

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/client"
	"github.com/hotcell/hotcell/compat"
)

// empty is a hotcell without sessions.
type empty struct {
	compat.Service
	asked *[]string
}

func (e empty) Authorization() string  { return "" }
func (e empty) Var(string) string      { return "a.txt" }
func (e empty) MaxWait() time.Duration { return time.Second }
func (e empty) Limits() compat.Limits  { return compat.Limits{} }

func (e empty) RoundTrip(r *http.Request) (*http.Response, error) {
	*e.asked = append(*e.asked, r.Method)
	return &http.Response{
		StatusCode: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/problem+json"}},
		Body: io.NopCloser(strings.NewReader(`{"code":"not_found","status":404,"detail":"there is no such session"}`)),
	}, nil
}

// Pages of other sites may send a GET, which nothing precedes.
func TestAGETMakesNoSession(t *testing.T) {
	var asked []string
	c := compat.NewCaller(empty{asked: &asked}, time.Second)
	r := httptest.NewRequest("GET", "/files?identifier=a", http.NoBody)
	w := httptest.NewRecorder()
	if err := list(w, r, c); err != nil || w.Body.String() != `{"value":[]}` {
		t.Errorf("%s, %v", w.Body, err)
	}
	var p *client.Problem
	if err := download(w, r, c); !errors.As(err, &p) || p.Status != http.StatusNotFound {
		t.Errorf("%v", err)
	}
	for _, method := range asked {
		if method != "GET" {
			t.Errorf("asked %q", asked)
		}
	}
}

func TestAResultIsNotDecodedToBeShown(t *testing.T) {
	for result, want := range map[string]bool{`"a"`: true, `-1.50`: true, `0`: true, `[1]`: false, `{"a":1}`: false, `null`: false, `true`: false, ``: false} {
		if got := resultOf(&client.Answer{Result: []byte(result)}); (got != any("")) != want {
			t.Errorf("%s is shown as %v", result, got)
		}
	}
	large := &client.Answer{Result: []byte("[" + strings.Repeat("{},", 10_000) + "{}]")}
	if made := testing.AllocsPerRun(1, func() { resultOf(large) }); made > 100 {
		t.Errorf("%v values were made of a result", made)
	}
}
