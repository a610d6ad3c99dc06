package supervisor

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/supervisor/api"
	"github.com/hotcell/hotcell/supervisor/budget"
	"github.com/hotcell/hotcell/supervisor/keys"
	"github.com/hotcell/hotcell/supervisor/line"
)

// One key's large bodies leave processors for those of other keys.
func TestOneKeyDoesNotTakeAllTurns(t *testing.T) {
	s := &Service{turns: newTurns()}
	greedy, quiet := &exchange{party: keys.Party{Party: line.Unbounded("greedy")}}, &exchange{party: keys.Party{Party: line.Unbounded("quiet")}}
	release := make(chan struct{})
	var all sync.WaitGroup
	for range 10 * budget.Turns() {
		all.Go(func() {
			if err := s.turn(t.Context(), greedy, turnBytes, func() { <-release }); err != nil {
				t.Error(err)
			}
		})
	}
	for s.turns.Count().Running < budget.Turns()/2 {
		runtime.Gosched() // they are on their way
	}
	done := false
	if err := s.turn(t.Context(), quiet, turnBytes, func() { done = true }); err != nil || !done {
		t.Errorf("the other key: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(api.ErrClientGone)
	if err := s.turn(ctx, greedy, turnBytes, func() { t.Error("done for nobody") }); !errors.Is(err, api.ErrClientGone) {
		t.Errorf("one who is gone: %v", err)
	}
	if err := s.turn(ctx, greedy, turnBytes-1, func() { done = false }); err != nil || done {
		t.Errorf("little work: %v", err)
	}
	close(release)
	all.Wait()
}
