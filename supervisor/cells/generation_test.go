package cells

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
)

// A lack of descriptors in hotcell is no reason to replace a zygote.
func TestWantOfDescriptorsIsNotTheZygotesFault(t *testing.T) {
	for _, c := range []struct {
		err    error
		blamed bool
	}{
		{fmt.Errorf("pipe: %w", syscall.EMFILE), false}, {fmt.Errorf("socketpair: %w", syscall.ENFILE), false},
		{fmt.Errorf("send SPAWN: %w", syscall.ETOOMANYREFS), false},
		{errors.New("isolate: mount: it fails"), true},
	} {
		t.Run(c.err.Error(), func(t *testing.T) {
			g := &generation{worn: make(chan struct{})}
			failures := failuresToReplace - 1
			for range failures {
				new(Profile).noteFailure(g, c.err)
			}
			if !c.blamed {
				failures = 0
			}
			if g.failures != failures {
				t.Errorf("%d failures are counted, want %d", g.failures, failures)
			}
		})
	}
}
