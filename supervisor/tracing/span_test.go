package tracing_test

import (
	"maps"
	"testing"

	"github.com/hotcell/hotcell/supervisor/tracing"
)

func TestARequestsEnvironmentIsNotChangedBesideIt(t *testing.T) {
	given := map[string]string{"A": "b"}
	with := tracing.WithParent(given, "parent")
	if !maps.Equal(with, map[string]string{"A": "b", "TRACEPARENT": "parent"}) || len(given) != 1 {
		t.Errorf("%v from %v", with, given)
	}
}
