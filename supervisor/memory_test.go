package supervisor

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/hotcell/hotcell/nsjail"
)

// One key's large bodies leave processors to those of others.
func TestOneKeyDoesNotTakeAllTurns(t *testing.T) {
	s := &Service{turns: newTurns()}
	greedy, quiet := &exchange{party: (&Key{Name: "greedy", share: 1}).party()}, &exchange{party: (&Key{Name: "quiet", share: 1}).party()}
	release := make(chan struct{})
	var all sync.WaitGroup
	for range 10 * turns() {
		all.Go(func() {
			if err := s.turn(t.Context(), greedy, turnBytes, func() { <-release }); err != nil {
				t.Error(err)
			}
		})
	}
	for s.turns.Count().Running < turns()/2 {
		runtime.Gosched() // they are on their way
	}
	done := false
	if err := s.turn(t.Context(), quiet, turnBytes, func() { done = true }); err != nil || !done {
		t.Errorf("the other key: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errClientGone)
	if err := s.turn(ctx, greedy, turnBytes, func() { t.Error("done for nobody") }); !errors.Is(err, errClientGone) {
		t.Errorf("one who is gone: %v", err)
	}
	if err := s.turn(ctx, greedy, turnBytes-1, func() { done = false }); err != nil || done {
		t.Errorf("little work: %v", err)
	}
	close(release)
	all.Wait()
}

func TestTheCostOfARequestCoversWhatItsLimitsAllow(t *testing.T) {
	l := DefaultConfig().Profile.Max
	job := nsjail.Job{Limits: l, Collect: []string{"*"}, Env: map[string]string{"A": "b"}}
	v := nsjail.Verdict{Stdout: make([]byte, l.OutputBytes), Stderr: make([]byte, l.OutputBytes), Result: make([]byte, l.ResultBytes)}
	r := &reply{verdict: v}
	if held := r.held(); held+l.FilesBytes > cost(job).Bytes {
		t.Errorf("%d bytes are held, and %d were set aside", held, cost(job).Bytes)
	}
	if plain := (nsjail.Job{Limits: l}); cost(plain).Bytes >= cost(job).Bytes-l.FilesBytes {
		t.Errorf("%d bytes without files, %d with", cost(plain).Bytes, cost(job).Bytes)
	}
}

func TestEveryDefaultRequestFitsIntoTheMemoryOfASmallMachine(t *testing.T) {
	cfg := DefaultConfig()
	memory, err := cfg.Memory()
	if err != nil {
		t.Fatal(err)
	}
	if most := cost(nsjail.Job{Limits: cfg.Profile.Default, Collect: []string{"*"}}).Bytes; memory.Answers < 2*most {
		t.Errorf("%+v, and one takes %d", memory, most)
	}
	cfg.MaxMemory = 100 << 20
	if _, err := cfg.Memory(); err == nil {
		t.Error("100 MiB are taken for enough")
	}
}
