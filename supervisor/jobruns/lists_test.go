package jobruns

import (
	"context"
	"errors"
	"testing"

	"github.com/hotcell/hotcell/internal/testkit"
)

// A key whose lists take long delays its own lists, not those of others.
func TestAKeyReadsOneListAtATime(t *testing.T) {
	l := lists{all: make(chan struct{}, 2)}
	leave, err := l.enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error)
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		_, err := l.enter(ctx, "a")
		second <- err
	}()
	testkit.Eventually(t, "the second list waits", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.own["a"].users == 2
	}, nil)
	others, err := l.enter(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	cancel(gone)
	if err := <-second; !errors.Is(err, gone) {
		t.Errorf("the second list of a: %v", err)
	}
	leave()
	others()
	if leave, err = l.enter(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	leave()
	if len(l.own) != 0 || len(l.all) != 0 {
		t.Errorf("%d owners and %d lists are left", len(l.own), len(l.all))
	}
}
