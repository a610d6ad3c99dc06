package panics_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotcell/hotcell/internal/panics"
)

func TestAPanicIsAnErrorWithItsPlace(t *testing.T) {
	told := make(chan error, 1)
	go func() {
		defer panics.Caught(func(err error) { told <- err })
		panic("thrown")
	}()
	err := <-told
	if text := err.Error(); !panics.Is(fmt.Errorf("ask: %w", err)) || !strings.HasPrefix(text, "panic: thrown\n") || !strings.Contains(text, "panics_test.go:") {
		t.Errorf("%v", err)
	}
}

func TestWithoutAPanicNothingIsTold(t *testing.T) {
	func() {
		defer panics.Caught(func(err error) { t.Error(err) })
	}()
	if panics.Is(nil) || panics.Is(fmt.Errorf("x")) {
		t.Error("what is no panic was taken for one")
	}
}
