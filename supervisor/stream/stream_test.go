package stream

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/hotcell/hotcell/internal/panics"
)

func TestTheAcceptHeaderChoosesTheForm(t *testing.T) {
	for accept, want := range map[string]string{
		"":                                "",
		"*/*":                             "",
		"application/json":                "",
		"text/html":                       "",
		"text/event-stream":               "text/event-stream",
		"application/x-ndjson, */*;q=0.1": "application/x-ndjson",
		"text/event-stream;q=0.5, application/json":          "",
		"application/json;q=0.5, Text/Event-Stream;q=0.6":    "text/event-stream",
		"text/event-stream, application/x-ndjson":            "text/event-stream",
		"text/event-stream;q=0.2, application/x-ndjson;q=.9": "application/x-ndjson",
		"text/event-stream;q=0":                              "",
		"text/event-stream;q=x, nonsense":                    "",
	} {
		format := Wanted(http.Header{"Accept": {accept}})
		if got := format; (got == nil) != (want == "") || got != nil && got.contentType != want {
			t.Errorf("%q: %+v, want %q", accept, got, want)
		}
	}
}

func TestCharactersAreNotCutInTwo(t *testing.T) {
	for text, want := range map[string]int{
		"":                 0,
		"abc":              3,
		"ü":                2,
		"a\xc3":            1,
		"a\xe2\x82":        1,
		"a\xe2":            1,
		"\xf0\x9f\x98":     0,
		"\xf0\x9f\x98\x80": 4,
		"a\xff":            2, // never becomes a character
		"\x80\x80\x80":     3,
		"a\xf0\x80\x80":    4, // nor does this
	} {
		if got := completeUTF8([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// breaking is an answer that cannot be written.
type breaking struct{ http.ResponseWriter }

func (breaking) Write([]byte) (int, error) { panic("broken") }

// What keeps a stream open runs beside its handler.
func TestAPanicEndsItsOwnStream(t *testing.T) {
	ctx, gone := context.WithCancelCause(t.Context())
	s := New(Wanted(http.Header{"Accept": {"text/event-stream"}}), breaking{httptest.NewRecorder()}, gone)
	s.KeepOpen()
	if why := context.Cause(ctx); !panics.Is(why) {
		t.Errorf("the request ends with %v", why)
	}
}
