package dropin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hotcell/hotcell/internal/panics"
	"github.com/hotcell/hotcell/supervisor/config"
	"github.com/hotcell/hotcell/supervisor/dropin"
	"github.com/hotcell/hotcell/supervisor/line"
)

// caller returns a caller of a service that is a handler, with so many bytes for its memory.
func caller(t *testing.T, l *line.Line, handler http.HandlerFunc) *dropin.Caller {
	t.Helper()
	cfg := config.Default()
	cfg.CompatMaxWait = 20 * time.Millisecond
	c, done, err := dropin.Open(dropin.Config{
		Service: cfg, Line: l, Party: line.Unbounded("a"), Handler: handler, Context: func(ctx context.Context) context.Context { return ctx },
		Explain: func(_ context.Context, err error) error { return err }, W: httptest.NewRecorder(), R: httptest.NewRequest("POST", "/", nil),
	}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		done()
		if held := l.Count().Reserved; held != 0 {
			t.Errorf("%d bytes are held at the end", held)
		}
	})
	return c
}

const mib = 1 << 20

func memory(bytes int64) *line.Line { return line.New(line.Config{Places: 1, Reserved: bytes}) }

func ask(t *testing.T, ctx context.Context, c *dropin.Caller) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", "http://hotcell/execute", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return c.RoundTrip(r)
}

func TestAnAnswerIsReadAsItIsWritten(t *testing.T) {
	read := make(chan struct{})
	c := caller(t, memory(mib), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = io.WriteString(w, "first\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-read
		_, _ = io.WriteString(w, "second\n")
	})
	answer, err := ask(t, t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, len("first\n"))
	if _, err := io.ReadFull(answer.Body, first); err != nil || string(first) != "first\n" {
		t.Errorf("%q %v", first, err)
	}
	close(read)
	if rest, err := io.ReadAll(answer.Body); err != nil || string(rest) != "second\n" {
		t.Errorf("%q %v", rest, err)
	}
	_ = answer.Body.Close()
}

func TestARequestEndsWithItsContextOrItsBody(t *testing.T) {
	begun, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	waits := func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if r.Header.Get("Begin") != "" {
			w.WriteHeader(http.StatusOK)
		}
		<-r.Context().Done()
		ended <- struct{}{}
	}
	c := caller(t, memory(mib), waits)
	ctx, hangUp := context.WithCancelCause(t.Context())
	why := errors.New("gone")
	go func() { <-begun; hangUp(why) }()
	if _, err := ask(t, ctx, c); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
	<-ended
	r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://hotcell/", nil)
	r.Header.Set("Begin", "yes")
	answer, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // waits for the handler
	select {
	case <-ended:
	default:
		t.Error("the request goes on after its body was closed")
	}
}

func TestWhatIsDecodedCountsAndWhatIsPassedOnDoesNot(t *testing.T) {
	for kind, whole := range map[string]bool{"application/json": false, "application/octet-stream": true} {
		text := strings.Repeat("x", mib)
		c := caller(t, memory(mib), func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = io.WriteString(w, text)
		})
		answer, err := ask(t, t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		if (err == nil) != whole || (string(got) == text) != whole {
			t.Errorf("%s: %d bytes, %v", kind, len(got), err)
		}
		_ = answer.Body.Close()
	}
}

func TestAnAnswerThatIsShorterThanItSaidIsNotTakenForAWholeOne(t *testing.T) {
	for said, want := range map[string]error{"2": io.ErrUnexpectedEOF, "1": nil, "": nil} {
		c := caller(t, memory(mib), func(w http.ResponseWriter, _ *http.Request) {
			if said != "" {
				w.Header().Set("Content-Length", said)
			}
			_, _ = io.WriteString(w, "x")
		})
		answer, err := ask(t, t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(answer.Body); !errors.Is(err, want) || string(got) != "x" {
			t.Errorf("%q: %q, %v", said, got, err)
		}
		_ = answer.Body.Close()
	}
}

func TestAPartGivesItsMemoryBack(t *testing.T) {
	l := memory(mib)
	c := caller(t, l, func(http.ResponseWriter, *http.Request) {})
	before := l.Count().Reserved
	for range 5 {
		part, done := c.Part()
		if err := part.Hold(mib-before, time.Minute); err != nil {
			t.Error(err)
		}
		if err := c.Hold(1, 0); !errors.Is(err, line.ErrBytes) {
			t.Errorf("%v", err)
		}
		done()
	}
	if now := l.Count().Reserved; now != before {
		t.Errorf("%d bytes, before %d", now, before)
	}
}

func TestMemoryIsWaitedFor(t *testing.T) {
	l := memory(mib)
	other, err := l.Reserve(line.Unbounded("b"), mib)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := l.Reserve(line.Unbounded("a"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Release()
	if err := dropin.Grow(t.Context(), mine, 1, time.Now()); !errors.Is(err, line.ErrBytes) {
		t.Errorf("without time: %v", err)
	}
	time.AfterFunc(10*time.Millisecond, other.Release)
	if err := dropin.Grow(t.Context(), mine, mib, time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := fmt.Errorf("gone")
	cancel(why)
	if err := dropin.Grow(ctx, mine, mib, time.Now().Add(time.Hour)); !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

// A panic in what serves a request, beside its handler, is the error of who asked.
func TestAPanicIsTheErrorOfWhoAsked(t *testing.T) {
	for _, begins := range []bool{false, true} {
		c := caller(t, memory(mib), func(w http.ResponseWriter, _ *http.Request) {
			if begins {
				_, _ = io.WriteString(w, "begun")
			}
			panic("thrown")
		})
		answer, err := ask(t, t.Context(), c)
		if begins && err == nil {
			_, err = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
		}
		if !panics.Is(err) {
			t.Errorf("begun %v: %v", begins, err)
		}
	}
}
