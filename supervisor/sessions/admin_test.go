package sessions_test

import (
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/supervisor/sessions"
)

// Each of them may wait for the fleet.
func TestSessionsAreRemovedAtOnce(t *testing.T) {
	const count = 3
	registry := sessions.New(count, func(sessions.End) {})
	t.Cleanup(registry.Close)
	var free sync.WaitGroup
	free.Add(count)
	for _, id := range []string{"a", "b", "c"} {
		cfg := lasting
		cfg.ID, cfg.Free = id, func(bool) { free.Done(); free.Wait() } // all at the same time
		if err := registry.Reserve(cfg.Place, count); err != nil {
			t.Fatal(err)
		}
		if _, err := registry.Add(cfg, newFakeCell()); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := registry.Remove(httptest.NewRequest("DELETE", "/admin/sessions", nil)); removed != count || err != nil {
		t.Error(removed, err)
	}
}
